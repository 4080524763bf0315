"""Declared comparisons of a survey with another one: what is compared, and whether question and population agree.

Lives here: what `comparisons.yaml` of a survey says, checked and typed, and what the other survey printed.
Not here: what follows from it (`estimators.comparability`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from schemas import declaration_faults
from schemas.errors import DeclarationError
from schemas.read_yaml import read_yaml
from schemas.survey_folders import surveys_folder
from schemas.survey_table import numbers, read_table

NAME = "comparisons.yaml"
Answer = Literal["yes", "no", "unknown"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """A text in English and Russian."""

    en: str
    ru: str


class Stated(_Part):
    """A number that a document states and no record of the survey gives."""

    number: float
    source: str


class Other(_Part):
    """A number that another survey printed: `indicator` and `region` of its published.csv."""

    survey: str
    indicator: str
    region: str = ""


class Comparison(_Part):
    """One indicator of this survey beside one of another, and what speaks for and against taking their difference."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    indicator: str
    """Identifier in `estimates`, or of a number that is `stated`; the nation's row is meant."""
    stated: Stated | None = None
    """The number where no record gives it."""
    other: Other
    same_question: Answer
    same_population: Answer
    matched_panel: Answer
    """Whether the same units answered both times and can be told."""
    reused_text: Answer = "no"
    """Whether the later document repeats the earlier one's words, so that its number is no new evidence."""
    reason: Words
    source: str

    @field_validator("same_question", "same_population", "matched_panel", "reused_text", mode="before")
    @classmethod
    def _answer(cls, given: object) -> object:
        """Take what YAML reads as a truth value for the word that is written."""
        return {True: "yes", False: "no"}.get(given, given) if isinstance(given, bool) else given


class _Comparisons(_Part):
    comparisons: tuple[Comparison, ...]

    @model_validator(mode="after")
    def _once(self) -> _Comparisons:
        ids = [one.id for one in self.comparisons]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"two comparisons are called {', '.join(twice)}")
        return self


def read(folder: Path) -> tuple[Comparison, ...]:
    """Return the comparisons that a survey's folder declares; none without the file. Raises DeclarationError."""
    path = folder / NAME
    if not path.exists():
        return ()
    try:
        return _Comparisons.model_validate(read_yaml(path)).comparisons
    except yaml.YAMLError as error:
        raise declaration_faults.not_yaml(error, path) from error
    except ValidationError as error:
        raise declaration_faults.invalid(error, path)[0] from error


def files(comparisons: tuple[Comparison, ...]) -> list[Path]:
    """Return the files of other surveys that comparisons rest on."""
    return [published(survey) for survey in dict.fromkeys(one.other.survey for one in comparisons)]


def published(survey: str) -> Path:
    """Return where the printed numbers of a survey are."""
    return surveys_folder() / survey / "published.csv"


def printed(others: tuple[Other, ...]) -> dict[Other, float]:
    """Return what other surveys printed of indicators. Raises DeclarationError for one that is not in published.csv."""
    return {other: _printed(other) for other in dict.fromkeys(others)}


def _printed(other: Other) -> float:
    path = published(other.survey)
    table = read_table(path)
    table = table.assign(value=numbers(table["value"], path))
    rows = table[(table["indicator"] == other.indicator) & (table["region"].fillna("") == other.region)]
    if len(rows) != 1:
        where = f" in {other.region}" if other.region else ""
        raise DeclarationError(
            f'"{other.indicator}"{where} stands {len(rows)} times in it.',
            file=str(path),
            column="indicator",
            expected=f"one row, which {NAME} of another survey compares with",
            next_step=f"Correct `other` in {NAME}.",
        )
    return float(rows["value"].iloc[0])
