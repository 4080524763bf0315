"""The commands about what is declared: sources, new-survey, check."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.options import BUNDLED, HomeOption, JsonOption, SurveyOption
from schemas.shown_name import shown_text
from sources.finding import Finding

if TYPE_CHECKING:
    from flows.rehearsal import Rehearsal
    from tasks.delivery_check import DeliveryCheck
    from tasks.scaffold.draft import Draft

SurveysOption = Annotated[
    Path | None, typer.Option("--surveys", help="Folder of the declarations; default KINSCALE_SURVEYS, else surveys/.")
]


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

    for_json = []
    for source in declaration.load(survey).sources:
        needed = credentials.listed(source)
        row = {"country": source.country, "path": source.path, **dict(source.reader)}
        for_json.append(row | ({"credentials": needed} if needed else {}))
        if not as_json:
            reader = " ".join(str(part) for part in source.reader.values())
            print(f"{source.country}  {source.path:<24} {reader}{_opened_by(needed)}")
    return _print_json(for_json) if as_json else None


def _opened_by(needed: dict[str, Any] | None) -> str:
    """Say which credentials a source needs and whether they are there; never a value."""
    if needed is None:
        return ""
    if needed["found_in"] is None:
        return f"  credentials {needed['name']}: missing ({needed['problem']})"
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
    for row in _told(made):
        print(
            f"{row['file']}: {row['rows']:,} rows, {row['reader']}; {row['mapped']} of {row['columns']} columns found"
        )
    print(f"\nDrafted  {folder}")
    print(
        "Files    " + ("copied to raw/: keep real interviews out of version control" if copy else "read where they are")
    )
    print(
        f"\nTo choose, {len(choices)} place{'' if len(choices) == 1 else 's'}:"
        if choices
        else "\nNothing is left to choose."
    )
    for choice in choices:
        print(f"  {choice}")
    prefix = f"KINSCALE_SURVEYS={place} " if surveys else ""
    print(f"\nThen: fill in population.csv, and   {prefix}./kinscale check {survey_id}")
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
    survey_id: Annotated[str, typer.Argument(metavar="ID", help="The survey.")],
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

    print(f"{delivery.country}  {delivery.file}  {delivery.bytes:,} bytes")
    for row in delivery.read_as:
        said = f"  {row['key']:<12} {row['declared']!s:<14}"
        if "found" in row:
            mark = Finding(row["found"], row["sure"], row["note"], row.get("confidence")).mark
            agrees = "looks so" if row["found"] == row["declared"] else f"looks like {row['found']}"
            said += f" {agrees} ({mark})"
        print(shown_text(said.rstrip()))
    print(
        f"  columns      {delivery.columns_found} found, {len(delivery.columns_missing)} missing, "
        f"{len(delivery.columns_unknown)} not declared"
    )
    for header in delivery.columns_missing:
        print(f"    missing       {header!r}")
    for header in delivery.columns_unknown:
        print(f"    not declared  {header!r}")
    for row in delivery.looks_personal:
        print(f"    looks personal  {row['column']!r}: {row['why']}. Add: {row['add']}")
    print(f"  rows         {delivery.rows:,} read, {delivery.accepted:,} would be accepted")
    for row in delivery.refused:
        rows = ", ".join(str(number) for number in row["examples"])
        print(f"    {row['rule']:<28} {row['rows']:>6,}  e.g. row {rows}")
    for row in delivery.unknown:
        text = f'"{row["text"]}": ' if row["text"] is not None else ""
        print(shown_text(f"    {row['column']}: {text}{row['rows']:,} rows; {row['hint']}"))
    if delivery.drift and delivery.compared_with:
        print(shown_text(f"  changed its form since {delivery.compared_with}:"))
    for row in delivery.drift:
        print(shown_text(f"  {Difference(**row).told}; {row['outcome']}"))
        if row["line"]:
            print(shown_text(f"      to declare it: {row['line']}"))


def _print_verdict(found: Rehearsal, prefix: str) -> None:
    for note in found.notes:
        print(shown_text(f"look at      {note}"))
    if found.lonely:
        print(
            f"one settlement only: {', '.join(found.lonely)}; `rates.lonely_psu` says what they stand for in the "
            "nation; by the design methods their own numbers are not published"
        )
    for problem in found.problems:
        print(f"{problem.code}  {problem}")
    told = found.publishes
    if told:
        print(
            f"would publish {told['cells']:,} cells, {told['hidden']:,} of them hidden: "
            f"{', '.join(told['countries'])}; {len(told['regions'])} regions; {', '.join(told['methods'])}"
        )
    if found.ready:
        print(f"Ready. Next: {prefix}./kinscale run --survey {found.survey_id}")
    else:
        count = len(found.problems)
        things = f"{count} thing{'' if count == 1 else 's'} to put right"
        print(f"Not ready: {things}. Then: {prefix}./kinscale check {found.survey_id}")


def _print_json(content: object) -> None:
    print(json.dumps(content, ensure_ascii=False, indent=1, default=str))
