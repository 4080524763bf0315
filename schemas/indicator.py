"""What an instrument declares to be counted: the kinds of indicators, each with what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

DIMENSIONS = ("exploitation", "location", "sex", "period")
"""Columns of `estimates` that an indicator may fill from the records, or fix."""
PLAIN = {"exploitation": "all", "location": "all", "sex": "all", "period": "survey"}
REGION = "region"


class Name(BaseModel):
    """A text in English and Russian."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    en: str
    ru: str


class _Declared(BaseModel):
    """What every indicator says."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Name
    question: str = ""
    """Its number on the form."""
    where: str | None = None
    """Expression: records for which it is false or unknown are left out."""
    fixed: Mapping[str, str] = Field(default_factory=dict)
    """Values of DIMENSIONS that hold for every row."""
    by: tuple[str, ...] | Mapping[str, str] = ()
    """`region` for rows of regions beside the nation's; or dimension: column for rows by a record's own code."""
    measure_type: str = ""
    note: Name | None = None
    """What a reader must know about it."""

    @property
    def regional(self) -> bool:
        """Whether regions have rows of their own."""
        return REGION in self.by

    @property
    def dimensions(self) -> Mapping[str, str]:
        """Dimension to the column that gives it."""
        if not isinstance(self.by, Mapping):
            return {name: name for name in self.by if name != REGION}
        return {name: column for name, column in self.by.items() if name != REGION}


class Share(_Declared):
    """Share of records with a code, of all codes of a column."""

    kind: Literal["share"]
    of: str
    codes: tuple[str, ...] = ()
    """The codes that have a row; all of the column, or `yes` alone, when none is named."""
    base: str = "answered"
    """Records the share is of: `answered`, `all`, or an expression."""


class Tally(_Declared):
    """Number of records; with a column, of those with each code."""

    kind: Literal["tally"]
    of: str | None = None
    unit: str = ""
    """The instrument's `units` when nothing is said."""
    count_basis: str = ""


class Total(_Declared):
    """Sum of numbers that records state; a record that states none adds nothing and is counted as missing."""

    kind: Literal["total"]
    of: str | None = None
    columns: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    """Column to the dimensions its numbers are about."""
    unit: str = "persons"
    count_basis: str = ""
    within: str | None = None
    """Column whose codes keep apart what cannot be added: each has a row of its own, and there is no sum of them."""


class Distinct(_Declared):
    """Number of different values of a column."""

    kind: Literal["distinct"]
    of: str
    unit: str = ""


class Range(_Declared):
    """Smallest, middle and largest number that records state."""

    kind: Literal["range"]
    of: str
    unit: str = "persons"
    show: tuple[Literal["min", "median", "max"], ...] = ("min", "median", "max")
    """Those that have a row; the middle means nothing where records state only the ends."""


class Rank(_Declared):
    """Place of each item by the mean of the ranks it was given, or of each region by its mean score; ties share one."""

    kind: Literal["rank"]
    columns: Mapping[str, str] = Field(default_factory=dict)
    """Item to the column that holds its rank; the smallest mean comes first."""
    scored: str | None = None
    """Instead of items: the column whose mean orders the regions, the largest first."""

    @model_validator(mode="after")
    def _items_or_regions(self) -> Rank:
        if bool(self.columns) == (self.scored is not None):
            raise ValueError("a rank says either `columns` or `scored`")
        return self


class Ratio(_Declared):
    """One count over another, of the same place and group."""

    kind: Literal["ratio"]
    numerator: str
    denominator: str
    nested: bool = False
    """Whether what is counted above is a part of what is counted below: then the ratio is a share."""
    per: float = 100
    unit: str = "per_100"


class Complement(_Declared):
    """What is left of a whole by a ratio: the whole less it, its limits exchanged."""

    kind: Literal["complement"]
    of: str


Indicator = Share | Tally | Total | Distinct | Range | Rank | Ratio | Complement
