"""Which instruments exist, and what every part of the pipeline may ask of one.

An instrument is a module of this room (`family_survey`) or a file of `schemas/instruments/`: a pandera model with its
row rules, and how its records are analysed.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal, Protocol, cast

from schemas.errors import DeclarationError
from schemas.read_yaml import read_yaml

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

MODULES = ("family_survey",)
FOLDER = Path(__file__).with_name("instruments")
FAMILIES = "families"
"""Records are interviews about families: PSU totals, rates, small areas."""
RECORDS = "records"
"""Records are what they are: the indicators that the instrument declares."""


class Instrument(Protocol):
    """What is known of an instrument. The names are those of constants, because a module can be one."""

    @property
    def NAME(self) -> str: ...
    @property
    def ANALYSIS(self) -> str:
        """FAMILIES or RECORDS: which of the two paths behind landing its records take."""

    @property
    def KEY(self) -> str:
        """The column that names a record; two records of a survey never share it."""

    @property
    def COLUMNS(self) -> Sequence[str]: ...
    @property
    def TEXTS(self) -> Sequence[str]: ...
    @property
    def WHOLE_NUMBERS(self) -> Sequence[str]: ...
    @property
    def NUMBERS(self) -> Sequence[str]: ...
    @property
    def COUNTS(self) -> Sequence[str]:
        """Whole numbers of whom or what was counted: all of them missing or zero means that nothing was reported."""

    @property
    def DATES(self) -> Sequence[str]: ...
    @property
    def DAY(self) -> str | None:
        """The date that must lie in fieldwork."""

    @property
    def REGION(self) -> str | None:
        """The column that is coded by the survey's regions."""

    @property
    def CODES(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def SEVERAL(self) -> Mapping[str, Sequence[str]]:
        """Columns of which a cell holds several codes."""

    @property
    def REGISTERED(self) -> Mapping[str, Literal["organisation", "place"]]:
        """Columns that are coded by the registry of places and organisations."""

    @property
    def CODED(self) -> Sequence[str]: ...
    @property
    def DISPENSABLE(self) -> Sequence[str]: ...
    @property
    def PARADATA(self) -> Sequence[str]:
        """How an interview was held, which a source need not name; an odd cell is emptied, its row counts."""

    @property
    def KEPT(self) -> Sequence[str]:
        """Whole numbers that editing keeps beside the edited ones."""

    @property
    def TITLES(self) -> Mapping[str, str]: ...

    def record_schema(self) -> pa.DataFrameSchema:
        """Return the pandera schema of valid records: every column, none besides."""

    def rules(self, frame: pd.DataFrame) -> Iterator[tuple[str, str, pd.Series, str]]:
        """Check what a single column cannot show: yields (rule, column, failing rows, message)."""


def names() -> tuple[str, ...]:
    """Return the names of all instruments, those of modules first."""
    return (*MODULES, *sorted(path.stem for path in FOLDER.glob("*.yaml")))


def uses_registry(name: str) -> bool:
    """Tell whether an instrument has columns of the registry, without loading more of it than its file."""
    path = FOLDER / f"{name}.yaml"
    if name in MODULES or not path.exists():
        return False
    columns = (read_yaml(path) or {}).get("columns") or {}
    return any(isinstance(one, dict) and one.get("type") in ("organisation", "place") for one in columns.values())


@cache
def find(name: str) -> Instrument:
    """Return an instrument. Raises DeclarationError for a name that is none."""
    if name in MODULES:
        return cast("Instrument", importlib.import_module(f"schemas.{name}"))
    if name not in names():
        raise DeclarationError(f'instrument "{name}" is not known.', expected="one of: " + ", ".join(names()))
    from schemas.declared_instrument import read

    return read(FOLDER / f"{name}.yaml")


def form(name: str) -> ModuleType:
    """Return the module of an instrument about families, with the places and counts its totals are made from."""
    if name not in MODULES:
        raise AssertionError(f"{name} is no instrument about families")
    return importlib.import_module(f"schemas.{name}")
