"""The commands about rows that did not pass: list, show, waive, replay."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from flows import completion
from flows.console import say
from flows.options import BUNDLED, HomeOption, JsonOption, SurveyOption
from flows.table import Column, draw
from schemas.counted import counted
from warehouse.home import Home

RowArgument = Annotated[str, typer.Argument(help="Name of a row, as `list` and messages give it.")]
COUNTS = (Column("rows", number=True), Column("oldest", number=True))
AGES = ("0-7", "8-30", "31-90", ">90 days")
"""The ages of rows, in days; in the same order as `warehouse.quarantined.AGES`."""
HISTORY = (
    Column("history"),
    Column("status", state=True),
    Column("rule"),
    Column("refused"),
    Column("closed", fold=True),
)
SHOWN = 40
"""Rows that a terminal shows after a replay; --json has the others."""


def register(app: typer.Typer) -> None:
    """Add the group of commands to a command line."""
    group = typer.Typer(help="Rows that did not pass.", no_args_is_help=True)
    examples: dict[str, tuple[Callable[..., None], str]] = {
        "list": (list_rows, "./kinscale quarantine list --survey central_asia_2009 --status all"),
        "show": (show, "./kinscale quarantine show 3f2a9c01-214"),
        "waive": (
            waive,
            './kinscale quarantine waive 3f2a9c01-214 --by "field office Osh" --reason "visited again" '
            "--until 2027-06-30",
        ),
        "replay": (replay, "./kinscale quarantine replay 3f2a9c01-214"),
    }
    for name, (command, example) in examples.items():
        group.command(name, epilog=f"Example: {example}")(command)
    app.add_typer(group, name="quarantine")


def list_rows(
    survey: SurveyOption = BUNDLED,
    status: Annotated[
        str,
        typer.Option(help="open, all, or another status of docs/operations.md.", autocompletion=completion.statuses),
    ] = "open",
    rule: Annotated[str | None, typer.Option(help="Only rows refused by this rule.")] = None,
    country: Annotated[
        str | None, typer.Option(help="Only rows of this country.", autocompletion=completion.countries)
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the refused rows by file and rule, with the days since they came, and in all by rule."""
    from schemas import declaration
    from warehouse import quarantined
    from warehouse.life_cycle import STATUSES

    if status not in ("all", *STATUSES):
        raise typer.BadParameter(f"one of: all, {', '.join(STATUSES)}", param_hint="--status")
    if survey not in declaration.names():
        declaration.load(survey)  # which says the surveys that there are
    rows = quarantined.counts(Home.find(home), survey, status, rule, country)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, default=str))
        return
    if rows:
        _show_counts(rows, status)
    say(counted(sum(row["rows"] for row in rows), "row"))
    _show_drift(Home.find(home), survey, country)


def _show_counts(rows: list[dict[str, Any]], status: str) -> None:
    from warehouse import quarantined

    ages = tuple(Column(name, number=True, spare=9 - place) for place, name in enumerate(AGES))
    several = (Column("status", state=True),) if status == "all" else ()
    lines = [
        (row["country"], row["file"], row["rule"], *([row["status"]] if several else ()), *_ages(row), row["example"])
        for row in rows
    ]
    by_file = (Column("country"), Column("file", fold=True), Column("rule"), *several, *COUNTS, *ages, Column("e.g."))
    draw(by_file, lines)
    totals = [(total["rule"], *_ages(total)) for total in quarantined.by_rule(rows)]
    print()
    draw((Column("by rule"), *COUNTS, *ages), totals)


def _ages(row: dict[str, Any]) -> tuple[str, ...]:
    from warehouse import quarantined

    return tuple(f"{row[key]:,}" for key in ("rows", "days", *quarantined.AGES))


def _show_drift(home: Home, survey: str, country: str | None) -> None:
    """Print what the files that count now hold that nobody declared, and the line that declares it."""
    from warehouse import build, shapes

    with build.read(home) as warehouse:
        seen = shapes.differences(warehouse, survey) if warehouse else []
    told = [one for one in seen if one.difference.line and country in (None, one.country)]
    if told:
        say("\nNot declared; to declare it, write into the source in survey.yaml, or as it says:")
    for one in told[:SHOWN]:
        say(one.told, indent=4)
        say(str(one.difference.line), indent=8)
    if len(told) > SHOWN:
        say(f"and {len(told) - SHOWN:,} more", indent=4)


def show(row: RowArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show one refused row: why, the row as delivered, its history, and what can be done about it."""
    from warehouse import quarantined

    folder = Home.find(home)
    found = quarantined.find(folder, row)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, default=str))
        return
    for position, one in enumerate(found):
        if position:
            print("\n" + "-" * 40)
        _show(one, folder)


def _show(row: dict[str, Any], home: Home) -> None:
    from schemas import declaration
    from tasks import remedies
    from warehouse import quarantined
    from warehouse.life_cycle import LIVE, STATUSES

    say(f"{row['file']}, row {row['source_row']:,}, column {row['column_name']}: {row['message']}")
    say(f"Rule {row['rule']}" + (f"; also {row['also']}" if row["also"] else ""))
    say(f"Status {row['status']}: {STATUSES.get(row['status'], '')}\n")
    delivered = remedies.cells(row)
    if delivered is None:
        say(f"As delivered\n{row['raw_row']}\n")
    else:
        draw((Column("column", fold=True), Column("as delivered", fold=True)), delivered.items())
        print()
    draw(
        (
            Column("history"),
            Column("status", state=True),
            Column("rule"),
            Column("refused"),
            Column("closed", fold=True),
        ),
        [
            (
                quarantined.name(past),
                past["status"],
                past["rule"],
                f"{past['opened_at']:%Y-%m-%d}",
                f"{past['closed_at']:%Y-%m-%d}: {past['how']}" if past.get("closed_at") else "",
            )
            for past in quarantined.history(home, row)
        ],
    )
    if row["status"] in LIVE and row["survey_id"] in declaration.names():
        say("\nWhat can be done")
        for line in remedies.remedies(row, declaration.load(row["survey_id"])):
            say(line, indent=4, broken=not line.startswith(("-", " ")))


def waive(
    row: RowArgument,
    by: Annotated[str, typer.Option("--by", help="Who answers for it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why the row is true in spite of the rule.")],
    until: Annotated[
        datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="Last day (UTC), at most a year ahead.")
    ],
    home: HomeOption = None,
) -> None:
    """Let a row pass in spite of a rule of judgement, until a day: adds an entry to the survey's waivers.yaml."""
    from schemas import declaration, waivers
    from schemas.placeholders import PLACEHOLDERS
    from tasks import waive as step
    from warehouse import quarantined

    if wrong := step.check_until(until.date(), datetime.now(UTC).date()):
        raise typer.BadParameter(wrong, param_hint="--until")
    for text, option in ((by, "--by"), (reason, "--reason")):
        if not text.strip() or text.strip() in PLACEHOLDERS:
            raise typer.BadParameter("say it in words", param_hint=option)
    found = quarantined.find_live(Home.find(home), row)
    survey = declaration.load(found["survey_id"])
    entries = step.waive(found, survey, by, reason, until.date())
    for entry in entries:
        print(f"{entry.row}: {entry.told}")
    print(f"Added to {survey.folder / waivers.NAME}. The next ./kinscale run takes the row in.")


def replay(
    row: Annotated[str | None, typer.Argument(help="Name of a row; its file is read again.")] = None,
    file: Annotated[str | None, typer.Option("--file", help="Name of a file to read again.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Read every file again that has refused rows.")] = False,
    survey: Annotated[str, typer.Option("--survey", help="Survey of --file or --all; a row has its own.")] = BUNDLED,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read files again from the raw store, with today's corrections and waivers, and say what became of their rows.

    Nothing is published: the next ./kinscale run does that.
    """
    if sum((row is not None, file is not None, everything)) != 1:
        raise typer.BadParameter("name a row, or give --file NAME, or --all")
    from flows import replay as replays
    from flows import terminal
    from schemas import declaration
    from warehouse import quarantined

    folder = Home.find(home)
    chosen = declaration.load(quarantined.find_live(folder, row)["survey_id"] if row else survey)
    done = replays.replay(chosen, folder, terminal.say, row, file)
    if as_json:
        told = {"rows": done.rows, "errors": [error.as_record() for error in done.errors]}
        print(json.dumps({"files": [load.file for load in done.landed], **told}, ensure_ascii=False, default=str))
    else:
        _show_replayed(done)
    raise typer.Exit(max((error.exit_code for error in done.errors), default=0))


def _show_replayed(done: Any) -> None:
    from collections import Counter

    from flows import terminal
    from warehouse import quarantined

    lines = [
        (
            quarantined.name(row),
            row["file"],
            row["status"],
            row["how"] if row["closed_at"] else f"rule {row['rule']}: {row['message']}",
        )
        for row in done.rows[:SHOWN]
    ]
    if lines:
        draw((Column("row"), Column("file"), Column("status", state=True), Column("why", fold=True)), lines)
    if len(done.rows) > SHOWN:
        say(f"{len(done.rows) - SHOWN:,} more: --json")
    by_status = Counter(row["status"] for row in done.rows)
    told = ", ".join(f"{status} {n:,}" for status, n in by_status.most_common()) or "no refused row in them"
    print(f"{counted(len(done.landed), 'file')} read again: {told}")
    for error in done.errors:
        terminal.fail(error)
    if done.landed:
        print("Nothing is published yet. The next ./kinscale run does it.")
