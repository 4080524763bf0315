"""Definitions of trafficking as `definitions.yaml` declares them: rules over facts that are yes, no or not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from schemas.errors import DeclarationError
from schemas.read_yaml import read_yaml

PATH = Path(__file__).with_name("definitions.yaml")
YES, NO, UNKNOWN = "yes", "no", "unknown"
COUNTS = ("n", "certain", "possible", "excluded", "share_low", "share_high")
"""Columns of the table `definitions` that hold numbers."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Title(_Part):
    """A text in English and Russian."""

    en: str
    ru: str


def _fact(given: Any) -> Any:
    return {"fact": given} if isinstance(given, str) else given


class Expression(_Part):
    """One fact, or what is said of several expressions."""

    fact: str | None = None
    all_of: tuple[Nested, ...] = Field(default=(), alias="all")
    any_of: tuple[Nested, ...] = Field(default=(), alias="any")
    none_of: Nested | None = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if sum(map(bool, (self.fact, self.all_of, self.any_of, self.none_of))) != 1:
            raise ValueError("say one of a fact, `all`, `any` and `not`")
        return self

    def facts(self) -> Iterator[str]:
        """Name the facts it asks for."""
        if self.fact:
            yield self.fact
        for part in (*self.all_of, *self.any_of, *([self.none_of] if self.none_of else [])):
            yield from part.facts()


Nested = Annotated[Expression, BeforeValidator(_fact)]
"""An expression; the name of a fact is one."""
Expression.model_rebuild()


class Definition(_Part):
    """One definition: its name, where it is from, and the rule."""

    title: Title
    source: str
    holds: Nested


class Catalogue(_Part):
    """Everything `definitions.yaml` says."""

    facts: Mapping[str, Title]
    definitions: Mapping[str, Definition]
    practices: Mapping[str, Title]
    borders: Mapping[str, Title]
    counted_by: Mapping[str, Title]

    @model_validator(mode="after")
    def _facts_exist(self) -> Self:
        for name, one in self.definitions.items():
            if missing := sorted(set(one.holds.facts()) - set(self.facts)):
                raise ValueError(f"{name} asks for {', '.join(missing)}, which is no fact")
        return self


class Use(_Part):
    """How an instrument's records give the facts: key `definitions` of its file. Facts are columns of their names."""

    use: tuple[str, ...] = Field(min_length=1)
    """Definitions that its cases are put to."""
    case: str | None = None
    """Column whose value mentions of one case share; a record without a value is a case of its own."""
    practice: str | None = None
    """Column with the code of a practice; `no_practice` is the code of none. Without the column no record is one."""
    no_practice: str = "none"
    consent: str | None = None
    """Column yes, no, unknown: whether everybody concerned agreed to the practice."""
    border: str | None = None
    """Column with the codes internal and cross_border."""


class Rules(_Part):
    """The definitions an instrument uses, and where its records hold what they ask for."""

    definitions: Mapping[str, Definition]
    use: Use


@cache
def catalogue() -> Catalogue:
    """Return the definitions that are declared. Raises DeclarationError if the file is wrong."""
    try:
        return Catalogue.model_validate(read_yaml(PATH))
    except ValidationError as error:
        raise _wrong(str(PATH), error) from error


def rules(declared: Mapping[str, Any], columns: Sequence[str], file: str) -> Rules | None:
    """Return what an instrument's key `definitions` says, or None if it says nothing.

    columns: of the instrument. Raises DeclarationError for an unknown definition, or a fact that is no column.
    """
    if not declared:
        return None
    try:
        use = Use.model_validate(declared)
    except ValidationError as error:
        raise _wrong(file, error) from error
    known = catalogue().definitions
    if unknown := [name for name in use.use if name not in known]:
        raise DeclarationError(f"definitions: {', '.join(unknown)} is not declared in {PATH.name}.", file=file)
    chosen = {name: known[name] for name in use.use}
    asked = {fact for one in chosen.values() for fact in one.holds.facts()}
    asked |= {name for name in (use.case, use.practice, use.consent, use.border) if name}
    if missing := sorted(asked - set(columns)):
        raise DeclarationError(f"definitions: {', '.join(missing)} is no column.", file=file)
    return Rules(definitions=chosen, use=use)


def _wrong(file: str, error: ValidationError) -> DeclarationError:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return DeclarationError(f"definitions: {place}: {first['msg'].removeprefix('Value error, ')}.", file=file)
