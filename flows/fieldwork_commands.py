"""The command about the interviewers' work: for the operator's own eyes, on the terminal and nowhere else."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows import completion
from flows.console import say
from flows.options import BUNDLED, HomeOption, JsonOption
from flows.table import Column, draw
from warehouse.home import Home

if TYPE_CHECKING:
    import pandas as pd

SHARES = ("zero_reports", "repeated", "repeated_reports", "near_duplicates", "heaping")
COLUMNS = (
    Column("country"),
    Column("region", spare=2),
    Column("interviewer"),
    Column("ngo", spare=9),
    Column("interviews", number=True),
    Column("settlements", number=True, spare=8),
    Column("most/day", number=True, spare=7),
    Column("no case", number=True, spare=3),
    Column("repeated", number=True, spare=4),
    Column("rep. with case", number=True, spare=5),
    Column("near-equal", number=True, spare=5),
    Column("0 or 5", number=True, spare=6),
    Column("relatives", number=True, spare=6),
    Column("cases", number=True, spare=6),
    Column("minutes", number=True, spare=6),
    Column("score", number=True),
    Column("stands out by", fold=True),
)
PLACES = (
    Column("country"),
    Column("interviewer"),
    Column("ngo", spare=2),
    Column("why", state=True),
    Column("score", number=True),
    Column("where", fold=True),
    Column("interviews", number=True, spare=1),
)


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command(epilog="Example: ./kinscale fieldwork central_asia_2009 --flags")(fieldwork)


def fieldwork(
    survey: Annotated[str, typer.Argument(help="Survey to look at.", autocompletion=completion.surveys)] = BUNDLED,
    flags: Annotated[bool, typer.Option("--flags", help="Only interviewers who stand out by some measure.")] = False,
    settlements: Annotated[
        bool, typer.Option("--settlements", help="One row per interviewer and settlement, with --csv or --json.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the back-checks that are drawn; else that of schemas/fieldwork.yaml.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Show how each interviewer worked beside the others of the region, and whom to visit again.

    Private: it names interviewers. Nothing of it goes to a log, a notice or a release.
    """
    from schemas import declaration
    from tasks import interviewers

    if as_json and as_csv:
        raise typer.BadParameter("give --json or --csv, not both")
    if settlements and not (as_json or as_csv):
        raise typer.BadParameter("needs --csv or --json", param_hint="--settlements")
    if survey not in declaration.names():
        declaration.load(survey)  # which says the surveys that there are
    work = interviewers.look(Home.find(home), survey, seed)
    rows = work.settlements if settlements else work.interviewers
    shown = rows[rows["flags"] != ""] if flags else rows
    if as_json:
        told = {"rows": _records(shown), "back_checks": _records(work.back_checks)}
        print(json.dumps(told, ensure_ascii=False, default=str))
    elif as_csv:
        _as_csv(shown)
    else:
        _draw(shown, work.back_checks, len(rows))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    import pandas as pd

    return [{name: None if pd.isna(cell) else cell for name, cell in row.items()} for row in frame.to_dict("records")]


def _as_csv(frame: pd.DataFrame) -> None:
    """Print the rows as a release's tables are written: nothing in them is a formula to a spreadsheet."""
    import pyarrow
    from pyarrow import csv

    from schemas.spreadsheet_text import neutralised_columns

    rows = neutralised_columns(pyarrow.Table.from_pandas(frame, preserve_index=False))
    sys.stdout.flush()
    csv.write_csv(rows, sys.stdout.buffer, csv.WriteOptions(quoting_style="needed"))


def _draw(shown: pd.DataFrame, back_checks: pd.DataFrame, number: int) -> None:
    say("Private: names of interviewers; not for a release.")
    draw(COLUMNS, [_line(row) for row in shown.to_dict("records")])
    standing_out = int((shown["flags"] != "").sum())
    say(f"{len(shown):,} of {number:,} rows, {standing_out:,} stand out; docs/fieldwork.md says what that can mean")
    print()
    draw(
        PLACES,
        [
            (
                row["country"], row["interviewer"], row["ngo"] or "", row["why"], f"{row['score']:.1f}",
                ", ".join((row["region"], row["district"], row["settlement"])), f"{row['interviews']:,}",
            )
            for row in back_checks.to_dict("records")
        ],
        "Visit again",
    )  # fmt: skip


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["country"],
        row["region"],
        row["interviewer"],
        row["ngo"] or "",
        f"{row['interviews']:,}",
        f"{row['settlements']:,}",
        f"{row['most_on_one_day']:,.0f}",
        *(_known(row[name], "{:.0%}") for name in SHARES),
        *(_known(row[name], "{:.2f}") for name in ("relatives", "cases")),
        _known(row["duration"], "{:.1f}"),
        f"{row['score']:.1f}",
        row["flags"].replace(";", ", "),
    )


def _known(number: float, form: str) -> str:
    return "" if math.isnan(number) else form.format(number)
