"""Instruments that are a file of `schemas/instruments/`: columns, codes, row rules and indicators, checked and typed.

Lives here: what an instrument's file says, and the pandera schema made from it. Not here: what indicators come to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from schemas import coding, declaration_faults, registry
from schemas.errors import DeclarationError
from schemas.indicator import Indicator, Name
from schemas.read_yaml import read_yaml

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

KEY = "questionnaire_id"
YES_NO = {"yes": {"en": "Yes", "ru": "Да"}, "no": {"en": "No", "ru": "Нет"}}
RECORDS = "records"
LARGEST_COUNT = 10**12
TEXT_TYPES = ("text", "region", "organisation", "place", "code", "codes", "yes_no")


class Column(BaseModel):
    """One column of a record."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: Literal["text", "region", "organisation", "place", "code", "codes", "yes_no", "count", "number", "date"]
    title: Name
    codes: Mapping[str, Name] = Field(default_factory=dict)
    """Of `code` and `codes`: the codes in the order of the form, with their names."""
    required: bool = False
    """A record without it is not valid."""
    dispensable: bool = False
    """A delivery may lack the column."""
    ge: float | None = None
    le: float | None = None
    unit: str | None = None

    @model_validator(mode="after")
    def _codes_where_they_belong(self) -> Column:
        if bool(self.codes) != (self.type in ("code", "codes")):
            raise ValueError("codes belong to columns of type code and codes, and to no other")
        return self

    @property
    def allowed(self) -> tuple[str, ...]:
        """The codes that a cell can hold."""
        return tuple(YES_NO) if self.type == "yes_no" else tuple(self.codes)


class Rule(BaseModel):
    """What must hold between the columns of one record; a record that lacks an operand passes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    column: str
    """The column that is named where the rule fails."""
    message: str
    holds: str | None = None
    """Expression over the columns (`pandas.DataFrame.eval`)."""
    empty: tuple[str, ...] = ()
    """Columns that must be empty `unless` an expression is true."""
    unless: str | None = None
    in_force_on: str | None = None
    """Column of the day on which the legal article in `column` must have been in force; unknown passes."""

    @model_validator(mode="after")
    def _one_form(self) -> Rule:
        forms = (self.holds is not None) + bool(self.empty) + (self.in_force_on is not None)
        if forms != 1 or bool(self.empty) != (self.unless is not None):
            raise ValueError("a rule says one of `holds`, `in_force_on`, or `empty` and `unless`")
        return self

    @property
    def names(self) -> set[str]:
        """Every column that it names but those of its expressions."""
        return {self.column, *self.empty, *([self.in_force_on] if self.in_force_on else [])}


def _columns_besides_country(given: Mapping[str, Column]) -> Mapping[str, Column]:
    if KEY not in given or given[KEY].type != "text":
        raise ValueError(f"{KEY}, the text that names a record, is not there")
    if "country" in given:
        raise ValueError("every instrument has a country; leave it out")
    if [name for name, column in given.items() if column.type == "region"] not in ([], ["region"]):
        raise ValueError("the column of type region is called region, and there is one")
    return given


class DeclaredInstrument(BaseModel):
    """What a file of `schemas/instruments/` says; names in capitals are those of `schemas.instrument.Instrument`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(pattern=r"^[a-z][a-z_]*$")
    title: Name
    row: Name
    """What one record is."""
    units: str
    """Unit of a number of records."""
    day: str | None = None
    apart: str | None = None
    """Column that says what was counted: numbers of two of its codes are never added, and asking for it is refused."""
    columns: Mapping[str, Column]
    row_rules: Mapping[str, Rule] = Field(default_factory=dict, alias="rules")
    indicators: tuple[Annotated[Indicator, Field(discriminator="kind")], ...] = ()
    headlines: tuple[str, ...] = ()
    """Indicators, or single codes of theirs (`experience.projects`), that a reader is shown first."""
    reconciliations: tuple[Mapping[str, Any], ...] = ()
    scenarios: Mapping[str, Any] = Field(default_factory=dict)
    definitions: Mapping[str, Any] = Field(default_factory=dict)
    figures: Mapping[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_exist(self) -> DeclaredInstrument:
        _columns_besides_country(self.columns)
        if self.day is not None and (self.day not in self.columns or self.columns[self.day].type != "date"):
            raise ValueError(f"day: {self.day} is no column of type date")
        if self.apart is not None and (self.apart not in self.columns or self.columns[self.apart].type != "code"):
            raise ValueError(f"apart: {self.apart} is no column of type code")
        for name, rule in self.row_rules.items():
            missing = rule.names - {*self.columns, "country"}
            if missing:
                raise ValueError(f"rule {name} names {', '.join(sorted(missing))}, which is no column")
        ids = [indicator.id for indicator in self.indicators]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"two indicators are called {', '.join(twice)}")
        if unknown := [one for one in self.headlines if one.partition(".")[0] not in ids]:
            raise ValueError(f"headlines names {', '.join(unknown)}, which is no indicator")
        return self

    def of_type(self, *types: str) -> list[str]:
        """Name the columns of some types, in their order."""
        return [name for name, column in self.columns.items() if column.type in types]

    NAME = property(lambda self: self.name)
    ANALYSIS = property(lambda self: RECORDS)
    KEY = property(lambda self: KEY)
    DAY = property(lambda self: self.day)
    KEPT = property(lambda self: ())
    PARADATA = property(lambda self: ())
    COLUMNS = property(lambda self: [KEY, "country", *(name for name in self.columns if name != KEY)])
    TEXTS = property(lambda self: ["country", *self.of_type(*TEXT_TYPES)])
    WHOLE_NUMBERS = property(lambda self: self.of_type("count"))
    COUNTS = property(lambda self: self.of_type("count"))
    NUMBERS = property(lambda self: self.of_type("number"))
    DATES = property(lambda self: self.of_type("date"))
    REGION = property(lambda self: "region" if "region" in self.columns else None)
    SEVERAL = property(lambda self: {name: self.columns[name].allowed for name in self.of_type("codes")})
    CODES = property(lambda self: {name: self.columns[name].allowed for name in self.of_type("code", "yes_no")})
    CODED = property(lambda self: self.of_type(*TEXT_TYPES[1:]))
    REGISTERED = property(lambda self: {name: self.columns[name].type for name in self.of_type(*registry.NAMES)})
    TITLES = property(
        lambda self: {
            "country": "Country",
            **{name: column.title.en for name, column in self.columns.items()},
        }
    )

    @property
    def DISPENSABLE(self) -> tuple[str, ...]:  # noqa: N802 - a module has it as a constant
        """Columns that a delivery may lack."""
        return ("country", *(name for name, column in self.columns.items() if column.dispensable))

    def names_code(self, column: str, code: str) -> bool:
        """Tell whether a code of a column has a name."""
        declared = self.columns[column]
        return code in declared.allowed or (
            declared.type in registry.NAMES and code in registry.of(declared.type).table.index
        )

    def code_name(self, column: str, code: str, language: str) -> str:
        """Name a code of a column in a language."""
        declared = self.columns[column]
        if declared.type in registry.NAMES:
            return registry.of(declared.type).name(code, language)
        if declared.type == "yes_no":
            return YES_NO[code].get(language, code)
        return str(getattr(declared.codes[code], language, declared.codes[code].en))

    def record_schema(self) -> pa.DataFrameSchema:
        """Return the pandera schema of valid records."""
        return self._schema

    @cached_property
    def _schema(self) -> pa.DataFrameSchema:
        import pandera.pandas as pa

        country = pa.Column("str", nullable=False)
        columns = {name: _pandera(name, column) for name, column in self.columns.items()}
        ordered = {name: country if name == "country" else columns[name] for name in self.COLUMNS}
        return pa.DataFrameSchema(ordered, strict=True, coerce=False, name=self.name)

    def rules(self, frame: pd.DataFrame) -> Iterator[tuple[str, str, pd.Series, str]]:
        """Check each record against the declared rules."""
        for name, rule in self.row_rules.items():
            yield name, rule.column, _failing(frame, rule), rule.message


def _pandera(name: str, column: Column) -> pa.Column:
    import pandera.pandas as pa

    types: dict[str, Any] = {"count": "Int64", "number": "float64", "date": "datetime64[us]"}
    checks = []
    if column.type in ("code", "yes_no"):
        checks.append(pa.Check.isin(column.allowed))
    if column.type == "codes":
        checks.append(pa.Check(_each_of(column.allowed), name="isin_each"))
    low = 0 if column.type == "count" and column.ge is None else column.ge
    high = LARGEST_COUNT if column.type == "count" and column.le is None else column.le
    if low is not None:
        checks.append(pa.Check.ge(low))
    if high is not None:
        checks.append(pa.Check.le(high))
    required = column.required or name == KEY
    if name == KEY:
        checks.append(pa.Check.str_length(min_value=1))
    return pa.Column(types.get(column.type, "str"), checks, nullable=not required, title=column.title.en)


def _each_of(allowed: tuple[str, ...]) -> Any:
    known = frozenset(allowed)
    return lambda cells: cells.map(lambda cell: known.issuperset(str(cell).split(coding.SEPARATOR)))


def _failing(frame: pd.DataFrame, rule: Rule) -> pd.Series:
    """Tell which records break a rule."""
    if rule.in_force_on is not None:
        from schemas.legal_articles import known_not_in_force

        return known_not_in_force(frame["country"], frame[rule.column], frame[rule.in_force_on])
    return ~_true_or_unknown(frame, rule.holds) if rule.holds else _filled_in(frame, rule)


def _true_or_unknown(frame: pd.DataFrame, expression: str) -> pd.Series:
    """Evaluate an expression over the records; what is missing makes it unknown, and unknown passes."""
    import pandas as pd

    words = set(re.findall(r"\w+", expression))
    asks_itself = words & {"isna", "notna"}
    names = [] if asks_itself else [name for name in frame.columns if name in words]
    value = frame.eval(expression, engine="python").astype("boolean")
    unknown = pd.Series(False, index=frame.index)
    for name in names:
        unknown |= frame[name].isna()
    return (value.fillna(True) | unknown).astype(bool)


def _filled_in(frame: pd.DataFrame, rule: Rule) -> pd.Series:
    met = frame.eval(str(rule.unless), engine="python").astype("boolean").fillna(False).astype(bool)
    return frame[list(rule.empty)].notna().any(axis=1) & ~met


def read(path: Path) -> DeclaredInstrument:
    """Read an instrument's file. Raises DeclarationError naming the key that is wrong."""
    try:
        content = read_yaml(path)
        instrument = DeclaredInstrument.model_validate(content)
    except yaml.YAMLError as error:
        raise declaration_faults.not_yaml(error, path) from error
    except ValidationError as error:
        raise declaration_faults.invalid(error, path)[0] from error
    if instrument.name != path.stem:
        raise DeclarationError(f'name is "{instrument.name}".', file=str(path), expected=f'the file\'s, "{path.stem}"')
    return instrument
