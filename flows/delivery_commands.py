"""The commands about deliveries beside those before them: list, show."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.text import Text

from flows.console import say
from flows.options import BUNDLED, HomeOption, JsonOption, SurveyOption
from flows.table import STYLES, Column, draw
from schemas.counted import counted
from warehouse.home import Home

FILES = (
    Column("country"),
    Column("file"),
    Column("state", state=True),
    Column("rows", number=True),
    Column("came as"),
    Column("verdict", state=True),
    Column("sha256", spare=1),
    Column("beside", fold=True),
)


def register(app: typer.Typer) -> None:
    """Add the group of commands to a command line."""
    group = typer.Typer(help="Deliveries beside those before them.", no_args_is_help=True)
    group.command("list", epilog="Example: ./kinscale deliveries list --survey central_asia_2009")(list_files)
    group.command("show", epilog="Example: ./kinscale deliveries show KG_2009.csv")(show)
    app.add_typer(group, name="deliveries")


def list_files(
    survey: SurveyOption = BUNDLED,
    verdict: Annotated[str | None, typer.Option(help="Only files of this verdict: ok, warn or refuse.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the newest version of each file: whether it counts, and what the checks said beside the one before."""
    from schemas.delivery_checks import VERDICTS
    from warehouse import delivery_records

    if verdict is not None and verdict not in VERDICTS:
        raise typer.BadParameter(f"one of: {', '.join(VERDICTS)}", param_hint="--verdict")
    _check_survey(survey)
    rows = [row for row in delivery_records.every(Home.find(home), survey) if verdict in (None, row["verdict"])]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, default=str))
        return
    draw(
        FILES,
        [
            (
                row["country"],
                row["file"],
                row["state"],
                f"{row['rows_read']:,}",
                row["kind"] or "first",
                row["verdict"],
                row["sha256"][:12],
                row["beside"],
            )
            for row in rows
        ],
    )
    say(counted(len(rows), "file"))


def show(
    file: Annotated[str, typer.Argument(help="Name of a file, or its address as `list --json` gives it.")],
    survey: SurveyOption = BUNDLED,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one file: each check with its value and thresholds, what changed inside, and what the file looks like."""
    from schemas.errors import KinscaleError
    from warehouse import delivery_records

    _check_survey(survey)
    folder = Home.find(home)
    found = delivery_records.show(folder, survey, file)
    if not found:
        names = sorted({row["file"] for row in delivery_records.every(folder, survey)})
        raise KinscaleError(
            f'no file that was taken in or refused is "{file}".',
            expected=f"one of: {', '.join(names[:10])}" if names else None,
            next_step=f"All of them: ./kinscale deliveries list --survey {survey}",
        )
    if as_json:
        print(json.dumps(found, ensure_ascii=False, default=str))
        return
    for row in found:
        _show(row)


def _show(row: dict[str, Any]) -> None:
    from schemas import delivery_checks

    say(f"{row['country']}  {row['file']}  {row['state']}, {row['rows_read']:,} rows, {row['sha256']}")
    say(f"Since {row['loaded_at']:%Y-%m-%d %H:%M} UTC  {row['beside'] or 'nothing before it to compare with'}")
    for finding in row["findings"]:
        title = delivery_checks.checks()[finding["check_id"]].title
        limits = [f"{name} above {finding[name]:g}" for name in ("warn", "refuse") if finding[name] is not None]
        print()
        label = Text(finding["verdict"], style=STYLES.get(finding["verdict"], ""))
        say(f"{finding['check_id']}: {title}", label, 7)
        say(f"{finding['value']:.3g} ({', '.join(limits) or 'no threshold'}); {finding['detail']}", indent=7)
        if finding["accepted"]:
            say(finding["accepted"], indent=7)
    inside = [
        (
            change["column_name"] or change["kind"].replace("_", " "),
            f"{change['number']:,}",
            "; ".join(_example(example) for example in change["examples"]),
        )
        for change in row["changes"]
    ]
    if inside:
        print()
        draw((Column("inside"), Column("changes", number=True), Column("as", fold=True)), inside)
    profile = [
        (
            part["measure"],
            part["category"],
            part["value"] if isinstance(part["value"], str) else f"{part['value']:,.6g}",
        )
        for part in row["profile"]
    ]
    if profile:
        print()
        draw((Column("what it looks like"), Column("of", fold=True), Column("value", number=True)), profile)


def _example(example: list[Any]) -> str:
    if len(example) == 1:
        return str(example[0])
    before, after = ("nothing" if cell is None else str(cell) for cell in example[1:])
    return f"{example[0]} from {before} to {after}"


def _check_survey(survey: str) -> None:
    from schemas import declaration

    if survey not in declaration.names():
        declaration.load(survey)  # which says the surveys that there are
