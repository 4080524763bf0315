"""Limits of a cited share: Wilson's where it is of a sample with a stated base, and otherwise why there are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimators.evidence.register import HUNDRED, PERCENT, Figure
from estimators.simple_random import wilson

SAMPLED = ("survey_share", "survey_part", "victim_profile")
"""Kinds of measure whose base is people or things that were looked at."""
COUNTED = "survey_part"
"""Kind of measure whose number is a part of its base: 2 of 12 institutions. A number of persons that 17 organisations
state is none."""
WILSON, ASSUMED = "wilson", "assumed_base"


@dataclass(frozen=True)
class Limits:
    """A share in percent with its limits, or the code of the reason why it has none."""

    code: str
    share: float | None = None
    low: float | None = None
    high: float | None = None


def limits(figure: Figure, confidence: float) -> Limits:
    """Return the limits of a figure. A number among a base is a share too: 2 of 12 institutions."""
    if code := _without(figure):
        return Limits(code)
    share, base = _share(figure), float(figure["denominator"])
    low, high = wilson(np.array(share / HUNDRED), np.array(base), confidence)
    code = ASSUMED if figure["base_assumed"] == "yes" else WILSON
    return Limits(code, share, float(low) * HUNDRED, float(high) * HUNDRED)


def _without(figure: Figure) -> str | None:
    """Say why a figure has no limits: the first reason there is."""
    base, value = figure["denominator"], figure["value"]
    counted = figure["measure_type"] == COUNTED and base is not None and value is not None and value <= base
    reasons = {
        "withheld": figure.hidden,
        "no_number": figure.ends is None,
        "claim": figure.claimed,
        "not_a_share": figure["unit"] != PERCENT and not counted,
        "single_informant": figure.single,
        "no_base": not figure["denominator"],
        "not_a_sample": figure["measure_type"] not in SAMPLED or figure["value"] is None,
    }
    return next((code for code, holds in reasons.items() if holds), None)


def _share(figure: Figure) -> float:
    value = float(figure["value"])
    return value if figure["unit"] == PERCENT else value / float(figure["denominator"]) * HUNDRED
