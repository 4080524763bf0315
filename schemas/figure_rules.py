"""What is declared about published figures under `figures:`: what may be made of them, and what is set side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from schemas.declaration_part import Part
from schemas.errors import DeclarationError


class Title(Part):
    """A text in English and Russian."""

    en: str
    ru: str


class _Named(Part):
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Title


class Made(_Named):
    """A number made of figures, which `of` names in their order, or which `where` is true of (sums only)."""

    of: tuple[str, ...] = ()
    where: str | None = None
    """Expression over the records (`pandas.DataFrame.eval`); unknown counts as false."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.of) == (self.where is not None):
            raise ValueError("say either `of` or `where`")
        return self


class Pair(_Named):
    """A number made of two figures."""

    of: tuple[str, str]


class Scaled(Pair):
    """A ratio of two figures, `per` so many of the second."""

    per: float = Field(default=1, gt=0)


class Rival(_Named):
    """Figures of one thing, set side by side."""

    of: tuple[str, ...] = Field(min_length=2)


class AgeBases(_Named):
    """Shares of one population below an age, the age taken at two moments; base is the number of the population."""

    recruitment: str
    identification: str
    base: str | None = None


class FigureRules(Part):
    """Everything that is declared about the figures of a register. Figures are named by their `questionnaire_id`."""

    confidence: float = Field(default=0.95, gt=0, lt=1)
    sums: tuple[Made, ...] = ()
    differences: tuple[Pair, ...] = ()
    products: tuple[Pair, ...] = ()
    ratios: tuple[Scaled, ...] = ()
    changes: tuple[Pair, ...] = ()
    """From the first figure to the second, in percent of the first."""
    parts: tuple[Pair, ...] = ()
    """The first figure, in percent, of the second."""
    bounds: tuple[Made, ...] = ()
    """How many there can be in all when lists overlap."""
    rivals: tuple[Rival, ...] = ()
    age_bases: tuple[AgeBases, ...] = ()

    @model_validator(mode="after")
    def _different_names(self) -> Self:
        made = (self.sums, self.differences, self.products, self.ratios, self.changes, self.parts, self.bounds)
        ids = [one.id for group in made for one in group]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"two numbers are called {', '.join(twice)}")
        return self


def figure_rules(declared: Mapping[str, Any]) -> FigureRules:
    """Check and type what a survey declares under `figures`. Raises DeclarationError naming the key that is wrong."""
    try:
        return FigureRules.model_validate(declared)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(["figures", *map(str, first["loc"])])
        raise DeclarationError(
            f"{key}: {first['msg'].removeprefix('Value error, ')}.",
            next_step='What can be declared: docs/surveys.md, "Published figures".',
            facts={"key": key},
        ) from error
