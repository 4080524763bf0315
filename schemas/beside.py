"""Surveys whose counts overlap another's by an unknown number: they are shown beside it, and never added to it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from schemas.additivity import additivity
from schemas.declaration_part import Part
from schemas.errors import DeclarationError


class Beside(Part):
    """Which survey another one stands beside, and why the two cannot be added."""

    survey: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    reason: str = Field(min_length=1)
    reason_ru: str = Field(min_length=1)


def refuse_sums(beside: Beside, indicators: Iterable[str], file: Path) -> None:
    """Raise DeclarationError for an indicator whose numbers are promised to add up, over regions, groups or countries.

    indicators: identifiers of the survey that stands beside another. A number of that name would be added to the other
    survey's, which `schemas/additivity.yaml` allows for surveys that count different people.
    """
    promised = additivity()
    sums = {*promised.split_indicators, *promised.region_indicators, *promised.country_indicators}
    for name in sorted(sums.intersection(indicators)):
        raise DeclarationError(
            f'"{name}" is promised to add up, and this survey is never added to {beside.survey}: {beside.reason}',
            file=str(file),
            expected="another name for the indicator, which schemas/additivity.yaml does not list",
        )
