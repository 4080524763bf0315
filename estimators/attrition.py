"""What a gap between people assisted and crimes registered is worth under other assumptions than one victim each.

Lives here: the grid of victims per crime and overlap of organisations, the break-even points of a claim, and the bounds
of people on several lists. Not here: the counts themselves, and findings about them (`reconciliation`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from estimators.list_overlap import ESTIMABLE, listed_people
from estimators.multiple_systems import estimate_lists
from estimators.poisson_ratio import poisson_ratio

CONFIDENCE = 0.95
COLUMNS = [
    "country", "scenario", "assumptions", "victims_per_crime", "overlap", "estimate", "std_error", "ci_low", "ci_high",
    "confidence", "unit", "feasible", "claim_holds", "claim_sure", "reason", "reason_ru",
]  # fmt: skip
NUMBERS = ["victims_per_crime", "overlap", "estimate", "std_error", "ci_low", "ci_high", "confidence"]
TYPES = {name: "float64" if name in NUMBERS else "str" for name in COLUMNS}
NOT_FEASIBLE = "fewer people came than the crimes have victims: the assumptions contradict the counts"
NOT_FEASIBLE_RU = "обратилось меньше людей, чем пострадавших в преступлениях: допущения противоречат числам"


def scenarios(records: pd.DataFrame, estimates: pd.DataFrame, spec: Mapping[str, Any]) -> pd.DataFrame:
    """Compute the declared scenarios of a survey of records, for each of its countries.

    records: one row each, with `country` and the columns that `people_on_lists` names. estimates: the national rows of
    `estimates`, with country, indicator and estimate. spec: `under_registration` (people, crimes: ids of indicators;
    victims_per_crime, overlap: the grid; claim_above: the share from which the claim holds; confidence) and
    `people_on_lists` (person, list: columns). Returns COLUMNS; see `grid`, `break_even` and `on_lists`.
    Raises ValueError for an indicator that has no number, or several, in a country.
    """
    rows: list[dict[str, Any]] = []
    for country, part in records.groupby("country", sort=True):
        if gap := spec.get("under_registration"):
            rows += _gap_rows(str(country), estimates[estimates["country"] == country], gap)
        if lists := spec.get("people_on_lists"):
            rows += [{"country": country, **row} for row in on_lists(part, lists["person"], lists["list"])]
    return pd.DataFrame(rows, columns=COLUMNS).astype(TYPES)


def _gap_rows(country: str, estimates: pd.DataFrame, gap: Mapping[str, Any]) -> list[dict[str, Any]]:
    people, crimes = (_count(estimates, name, gap[name]) for name in ("people", "crimes"))
    options = {"claim_above": float(gap["claim_above"]), "confidence": float(gap.get("confidence", CONFIDENCE))}
    overlap = [float(d) for d in gap["overlap"]]
    made = [*grid(people, crimes, [float(v) for v in gap["victims_per_crime"]], overlap, **options),
            *break_even(people, crimes, overlap, **options)]  # fmt: skip
    return [{"country": country, **row} for row in made]


def _count(estimates: pd.DataFrame, name: str, indicator: str) -> float:
    found = estimates.loc[estimates["indicator"] == indicator, "estimate"]
    if len(found) != 1:
        raise ValueError(f"scenarios: {name}: {indicator} has {len(found)} numbers for a country; it must have one")
    return float(found.iloc[0])


def grid(
    people: float,
    crimes: float,
    victims_per_crime: list[float],
    overlap: list[float],
    claim_above: float,
    confidence: float,
) -> Iterator[dict[str, Any]]:
    """Yield the share of people without a registered crime, 1 - v crimes / (people (1 - d)), for each v and d.

    people: intakes; crimes: registered. v: victims that a crime has. d: share of intakes that are of somebody who was
    counted before. Limits are those of the Poisson ratio crimes / people, carried through; they hold v and d for known.
    A negative share means that v and d cannot both be so (`feasible` is no), and then nothing is said of the claim.
    claim_holds: the share is above `claim_above`; claim_sure: both limits are on the same side of it.
    Raises ValueError for a v that is not above 0 or a d outside [0, 1).
    """
    if not all(v > 0 for v in victims_per_crime) or not all(0 <= d < 1 for d in overlap):
        raise ValueError("victims_per_crime is above 0, and overlap is from 0 to less than 1")
    ratio, low, high, error = poisson_ratio(crimes, people, confidence)
    for d in overlap:
        for v in victims_per_crime:
            scale = v / (1 - d)
            share, below, above = 1 - ratio * scale, 1 - high * scale, 1 - low * scale
            known = not math.isnan(share)
            yield {
                "scenario": "under_registration", "assumptions": f"victims_per_crime={v:g};overlap={d:g}",
                "victims_per_crime": v, "overlap": d, "estimate": share, "std_error": error * scale,
                "ci_low": below, "ci_high": above, "confidence": confidence, "unit": "share",
                "feasible": _word(share >= 0) if known else None,
                "claim_holds": _word(share > claim_above) if share >= 0 else None,
                "claim_sure": _word(below > claim_above or above <= claim_above) if share >= 0 else None,
                "reason": NOT_FEASIBLE if share < 0 else None, "reason_ru": NOT_FEASIBLE_RU if share < 0 else None,
            }  # fmt: skip


def break_even(
    people: float, crimes: float, overlap: list[float], claim_above: float, confidence: float
) -> Iterator[dict[str, Any]]:
    """Yield, for each overlap d, the victims per crime at which the claim fails and at which everybody is registered.

    `claim_break_even`: (1 - claim_above) (1 - d) people / crimes; below it the claim holds. `registered_break_even`:
    (1 - d) people / crimes; above it the assumptions contradict the counts. Limits are those of the Poisson ratio
    people / crimes, carried through.
    """
    ratio = poisson_ratio(people, crimes, confidence)
    for name, share in (("claim_break_even", 1 - claim_above), ("registered_break_even", 1.0)):
        for d in overlap:
            estimate, low, high, error = (number * share * (1 - d) for number in ratio)
            yield {
                "scenario": name, "assumptions": f"overlap={d:g}", "overlap": d,
                "estimate": estimate, "std_error": error, "ci_low": low, "ci_high": high, "confidence": confidence,
                "unit": "victims_per_crime",
            }  # fmt: skip


def on_lists(records: pd.DataFrame, person: str, on_list: str) -> Iterator[dict[str, Any]]:
    """Yield how many people the lists hold together and, where they overlap, how many there are on a list or on none.

    `people_on_lists`: the different keys, with no confidence but the bounds from the largest list to the sum of all;
    no number where keys do not match, and why. `people_on_a_list_or_none`: one row per model of `multiple_systems`.
    """
    found = listed_people(records, person, on_list)
    if not found.n_lists:
        return
    low, high = found.bounds
    estimable = found.verdict == ESTIMABLE
    yield {
        "scenario": "people_on_lists", "assumptions": "one key is one person" if estimable else found.verdict,
        "estimate": found.n_keys if estimable else math.nan, "ci_low": low, "ci_high": high, "unit": "persons",
        "reason": found.reason or None, "reason_ru": found.reason_ru or None,
    }  # fmt: skip
    if found.overlaps is None:
        return
    for model in estimate_lists(found.overlaps, {"replicates": 0}).to_dict("records"):
        yield {
            "scenario": "people_on_a_list_or_none", "assumptions": f"{model['model']}:{model['limits']}",
            **{name: model[name] for name in ("estimate", "std_error", "ci_low", "ci_high", "confidence")},
            "unit": "persons",
        }  # fmt: skip


def _word(holds: bool) -> str:
    return "yes" if holds else "no"


def as_cells(computed: pd.DataFrame) -> pd.DataFrame:
    """Lay scenarios out as cells of `estimates`, indicator `scenario[assumptions]`, for numbers that were printed."""
    named = computed["scenario"] + "[" + computed["assumptions"] + "]"
    plain = {"exploitation": "all", "location": "all", "sex": "all", "period": "survey"}
    cells = computed[["country", "estimate", "ci_low", "ci_high"]]
    return cells.assign(indicator=named, region=None, **plain)
