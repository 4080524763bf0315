"""What a survey declares about its rates: the window, the confidence, how settlements were drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from schemas.declaration_part import Part


class Rates(Part):
    """What every method is told about the annual rate: the window's length, the confidence, countries that differ."""

    years: float = Field(gt=0)
    confidence: float = Field(gt=0, lt=1)
    countries: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    lonely_psu: Literal["fail", "remove", "adjust", "average", "collapse", "certainty"] = "fail"
    """What a stratum with one settlement stands for; `fail` stops the run until somebody chooses."""
    collapse: Mapping[str, str] = Field(default_factory=dict)
    """For the rule `collapse`: a stratum and the neighbour it is estimated with."""
    frame_psus: Mapping[str, float] = Field(default_factory=dict)
    """Settlements in the frame, by stratum, where known: the first-stage sampled share follows from them."""
    psu_selection: Literal["random", "systematic"] = "random"
    """How settlements were drawn; `systematic`: by equal steps from a list, whose order `frame.csv` holds."""
    second_stage: Literal["unknown", "known"] = "unknown"
    """Whether `frame.csv` says how many families live in each settlement that was drawn."""
    calibrate_nations: Literal["regions", "published"] = "regions"
    """What nations of the design methods add up to: the surveyed regions' populations, or the nation's own row."""
    earlier_years: float | None = Field(default=None, gt=0)
    """Assumed length of the window before, which the form leaves open; without it there is no trend."""
    earlier_years_grid: tuple[float, ...] = ()
