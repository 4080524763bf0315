"""The command line. Each command is a few lines; what it does is in the room that owns it."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows import (
    backfill_commands,
    completion,
    delivery_commands,
    doctor,
    documentation,
    fieldwork_commands,
    install_command,
    key_commands,
    quarantine_commands,
    release_commands,
    serve,
    sql_commands,
    survey_commands,
    warehouse_commands,
)
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
        from flows import direct as plain
        from flows.after_night import accompany

        with terminal.Progress():
            outcome = accompany(survey, folder, lambda say: plain.run(chosen, folder, say, why))
    else:
        from flows import orchestration

        outcome = orchestration.run(survey, str(folder.root), why)
    terminal.show(outcome)
    terminal.flush()
    raise typer.Exit(outcome.exit_code)


@app.command(epilog="Example: ./kinscale sample central_asia_2009 --to raw_files")
def sample(
    name: Annotated[
        str, typer.Argument(help="Which sample: central_asia_2009 or new_country.", autocompletion=completion.samples)
    ],
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
    """Run the test suite, a process a core up to four; what follows is handed to pytest: -n 0 for a single one."""
    import subprocess

    side_by_side = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]
    side_by_side += ["--max-worker-restart", "0"]  # after a process died pytest-xdist may wait for ever for its tests
    where = ["--rootdir", str(CHECKOUT), "-c", str(CHECKOUT / "pyproject.toml")]
    call = [sys.executable, "-m", "pytest", *where, *side_by_side, *context.args]
    raise typer.Exit(subprocess.run(call, cwd=CHECKOUT, check=False).returncode)


@app.command(epilog="Example: ./kinscale lists samples/victim_lists/united_kingdom_2013.csv")
def lists(
    file: Annotated[Path, typer.Argument(help="CSV: a column of 0 and 1 per list and `count`, or a row per person.")],
    ignore: Annotated[list[str] | None, typer.Option(help="A column that is no list; may be repeated.")] = None,
    delimiter: Annotated[str, typer.Option(help="What separates cells.")] = ",",
    entries: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="KEY LIST", help="Each row is a person on one list: columns of the key and of the list."),
    ] = None,
    replicates: Annotated[int, typer.Option(min=0, max=10_000, help="Of the bootstrap; 0 leaves it out.")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 2009,
    as_json: JsonOption = False,
) -> None:
    """Estimate how many victims are on no list, from how lists overlap: a set of models with their limits."""
    from flows import lists_table, terminal
    from tasks import lists as listing

    options = {"replicates": replicates, "seed": seed}
    with terminal.Progress(f"fitting models to {file.name}, {replicates} replicates"):
        found = listing.estimate(file, ignore or (), delimiter, options, entries)
    if as_json:
        print(json.dumps(found.record, ensure_ascii=False))
    else:
        lists_table.show(found)


@app.command(epilog="Example: ./kinscale benchmark --rows 11000 --limit 300, or --files 5000, or --intake 1000000")
def benchmark(
    rows: Annotated[list[int] | None, typer.Option(min=1000, help="Families; may be repeated; default 11000.")] = None,
    svy_python: Annotated[str | None, typer.Option(help="A Python that has svy; without it svy stays out.")] = None,
    r: Annotated[bool, typer.Option("--r/--no-r", help="R survey takes part when it is installed.")] = True,
    replicates: Annotated[bool, typer.Option("--replicates", help="Also time 500 Rao-Wu replicates of ours.")] = False,
    repeat: Annotated[int, typer.Option(min=1, help="Runs of each, of which the median counts.")] = 3,
    limit: Annotated[float, typer.Option(min=1, help="Seconds after which a run is given up.")] = 120,
    files: Annotated[int | None, typer.Option(min=80, help="Time nights of so many small files instead.")] = None,
    intake: Annotated[int | None, typer.Option(min=1200, help="Time one file of so many interviews instead.")] = None,
    home: HomeOption = None,
) -> None:
    """Time the design-based table beside R survey and svy: wall, processor, memory. Ends with 1 if numbers differ.

    With --files: a first night of many small files, a night without news and one with three new files, each with and
    without Prefect. With --intake: one large CSV file from an HTTP server into the warehouse.
    """
    from benchmarks import delivery_files, design_table
    from benchmarks import intake as large_file

    if intake:
        data = str(Home.find(home).root / "benchmarks")
        raise typer.Exit(large_file.main(["--rows", str(intake), "--data", data, "--limit", str(10 * limit)]))
    if files:
        data = str(Home.find(home).root / "benchmarks")
        raise typer.Exit(delivery_files.main(["--files", str(files), "--data", data, "--limit", str(5 * limit)]))
    sizes = [str(size) for size in rows or [11_000]]
    options = ["--rows", *sizes, "--repeat", str(repeat), "--limit", str(limit)]
    options += ["--data", str(Home.find(home).root / "benchmarks")]
    options += ["--svy-python", svy_python] if svy_python else []
    options += ["--replicates"] if replicates else []
    options += [] if r else ["--no-r"]
    raise typer.Exit(design_table.main(options))


quarantine_commands.register(app)
delivery_commands.register(app)
release_commands.register(app)
sql_commands.register(app)
survey_commands.register(app)
serve.register(app)
backfill_commands.register(app)
doctor.register(app)
key_commands.register(app)
warehouse_commands.register(app)
completion.register(app)
documentation.register(app)
fieldwork_commands.register(app)
install_command.register(app)


def main() -> None:
    """Run a command; an error of kinscale's own is printed as a message, never as a traceback."""
    gc.set_threshold(
        100_000, 50, 50
    )  # most objects of a run live to its end: looking for dead ones costs half a second
    try:
        completion.ask()
        app(prog_name="./kinscale", complete_var=completion.VARIABLE)
    except KinscaleError as error:
        from flows import terminal

        terminal.fail(error)
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
