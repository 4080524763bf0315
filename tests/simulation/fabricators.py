"""Surveys of honest interviewers among whom some are known to invent: one of each kind, in each survey.

An honest interviewer visits eight settlements; families differ by region, and cases cluster in settlements, so that
honest work differs from interviewer to interviewer too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from schemas import family_survey
from schemas.family_survey import COUNTS

REGIONS = 4
INTERVIEWERS = 10
SETTLEMENTS = 8
FAMILIES = 12
KINDS = ("copies", "rounds", "zeros", "hurries", "invents", "rushes")
"""copies: a third of the forms are another one, at most one answer changed.  rounds: relatives to the next five.
zeros: hardly anybody has a case.  hurries: thirty forms a day, honest otherwise.  invents: two of three families
have several cases abroad.  rushes: interviews take half their time.  Only he who rushes writes down other lengths than
an honest interviewer would."""


@dataclass(frozen=True)
class Simulated:
    """The interviews as the warehouse holds them, and who is what: interviewer to kind, honest ones left out."""

    interviews: pd.DataFrame
    fabricators: dict[str, str]


def survey(seed: int) -> Simulated:
    """Draw one survey; the same one for the same seed."""
    rng = np.random.default_rng(seed)
    names = [f"I{number:03d}" for number in range(REGIONS * INTERVIEWERS)]
    kinds = dict(zip(rng.choice(names, len(KINDS), replace=False).tolist(), KINDS, strict=True))
    parts = []
    for region in range(REGIONS):
        size, exposed = rng.uniform(7, 12), rng.uniform(0.15, 0.3)
        for name in names[region * INTERVIEWERS : (region + 1) * INTERVIEWERS]:
            forms = _honest(rng, size, exposed).assign(region=f"KG-{region}", interviewer=name)
            parts.append(_fabricated(rng, forms, kinds.get(name)))
    frame = pd.concat(parts, ignore_index=True)
    frame["duration_minutes"] = _lengths(seed, frame, kinds)
    number = [f"q{at:06d}" for at in range(len(frame))]
    fixed = {"survey_id": "s", "load_id": "l", "country": "KG", "district": "d", "settlement_type": "rural", "ngo": "n"}
    frame = frame.assign(**fixed, questionnaire_id=number, source_row=range(len(frame)))
    frame["relatives_raw"] = frame["relatives"]
    return Simulated(frame, kinds)


def _lengths(seed: int, frame: pd.DataFrame, kinds: dict[str, str]) -> np.ndarray:
    """Return the length of each interview in minutes, with a stream of its own: the answers stay what they are.

    Gamma with a coefficient of variation of 0.35 about 12 minutes, one for two relatives, and three where there is a
    case; interviewers have a tempo of their own (10 % apart), which is no fault of theirs.
    """
    rng = np.random.default_rng([seed, 1])
    cases = frame[COUNTS].fillna(0).sum(axis=1).to_numpy(dtype=float) > 0
    names = frame["interviewer"]
    tempo = {name: rng.normal(1, 0.1) * (0.5 if kinds.get(name) == "rushes" else 1) for name in names.unique()}
    mean = (12 + 0.5 * frame["relatives"].to_numpy(dtype=float) + 3 * cases) * names.map(tempo).to_numpy(dtype=float)
    return np.round(2 * mean * rng.gamma(8, 1 / 8, len(frame))) / 2 + 1


def _honest(rng: np.random.Generator, size: float, exposed: float) -> pd.DataFrame:
    """Return the forms of one interviewer: twelve families in each of eight settlements, two days each."""
    n = SETTLEMENTS * FAMILIES
    place = np.repeat(np.arange(SETTLEMENTS), FAMILIES)
    level = rng.gamma(2, 0.5, SETTLEMENTS)[place]  # a settlement's exposure: mean 1, variance 1/2
    relatives = 1 + rng.negative_binomial(6, 6 / (6 + size - 1), n)
    abroad, inside = (rng.random(n) < np.minimum(0.9, share * level) for share in (0.5, 0.3))
    out = {name: np.full(n, np.nan) for name in COUNTS}
    for where, moved in (("inside", inside), ("abroad", abroad)):
        for name in family_survey.count_columns(where):
            out[name][moved] = 0
        hit = moved & (rng.random(n) < exposed)
        window = np.where(rng.random(n) < 0.45, "last_3_years", "earlier")
        for at in np.flatnonzero(hit):
            women, men = int(rng.poisson(0.6)), 1 + int(rng.poisson(0.6))
            out[f"labour_{where}_women_{window[at]}"][at] = women
            out[f"labour_{where}_men_{window[at]}"][at] = men
            out[f"labour_{where}_total_{window[at]}"][at] = women + men
    day = pd.Timestamp("2009-09-01") + pd.to_timedelta(2 * place + np.tile(np.arange(FAMILIES) >= 9, SETTLEMENTS), "D")
    frame = pd.DataFrame({name: pd.array(values, dtype="Int64") for name, values in out.items()})
    answers = {"migrant_inside": np.where(inside, "yes", "no"), "migrant_abroad": np.where(abroad, "yes", "no")}
    return frame.assign(relatives=relatives, **answers, settlement=[f"v{at}" for at in place], interview_date=day)


def _fabricated(rng: np.random.Generator, forms: pd.DataFrame, kind: str | None) -> pd.DataFrame:
    forms = forms.copy()
    answers = ["relatives", "migrant_inside", "migrant_abroad", *COUNTS]
    if kind == "copies":
        reporting = np.flatnonzero(forms[COUNTS].fillna(0).sum(axis=1) > 0)
        copied = rng.choice(len(forms), len(forms) // 3, replace=False)
        of = np.arange(len(forms))
        of[copied] = reporting[copied % min(4, len(reporting))]
        forms[answers] = forms[answers].take(of).set_axis(forms.index)
        forms.loc[forms.index[copied], "relatives"] += rng.integers(2, size=len(copied))
    elif kind == "rounds":
        forms["relatives"] = np.maximum(5, 5 * np.round(forms["relatives"] / 5)).astype(int)
    elif kind == "zeros":
        gone = rng.random(len(forms)) < 0.95
        for name in COUNTS:
            forms[name] = forms[name].mask(gone & forms[name].notna(), 0)
    elif kind == "hurries":
        forms["interview_date"] = pd.Timestamp("2009-09-01") + pd.to_timedelta(np.arange(len(forms)) // 30, "D")
    elif kind == "invents":
        there = rng.random(len(forms)) < 0.7
        forms.loc[there, "migrant_abroad"] = "yes"
        number = pd.Series(2 + rng.integers(3, size=len(forms)), index=forms.index, dtype="Int64")
        for name in ("labour_abroad_men_last_3_years", "labour_abroad_total_last_3_years"):
            forms[name] = forms[name].mask(there, number)
    return forms
