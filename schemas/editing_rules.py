"""The editing rules that a survey of families declares, by country. Not here: how they are applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from schemas.declaration_part import Part


class RelativesAbove(Part):
    """What happens to a questionnaire that reports more relatives than `limit` persons."""

    limit: int
    action: Literal["cap", "drop"]


class CasesAboveRelatives(Part):
    """A questionnaire is dropped when its cases exceed `factor` times its relatives."""

    factor: float
    action: Literal["drop"] = "drop"


class Editing(Part):
    """The editing rules of one country, in the order they are applied."""

    relatives_missing: Literal["drop"] = "drop"
    cases_above_relatives: CasesAboveRelatives
    relatives_above: RelativesAbove
    sex_total_mismatch: Literal["warn"] = "warn"


class EditingByCountry(Part):
    """Editing rules: a default and the countries that differ."""

    default: Editing
    countries: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)

    def of(self, country: str) -> Editing:
        """Return the rules of one country: the default, with the country's own keys on top."""
        return Editing.model_validate({**self.default.model_dump(), **self.countries.get(country, {})})
