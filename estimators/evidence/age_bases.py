"""The table `evidence_age_bases`: one share under two moments of age, and whether the two can both be true.

Age only grows. Whoever is below an age when identified was below it when recruited, so that of one population the share
at identification is never above the share at recruitment. How far below it is says how many grew up between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from estimators.evidence.comparability import Refusal, same, usable
from estimators.evidence.limits import Limits, limits
from estimators.evidence.register import HUNDRED, Figure, found, listed
from schemas.figure_reasons import worded
from schemas.figure_rules import AgeBases

POPULATION = ("definition_id", "unit", "country", "region", "place", "counted", "sex", "age_band", "period")
NUMBERS = [
    "base", "at_recruitment", "recruitment_low", "recruitment_high", "at_identification", "identification_low",
    "identification_high", "ratio", "points", "n_recruitment", "n_identification", "n_grown_up", "confidence",
]  # fmt: skip
COLUMNS = [
    "comparison", "title", "title_ru", "country", "recruitment", "identification", "age_band", *NUMBERS,
    "verdict", "refusal", "reason", "reason_ru",
]  # fmt: skip
HOLDS, VIOLATED, REFUSED = "holds", "violated", "refused"


def age_bases(register: Sequence[Figure], rules: Sequence[AgeBases], confidence: float) -> pd.DataFrame:
    """Return COLUMNS, one row per declared comparison. Shares and their limits are percent, points their difference."""
    rows = [_row(register, rule, confidence) for rule in rules]
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(NUMBERS, "float64"))


def _row(register: Sequence[Figure], rule: AgeBases, confidence: float) -> dict[str, Any]:
    names = [rule.recruitment, rule.identification, *([rule.base] if rule.base else [])]
    figures, absent = found(register, names)
    row: dict[str, Any] = {
        "comparison": rule.id,
        "title": rule.title.en,
        "title_ru": rule.title.ru,
        "recruitment": rule.recruitment,
        "identification": rule.identification,
    }
    refusal = Refusal("unknown_figure", listed(absent)) if absent else _refused(figures)
    if refusal is not None:
        told = worded("refused", refusal.code, figures=refusal.figures, values=refusal.values)
        return row | {"verdict": REFUSED, "refusal": refusal.code, **told}
    return row | _compared(figures, confidence)


def _compared(figures: Sequence[Figure], confidence: float) -> dict[str, Any]:
    recruited, identified = figures[0], figures[1]
    before, after = float(recruited["value"]), float(identified["value"])
    base = float(figures[2]["value"]) if len(figures) > 2 else recruited["denominator"]
    counts = (None, None) if base is None else (base * before / HUNDRED, base * after / HUNDRED)
    verdict = HOLDS if after <= before else VIOLATED
    return {
        "country": recruited["country"],
        "age_band": recruited["age_band"],
        "base": base,
        "at_recruitment": before,
        "at_identification": after,
        **_ends("recruitment", limits(recruited, confidence)),
        **_ends("identification", limits(identified, confidence)),
        "ratio": before / after if after else None,
        "points": before - after,
        "n_recruitment": counts[0],
        "n_identification": counts[1],
        "n_grown_up": None if counts[0] is None or counts[1] is None else counts[0] - counts[1],
        "confidence": confidence,
        "verdict": verdict,
        **worded("age", verdict),
    }


def _refused(figures: Sequence[Figure]) -> Refusal | None:
    """Refuse shares of two populations, and ages that are not those at recruitment and at identification."""
    if refusal := usable(figures):
        return refusal
    shares = figures[:2]
    if differing := same(POPULATION)(shares):
        return Refusal("bases", values=differing.values)
    moments = [str(figure["age_basis"]) for figure in shares]
    if moments != ["recruitment", "identification"]:
        return Refusal("same_basis", values=", ".join(moments))
    if missing := [figure.name for figure in figures if figure["value"] is None]:
        return Refusal("missing", listed(missing))
    return None


def _ends(name: str, made: Limits) -> dict[str, float | None]:
    return {f"{name}_low": made.low, f"{name}_high": made.high}
