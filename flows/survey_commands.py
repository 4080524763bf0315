"""The commands about what is declared: sources, new-survey, check."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.options import BUNDLED, JsonOption, SurveyOption
from schemas.shown_name import shown_text

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
    """List what a survey declares: countries, files, formats."""
    from schemas import declaration

    rows = [{"country": s.country, "path": s.path, **dict(s.reader)} for s in declaration.load(survey).sources]
    if as_json:
        return _print_json(rows)
    for row in rows:
        country, path, *reader = row.values()
        print(f"{country}  {path:<24} {' '.join(str(part) for part in reader)}")
    return None


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
    as_json: JsonOption = False,
) -> None:
    """Rehearse a survey: what is wrong with its declaration, its files and rows, and what a run would publish.

    Nothing is written. Ends with 0 when a run would publish, else with 1.
    """
    if surveys:
        os.environ["KINSCALE_SURVEYS"] = str(surveys.resolve())
    import logging

    from flows import rehearsal, terminal

    with terminal.Progress():
        found = rehearsal.rehearse(survey_id, logging.getLogger("kinscale").info)
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
    print(f"{delivery.country}  {delivery.file}  {delivery.bytes:,} bytes")
    for row in delivery.read_as:
        said = f"  {row['key']:<12} {row['declared']!s:<14}"
        if "found" in row:
            sure = "sure" if row["sure"] else "unsure"
            agrees = "looks so" if row["found"] == row["declared"] else f"looks like {row['found']}"
            said += f" {agrees} ({sure}{': ' if row['note'] else ''}{row['note']})"
        print(shown_text(said.rstrip()))
    print(
        f"  columns      {delivery.columns_found} found, {len(delivery.columns_missing)} missing, "
        f"{len(delivery.columns_unknown)} not declared"
    )
    for header in delivery.columns_missing:
        print(f"    missing       {header!r}")
    for header in delivery.columns_unknown:
        print(f"    not declared  {header!r}")
    print(f"  rows         {delivery.rows:,} read, {delivery.accepted:,} would be accepted")
    for row in delivery.refused:
        rows = ", ".join(str(number) for number in row["examples"])
        print(f"    {row['rule']:<28} {row['rows']:>6,}  e.g. row {rows}")
    for row in delivery.unknown:
        text = f'"{row["text"]}": ' if row["text"] is not None else ""
        print(shown_text(f"    {row['column']}: {text}{row['rows']:,} rows; {row['hint']}"))


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
