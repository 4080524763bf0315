"""The command line. Each command is a few lines; what it does is in the room that owns it."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows import release_commands, warehouse_commands
from flows.options import BUNDLED, HomeOption, JsonOption, SurveyOption
from schemas.errors import KinscaleError
from schemas.reason import Reason, ReasonCode
from warehouse.home import CHECKOUT, Home

app = typer.Typer(
    name="kinscale",
    help="Survey estimation for hidden populations that are counted through families.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
quarantine = typer.Typer(help="Rows that did not pass.", no_args_is_help=True)
app.add_typer(quarantine, name="quarantine")


@app.command(epilog="Example: ./kinscale run --home /srv/kinscale")
def run(
    survey: SurveyOption = BUNDLED,
    home: HomeOption = None,
    direct: Annotated[bool, typer.Option("--direct", help="Run the same steps without Prefect.")] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why numbers change, where the gate asks for it; stored and shown.")
    ] = None,
    reason_code: Annotated[
        ReasonCode | None, typer.Option("--reason-code", help="Kind of reason; else it follows from what differs.")
    ] = None,
) -> None:
    """Run the main job: pull, validate, land, estimate, publish. Prints our numbers beside the published ones."""
    from flows import terminal
    from schemas import declaration

    if reason_code and not reason:
        raise typer.BadParameter("give the reason in words as well: --reason TEXT", param_hint="--reason-code")
    why = Reason(reason, reason_code) if reason else None
    folder = Home.find(home)
    chosen = declaration.load(survey)
    if direct:
        import logging

        from flows import direct as plain

        with terminal.Progress():
            outcome = plain.run(chosen, folder, logging.getLogger("kinscale").info, why)
    else:
        from flows import orchestration

        outcome = orchestration.run(survey, str(folder.root), why)
    terminal.show(outcome)
    terminal.flush()
    raise typer.Exit(outcome.exit_code)


@app.command(
    epilog='Example: ./kinscale sql "SELECT country, estimate, ci_low, ci_high FROM national_estimates LIMIT 5"'
)
def sql(
    query: Annotated[str, typer.Argument(help="A query.")], home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Query the latest release, read-only."""
    from warehouse import query as queries

    with queries.run(_latest(Home.find(home)) / "results.duckdb", query) as answer:
        if as_json:
            print(json.dumps(answer.records(), default=str, ensure_ascii=False))
        else:
            print(answer.drawn(_width()), end="")


@app.command(epilog="Example: duckdb $(./kinscale where)/results.duckdb")
def where(home: HomeOption = None) -> None:
    """Print the path of the latest release."""
    print(_latest(Home.find(home)))


@app.command(epilog="Example: ./kinscale sources --survey central_asia_2009")
def sources(survey: SurveyOption = BUNDLED, as_json: JsonOption = False) -> None:
    """List what a survey declares: countries, files, formats."""
    from schemas import declaration

    rows = [{"country": s.country, "path": s.path, **dict(s.reader)} for s in declaration.load(survey).sources]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, default=str))
        return
    for row in rows:
        country, path, *reader = row.values()
        print(f"{country}  {path:<24} {' '.join(str(part) for part in reader)}")


@app.command(epilog="Example: ./kinscale sample central_asia_2009 --to raw_files")
def sample(
    name: Annotated[str, typer.Argument(help="Which sample: central_asia_2009.")],
    to: Annotated[Path, typer.Option("--to", help="Folder to write into; made when it is not there.")] = Path("sample"),
) -> None:
    """Make raw survey files with known truth."""
    from samples import catalogue

    for path in catalogue.write(name, to.resolve()):
        print(path)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog="Example: ./kinscale test -k pennington",
)
def test(context: typer.Context) -> None:
    """Run the test suite; what follows is handed to pytest."""
    import subprocess

    call = [
        sys.executable,
        "-m",
        "pytest",
        "--rootdir",
        str(CHECKOUT),
        "-c",
        str(CHECKOUT / "pyproject.toml"),
        *context.args,
    ]
    raise typer.Exit(subprocess.run(call, cwd=CHECKOUT, check=False).returncode)


@app.command(epilog="Example: ./kinscale lists samples/victim_lists/united_kingdom_2013.csv")
def lists(
    file: Annotated[Path, typer.Argument(help="CSV: a column of 0 and 1 per list and `count`, or a row per person.")],
    ignore: Annotated[list[str] | None, typer.Option(help="A column that is no list; may be repeated.")] = None,
    delimiter: Annotated[str, typer.Option(help="What separates cells.")] = ",",
    replicates: Annotated[int, typer.Option(min=0, max=10_000, help="Of the bootstrap; 0 leaves it out.")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 2009,
    as_json: JsonOption = False,
) -> None:
    """Estimate how many victims are on no list, from how lists overlap: a set of models with their limits."""
    from flows import lists_table, terminal
    from tasks import lists as listing

    options = {"replicates": replicates, "seed": seed}
    with terminal.Progress(f"fitting models to {file.name}, {replicates} replicates"):
        found = listing.estimate(file, ignore or (), delimiter, options)
    if as_json:
        print(json.dumps(found.record, ensure_ascii=False))
    else:
        lists_table.show(found)


@app.command(epilog="Example: ./kinscale benchmark --rows 11000 --rows 1000000 --limit 300")
def benchmark(
    rows: Annotated[list[int] | None, typer.Option(min=1000, help="Families; may be repeated; default 11000.")] = None,
    svy_python: Annotated[str | None, typer.Option(help="A Python that has svy; without it svy stays out.")] = None,
    r: Annotated[bool, typer.Option("--r/--no-r", help="R survey takes part when it is installed.")] = True,
    replicates: Annotated[bool, typer.Option("--replicates", help="Also time 500 Rao-Wu replicates of ours.")] = False,
    repeat: Annotated[int, typer.Option(min=1, help="Runs of each, of which the median counts.")] = 3,
    limit: Annotated[float, typer.Option(min=1, help="Seconds after which a run is given up.")] = 120,
    home: HomeOption = None,
) -> None:
    """Time the design-based table beside R survey and svy: wall, processor, memory. Ends with 1 if numbers differ."""
    from benchmarks import design_table

    sizes = [str(size) for size in rows or [11_000]]
    options = ["--rows", *sizes, "--repeat", str(repeat), "--limit", str(limit)]
    options += ["--data", str(Home.find(home).root / "benchmarks")]
    options += ["--svy-python", svy_python] if svy_python else []
    options += ["--replicates"] if replicates else []
    options += [] if r else ["--no-r"]
    raise typer.Exit(design_table.main(options))


@quarantine.command("list", epilog="Example: ./kinscale quarantine list --survey central_asia_2009")
def quarantine_list(survey: SurveyOption = BUNDLED, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Count the refused rows by file and rule, with the days since the first came."""
    from warehouse import quarantined

    rows = quarantined.counts(Home.find(home), survey)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, default=str))
        return
    for row in rows:
        age = f"open {row['days']} days  e.g. {row['example']}"
        print(f"{row['country']}  {row['file']:<20} {row['rule']:<28} {row['rows']:>6,}  {age}")
    print(f"{sum(row['rows'] for row in rows):,} rows")


@quarantine.command("show", epilog="Example: ./kinscale quarantine show 3f2a-214")
def quarantine_show(
    row: Annotated[str, typer.Argument(help="Name of a row, as `list` and messages give it.")], home: HomeOption = None
) -> None:
    """Show one refused row: why, and the row as it was delivered."""
    from warehouse import quarantined

    for line in quarantined.show(Home.find(home), row):
        print(line)


release_commands.register(app)
warehouse_commands.register(app)


def _latest(home: Home) -> Path:
    if not home.latest.exists():
        if any(home.releases.glob("*.withdrawn.json")):
            raise KinscaleError(
                "no release is in force: what there was is withdrawn.",
                file=str(home.releases),
                next_step="What there was: ./kinscale releases",
            )
        raise KinscaleError("there is no release yet.", file=str(home.releases), next_step="Make one: ./kinscale run")
    return home.latest.resolve()


def _width() -> int:
    import shutil

    return shutil.get_terminal_size((200, 24)).columns


def main() -> None:
    """Run a command; an error of kinscale's own is printed as a message, never as a traceback."""
    gc.set_threshold(
        100_000, 50, 50
    )  # most objects of a run live to its end: looking for dead ones costs half a second
    try:
        app(prog_name="./kinscale")
    except KinscaleError as error:
        from flows import terminal

        terminal.fail(error)
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
