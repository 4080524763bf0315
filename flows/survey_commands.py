"""The commands about what is declared: sources, new-survey, check."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows import completion
from flows.console import say
from flows.options import BUNDLED, HomeOption, JsonOption, SurveyOption
from flows.table import Column, draw
from schemas.counted import counted
from sources.finding import Finding

if TYPE_CHECKING:
    from flows.rehearsal import Rehearsal
    from tasks.delivery_check import DeliveryCheck
    from tasks.scaffold.draft import Draft

SurveysOption = Annotated[
    Path | None, typer.Option("--surveys", help="Folder of the declarations; default KINSCALE_SURVEYS, else surveys/.")
]


READ_AS = (Column("read as"), Column("declared"), Column("the file", fold=True))
LABEL, INNER = 13, 18
"""Where words begin beside what they are about, and beside what is told of one column."""


def register(app: typer.Typer) -> None:
    """Add the commands to a command line."""
    examples: dict[Callable[..., None], str] = {
        sources: "./kinscale sources --survey central_asia_2009",
        new_survey: "./kinscale new-survey valley_2012 --from deliveries/valley.csv --country KG",
        check: "./kinscale check valley_2012",
    }
    for command, example in examples.items():
        app.command(epilog=f"Example: {example}")(command)


def sources(survey: SurveyOption = BUNDLED, as_json: JsonOption = False) -> None:
    """List what a survey declares: countries, files, formats, and whether the credentials that they need are set."""
    from schemas import declaration
    from tasks import credentials

    for_json, lines = [], []
    for source in declaration.load(survey).sources:
        needed = credentials.listed(source)
        row = {"country": source.country, "path": source.path, **dict(source.reader)}
        for_json.append(row | ({"credentials": needed} if needed else {}))
        lines.append((source.country, source.path, " ".join(map(str, source.reader.values())), _opened_by(needed)))
    if as_json:
        return _print_json(for_json)
    return draw(
        (Column("country"), Column("path", fold=True), Column("read as", fold=True), Column("credentials", fold=True)),
        lines,
    )


def _opened_by(needed: dict[str, Any] | None) -> str:
    """Say which credentials a source needs and whether they are there; never a value."""
    if needed is None:
        return ""
    if needed["found_in"] is None:
        return f"{needed['name']}: missing ({needed['problem']})"
    return f"  credentials {needed['name']}: {', '.join(needed['keys'])} in {needed['found_in']}"


def new_survey(
    survey_id: Annotated[str, typer.Argument(metavar="ID", help="Name of the new survey: letters, digits, _ and -.")],
    samples: Annotated[list[Path], typer.Option("--from", help="A delivered file; may be repeated, one source each.")],
    instrument: Annotated[str, typer.Option(help="The questionnaire.")] = "family_survey",
    country: Annotated[
        str | None, typer.Option(help="ISO 3166-1 code of all files; else it is guessed from them.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="What pages call the survey.")] = None,
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy the files to raw/ of the survey; else they are read where they are.")
    ] = False,
    surveys: SurveysOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft the declaration of a new survey from its files. Every guess is marked; what is not known says CHOOSE."""
    import re

    from schemas.declaration import surveys_folder
    from tasks.scaffold.draft import draft
    from tasks.scaffold.write import refuse_existing, write

    if not re.fullmatch(r"[A-Za-z0-9_-]+", survey_id):
        raise typer.BadParameter("use letters, digits, _ and - only", param_hint="ID")
    if country is not None and not re.fullmatch(r"[A-Z]{2}", country):
        raise typer.BadParameter("give two capital letters, as KG", param_hint="--country")
    place = surveys.resolve() if surveys else surveys_folder()
    refuse_existing(place / survey_id)
    made = draft(survey_id, instrument, samples, country, title)
    folder = write(made, place, copy)
    choices = _choices(folder)
    if as_json:
        return _print_json({"folder": str(folder), "copied": copy, "sources": _told(made), "choose": choices})
    rows = [
        (row["file"], f"{row['rows']:,}", row["reader"], f"{row['mapped']} of {row['columns']}") for row in _told(made)
    ]
    draw((Column("file"), Column("rows", number=True), Column("read as", fold=True), Column("columns found")), rows)
    say(str(folder), "\nDrafted", 10)
    say("copied to raw/: keep real interviews out of version control" if copy else "read where they are", "Files", 9)
    say(f"\nTo choose, {counted(len(choices), 'place')}:" if choices else "\nNothing is left to choose.")
    for choice in choices:
        say(choice, indent=2)
    prefix = f"KINSCALE_SURVEYS={place} " if surveys else ""
    say(f"\nThen: fill in population.csv, and   {prefix}./kinscale check {survey_id}")
    return None


def _told(made: Draft) -> list[dict[str, Any]]:
    return [
        {
            "file": source.file.name,
            "country": source.country.value,
            "rows": source.rows,
            "reader": " ".join(str(found.value) for found in source.reader.values()),
            "mapped": source.mapped,
            "columns": len(source.columns),
            "sure": sum(found.sure for found in source.columns.values()),
        }
        for source in made.sources
    ]


def _choices(folder: Path) -> list[str]:
    """List the lines of the drafted files that hold CHOOSE."""
    from schemas.declaration_faults import CHOOSE

    return [
        f"{name}, line {number}: {line.strip()}"
        for name in ("survey.yaml", "regions.csv", "population.csv")
        for number, line in enumerate((folder / name).read_text(encoding="utf-8").splitlines(), start=1)
        if CHOOSE in line.partition("#")[0]
    ]


def check(
    survey_id: Annotated[str, typer.Argument(metavar="ID", help="The survey.", autocompletion=completion.surveys)],
    surveys: SurveysOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rehearse a survey: what is wrong with its declaration, its files and rows, and what a run would publish.

    Nothing is written. New deliveries are compared with the last accepted ones of the data folder.
    Ends with 0 when a run would publish, else with 1.
    """
    if surveys:
        os.environ["KINSCALE_SURVEYS"] = str(surveys.resolve())
    import logging

    from flows import rehearsal, terminal
    from warehouse.home import Home

    with terminal.Progress():
        found = rehearsal.rehearse(survey_id, logging.getLogger("kinscale").info, Home.find(home))
    if as_json:
        _print_json(_record(found))
    else:
        for delivery in found.files:
            _print_delivery(delivery)
        _print_verdict(found, f"KINSCALE_SURVEYS={surveys.resolve()} " if surveys else "")
    if not found.ready:
        raise typer.Exit(1)


def _record(found: Rehearsal) -> dict[str, Any]:
    hidden = {"batch", "error"}
    files = [{key: value for key, value in vars(item).items() if key not in hidden} for item in found.files]
    return {
        "survey_id": found.survey_id,
        "ready": found.ready,
        "problems": [problem.as_record() for problem in found.problems],
        "notes": list(found.notes),
        "files": files,
        "lonely_strata": list(found.lonely),
        "publishes": found.publishes,
    }


def _print_delivery(delivery: DeliveryCheck) -> None:
    from schemas.drift import Difference

    say(f"{delivery.country}  {delivery.file}  {delivery.bytes:,} bytes")
    draw(READ_AS, [(row["key"], str(row["declared"]), _found(row)) for row in delivery.read_as])
    say(
        f"{delivery.columns_found} found, {len(delivery.columns_missing)} missing, "
        f"{len(delivery.columns_unknown)} not declared",
        "columns",
        LABEL,
    )
    for header in delivery.columns_missing:
        say(repr(header), "  missing", INNER)
    for header in delivery.columns_unknown:
        say(repr(header), "  not declared", INNER)
    for row in delivery.looks_personal:
        say(f"{row['column']!r}: {row['why']}. Add: {row['add']}", "  looks personal", INNER)
    say(f"{delivery.rows:,} read, {delivery.accepted:,} would be accepted", "rows", LABEL)
    refused = [
        (row["rule"], f"{row['rows']:,}", "row " + ", ".join(str(number) for number in row["examples"]))
        for row in delivery.refused
    ]
    if refused:
        draw((Column("refused by"), Column("rows", number=True), Column("e.g.", fold=True)), refused)
    for row in delivery.unknown:
        text = f'"{row["text"]}": ' if row["text"] is not None else ""
        say(f"{row['column']}: {text}{row['rows']:,} rows; {row['hint']}", indent=4)
    if delivery.drift and delivery.compared_with:
        say(f"changed its form since {delivery.compared_with}:")
    for row in delivery.drift:
        say(f"{Difference(**row).told}; {row['outcome']}", indent=2)
        if row["line"]:
            say(f"to declare it: {row['line']}", indent=6)
    print()


def _found(row: dict[str, Any]) -> str:
    """Say what a file looks like beside what is declared, and how sure that is."""
    if "found" not in row:
        return ""
    mark = Finding(row["found"], row["sure"], row["note"], row.get("confidence")).mark
    agrees = "looks so" if row["found"] == row["declared"] else f"looks like {row['found']}"
    return f"{agrees} ({mark})"


def _print_verdict(found: Rehearsal, prefix: str) -> None:
    for note in found.notes:
        say(note, "look at", LABEL)
    if found.lonely:
        say(
            f"one settlement only: {', '.join(found.lonely)}; `rates.lonely_psu` says what they stand for in the "
            "nation; by the design methods their own numbers are not published"
        )
    for problem in found.problems:
        say(f"{problem.code}  {problem}")
    told = found.publishes
    if told:
        say(
            f"would publish {told['cells']:,} cells, {told['hidden']:,} of them hidden: "
            f"{', '.join(told['countries'])}; {len(told['regions'])} regions; {', '.join(told['methods'])}"
        )
    if found.ready:
        say(f"Ready. Next: {prefix}./kinscale run --survey {found.survey_id}")
    else:
        count = len(found.problems)
        things = f"{count} thing{'' if count == 1 else 's'} to put right"
        say(f"Not ready: {things}. Then: {prefix}./kinscale check {found.survey_id}")


def _print_json(content: object) -> None:
    print(json.dumps(content, ensure_ascii=False, indent=1, default=str))
