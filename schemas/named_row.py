"""How a reviewed entry (a correction, a waiver) names its file, or its row, and how lists of entries are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from schemas import declaration_faults
from schemas.errors import DeclarationError
from schemas.read_yaml import read_yaml

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class NamedFile(BaseModel):
    """One entry: unknown keys are refused, text must be text, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    country: str
    file: str | None = Field(default=None, min_length=1)
    """Name of the file; without it, whichever file of the country has the questionnaire."""
    _number: int = PrivateAttr(default=0)

    @property
    def number(self) -> int:
        """Place of the entry in its file, from 1; no part of what the entry says."""
        return self._number

    def concerns(self, country: str, name: str, uri: str) -> bool:
        """Tell whether a file can be the one that is meant. `file` may say more of the path than the name."""
        if country != self.country:
            return False
        return self.file is None or self.file in (name, uri) or uri.endswith(f"/{self.file}")


class NamedRow(NamedFile):
    """An entry that names a row."""

    questionnaire: str | None = Field(default=None, min_length=1)
    """Its number as delivered."""
    source_row: int | None = Field(default=None, ge=1)
    """Row of the file, as messages count it."""

    @model_validator(mode="after")
    def _names_one_row(self) -> Self:
        if self.questionnaire is None and self.source_row is None:
            raise ValueError("name the row: `questionnaire`, or `file` and `source_row`")
        if self.source_row is not None and self.file is None:
            raise ValueError("`source_row` needs `file`: rows are counted within one")
        return self

    @property
    def row(self) -> str:
        """Say which row is meant."""
        parts = [self.file or self.country]
        parts += [f"questionnaire {self.questionnaire}"] if self.questionnaire is not None else []
        parts += [f"row {self.source_row:,}"] if self.source_row is not None else []
        return ", ".join(parts)

    def positions(self, numbers: pd.Series, source_rows: pd.Series) -> np.ndarray:
        """Find the row: positions at which number and row are those of the entry.

        numbers: questionnaire numbers, text.  source_rows: rows of the file.  Both (n_rows,).
        """
        import numpy as np

        found = np.ones(len(numbers), dtype=bool)
        if self.questionnaire is not None:
            found &= (numbers == self.questionnaire.strip()).to_numpy(dtype=bool, na_value=False)
        if self.source_row is not None:
            found &= (source_rows == self.source_row).to_numpy(dtype=bool)
        return np.flatnonzero(found)


Entry = TypeVar("Entry", bound=NamedFile)


def read_entries(path: Path, kind: type[Entry], countries: Sequence[str]) -> tuple[Entry, ...]:
    """Read a list of entries; none when there is no such file. Raises DeclarationError with the entry's number."""
    if not path.exists():
        return ()
    try:
        content = read_yaml(path)
    except yaml.YAMLError as error:
        raise declaration_faults.not_yaml(error, path) from error
    if content is None:
        return ()
    if not isinstance(content, list):
        raise DeclarationError("it is no list.", file=str(path), expected="entries that begin with `- country: ...`")
    return tuple(_entry(path, kind, number, item, countries) for number, item in enumerate(content, start=1))


def _entry(path: Path, kind: type[Entry], number: int, item: Any, countries: Sequence[str]) -> Entry:
    try:
        entry = kind.model_validate(item)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        told = first["msg"].removeprefix("Value error, ")
        raise wrong_entry(path, number, f"{key}: {told}" if key else told) from error
    if entry.country not in countries:
        raise wrong_entry(path, number, f'country: "{entry.country}" is none of {", ".join(countries)}')
    entry._number = number
    return entry


def wrong_entry(path: Path, number: int, what: str) -> DeclarationError:
    """Return the error that says which entry of a list is wrong, and why."""
    advice = "Write text in quotes: a cell is compared as text." if "valid string" in what else None
    return DeclarationError(f"entry {number}: {what}.", file=str(path), next_step=advice)
