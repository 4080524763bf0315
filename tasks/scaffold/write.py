"""A draft as files: survey.yaml with a mark on every guess, regions.csv, population.csv. Nothing is overwritten."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from schemas.declaration_faults import CHOOSE
from schemas.errors import DeclarationError
from schemas.spreadsheet_text import neutralised
from sources.finding import Finding
from tasks.scaffold.draft import Draft, SourceDraft
from tasks.scaffold.headers import Match
from tasks.scaffold.places import Region

_TEMPLATES = Path(__file__).parent / "templates"
_SHOWN = 6
_PEOPLE = 0o755


def write(draft: Draft, surveys: Path, copy: bool) -> Path:
    """Write a draft below `surveys` and return its folder, which appears whole or not at all.

    copy: sample files are copied to raw/; otherwise the declaration points to where they are.
    Raises DeclarationError when the folder is there already, or two files of one name would be copied.
    """
    folder = surveys / draft.id
    refuse_existing(folder)
    names = [source.file.name for source in draft.sources]
    if copy and len(set(names)) < len(names):
        raise DeclarationError("two of the files have one name.", next_step="Rename one, or leave --copy out.")
    surveys.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{draft.id}-", dir=surveys))
    try:
        if copy:
            (staging / "raw").mkdir()
            for source in draft.sources:
                shutil.copyfile(source.file, staging / "raw" / source.file.name)
        (staging / "regions.csv").write_text(regions_csv(draft.regions), encoding="utf-8")
        (staging / "population.csv").write_text(population_csv(draft), encoding="utf-8")
        paths = [f"raw/{source.file.name}" if copy else str(source.file.resolve()) for source in draft.sources]
        (staging / "survey.yaml").write_text(survey_yaml(draft, paths), encoding="utf-8")
        staging.chmod(_PEOPLE)
        refuse_existing(folder)
        staging.rename(folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return folder


def refuse_existing(folder: Path) -> None:
    """Raise DeclarationError when something has the name of the new survey."""
    if folder.exists() or folder.is_symlink():
        raise DeclarationError(
            "there is a survey, or something else, of this name.",
            file=str(folder),
            expected="a new name; nothing is ever overwritten",
            next_step="Choose another ID, or remove the folder first. Nothing was written.",
        )


def survey_yaml(draft: Draft, paths: Sequence[str]) -> str:
    """Return survey.yaml. paths: `path` of each source. Asserts that the text is YAML and says what was guessed."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    library = Environment(
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True
    )
    template = library.get_template(f"{draft.instrument.NAME}.yaml.j2")
    text = template.render(draft=draft, paths=paths, q=quoted, header=_header(draft), choose=CHOOSE).rstrip() + "\n"
    _check_output(yaml.safe_load(text), draft)
    return text


def quoted(value: object) -> str:
    """Write a value as one line of YAML; a guess with its mark behind it."""
    if isinstance(value, Finding):
        if value.value == CHOOSE:
            return f"{CHOOSE}  # {_comment(value.note)}"
        return f"{quoted(value.value)}  # guessed ({_comment(value.mark)})"
    return (
        yaml.safe_dump(
            value,
            default_style='"' if isinstance(value, str) else None,
            default_flow_style=True,
            allow_unicode=True,
            width=10**6,
        )
        .removesuffix("...\n")
        .strip()
    )


def _header(draft: Draft) -> Any:
    def line(column: str, found: Match, source: SourceDraft) -> str:
        also = ", ".join(quoted(name) for name in found.also[:_SHOWN])
        if found.header is not None:
            note = "; ".join(part for part in (found.note, f"also {also}" if also else "") if part)
            return quoted(Finding(found.header, found.sure, note))
        free = ", ".join(quoted(name) for name in source.left[:_SHOWN]) + (" ..." if len(source.left) > _SHOWN else "")
        why = f"{found.note}: {also}" if also else f"no header fits; not used: {free or 'none'}"
        return quoted(Finding(CHOOSE, False, f"{draft.instrument.TITLES[column]}; {why}"))

    return line


def _comment(text: str) -> str:
    """Keep a comment on its line, whatever a header holds."""
    return "".join(char if char.isprintable() else " " for char in text)


def _check_output(content: Mapping[str, Any], draft: Draft) -> None:
    for source, written in zip(draft.sources, content["sources"], strict=True):
        headers = {column: found.header or CHOOSE for column, found in source.columns.items()}
        personal = {header: found.value for header, found in source.personal.items()}
        told = (written["columns"], written.get("personal", {}), written.get("ignore", []))
        if told != (headers, personal, list(source.left)):
            raise AssertionError(f"{source.file.name}: survey.yaml does not say what was guessed")


def regions_csv(regions: Sequence[Region]) -> str:
    """Return regions.csv: a row for each region found, and one for each spelling that is not known."""
    rows = [
        [row.country, row.region, row.name_en, row.name_ru, ";".join(row.aliases), "yes", row.note] for row in regions
    ]
    return _csv([["country", "region", "name_en", "name_ru", "aliases", "surveyed", "note"], *rows])


def population_csv(draft: Draft) -> str:
    """Return population.csv: a row for each country and region, the numbers left to a person."""
    owners = [[code, "", "", "", "", "", "the country"] for code in draft.countries]
    rows = [[row.country, row.region, "", "", "", "", row.name_en] for row in draft.regions]
    header = ["country", "region", "population_thousands", "reference_date", "grade", "source", "name"]
    return _csv([header, *owners, *rows])


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([neutralised(cell) for cell in row] for row in rows)
    return text.getvalue()
