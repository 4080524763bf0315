"""How a rule names the numbers, texts and days it is about: which records, which column, and what is made of them."""

from __future__ import annotations

import ast
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator


def _readable(expression: str) -> str:
    """Refuse what is no expression over columns before any record is looked at."""
    if "@" in expression or "__" in expression:
        raise ValueError("an expression names columns and values only: no @ and no __")
    try:
        ast.parse(expression.strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"no expression: {error.msg}") from error
    return expression.strip()


Expression = Annotated[str, AfterValidator(_readable)]
"""What `pandas.DataFrame.eval` makes true or false of each record; unknown counts as false."""


class Part(BaseModel):
    """A part of a rule: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Part):
    """A text in English and Russian."""

    en: str = Field(min_length=1)
    ru: str = Field(min_length=1)


class Figures(Part):
    """Numbers of records: those that `where` is true of, or of `ids`; or one `number` that the rule itself states."""

    where: Expression | None = None
    ids: tuple[str, ...] = ()
    """Numbers of records (`questionnaire_id`)."""
    number: float | None = None
    of: str = "value"
    """The column that holds the number."""
    take: Literal["each", "sum", "product", "count", "distinct", "min", "max", "mean"] = "each"
    """`each` keeps the numbers apart; `count` counts the records; `distinct` counts different values."""
    decimals: int | None = Field(default=None, ge=0, le=6)
    """Decimals it is printed with; those of the number as it stands when nothing is said (70.0 loses its own)."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.where is not None) + bool(self.ids) + (self.number is not None) != 1:
            raise ValueError("say one of `where`, `ids` and `number`")
        return self


class Day(Part):
    """A day, month or year: of a record's column, or written in the rule."""

    where: Expression | None = None
    ids: tuple[str, ...] = ()
    date: str | None = None
    """YYYY, YYYY-MM or YYYY-MM-DD."""
    of: str = "period_start"

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.where is not None) + bool(self.ids) + (self.date is not None) != 1:
            raise ValueError("say one of `where`, `ids` and `date`")
        return self


def _figures(given: Any) -> Any:
    if isinstance(given, str):
        return {"where": given}
    return {"number": given} if isinstance(given, (int, float)) and not isinstance(given, bool) else given


def _several(given: Any) -> Any:
    return [_figures(one) for one in given] if isinstance(given, (list, tuple)) else [_figures(given)]


def _day(given: Any) -> Any:
    if not isinstance(given, str):
        return {"date": str(given)} if not isinstance(given, dict) else given
    return {"date": given} if given[:4].isdigit() else {"where": given}


One = Annotated[Figures, BeforeValidator(_figures)]
"""One number: an expression, a number, or a mapping."""
Several = Annotated[tuple[One, ...], BeforeValidator(_several), Field(min_length=1)]
"""Numbers: one such entry or a list of them."""
OneDay = Annotated[Day, BeforeValidator(_day)]
"""A day: an expression, a date, or a mapping."""
