"""How far each interviewer's work lies from that of the others of the same region.

Lives here: robust distances and the flags that follow. Not here: what is counted, and what a release says of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from schemas.fieldwork import FieldworkRules, Limits, Measure

CONSISTENT = 1.4826
"""The median absolute deviation of a normal distribution times this is its standard deviation."""


def diagnose(work: pd.DataFrame, rules: FieldworkRules) -> pd.DataFrame:
    """Return each interviewer's measures, distances, flags and score, rows as those of `work`.

    work: one row per interviewer and region: country, region, interviewer and the counts that the measures name.
    Returns country, region, interviewer, the value of each measure under its name (null where it rests on too little),
    `z_<measure>` (null without peers), `peers` (region, country or empty), `flags` (joined by ";") and `score`.
    Source: Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers; Bredl, Storfinger and Menold (2013), A
    Literature Review of Methods to Detect Fabricated Survey Data.
    """
    out = work[["country", "region", "interviewer"]].copy()
    flags = np.full(len(work), "", dtype=object)
    score = np.zeros(len(work))
    peers = np.full(len(work), "", dtype=object)
    for name, measure in rules.measures.items():
        enough = (work[measure.among] >= rules.limits.min_interviews).to_numpy()
        out[name] = value(work, measure).where(enough)
        if measure.kind == "most":
            beyond = enough & (work[measure.of] > (measure.above or np.inf)).to_numpy()
            score += np.where(beyond, rules.limits.score_most, 0)
        else:
            z, among = distances(work, measure, enough, rules.limits)
            peers[among != ""] = among[among != ""]
            out[f"z_{name}"] = z
            away = np.nan_to_num({"high": z, "low": -z, "both": np.abs(z)}[measure.flag])
            beyond = away > rules.limits.z
            score += np.clip(away - rules.limits.score_from, 0, rules.limits.score_most)
        flags[beyond] = [f"{earlier};{name}".strip(";") for earlier in flags[beyond]]
    return out.assign(peers=peers, flags=flags, score=score)


def value(work: pd.DataFrame, measure: Measure) -> pd.Series:
    """Return a measure of each row: a share, a mean, or a number as it is; null where there is nothing to divide by."""
    if measure.kind == "most":
        return work[measure.of].astype(float)
    return work[measure.of] / work[measure.among].where(work[measure.among] > 0)


def distances(
    work: pd.DataFrame, measure: Measure, enough: np.ndarray, limits: Limits
) -> tuple[np.ndarray, np.ndarray]:
    """Return the robust z score of each row against the others of its region, or of its country where these are few.

    enough: (n,) rows whose measure counts. The second array says what a row is compared with: region, country, or
    empty where there are too few of both, or regions differ by nature and the own has too few; z is null there.
    Shares are compared as the arcsine of their root and means as their root, on which chance does not depend on size.
    """
    out, peers = np.full(len(work), np.nan), np.full(len(work), "", dtype=object)
    for rows, asked, kind in groups(work, enough, limits.min_peers):
        if kind == "country" and measure.within_region:
            continue
        place, variance = scaled(work.iloc[rows], measure)
        centre, spread = others(place)
        spread = np.maximum(CONSISTENT * spread, measure.apart / 2 * centre)  # the root of a mean is half as far apart
        error = np.sqrt(spread**2 + limits.clustering * variance)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(error > 0, (place - centre) / error, 0.0)
        out[rows[asked]] = z[asked]
        peers[rows[asked]] = kind
    return out, peers


def groups(work: pd.DataFrame, enough: np.ndarray, min_peers: int) -> Iterator[tuple[np.ndarray, np.ndarray, str]]:
    """Yield the rows that are looked at together, which of them are compared there, and what the group is."""
    usable = work.loc[enough, ["country", "region"]]
    size = usable.groupby(["country", "region"])["region"].transform("size")
    position = np.flatnonzero(enough)
    own = (size > min_peers).to_numpy()
    for _, rows in usable.groupby(["country", "region"]).indices.items():
        if own[rows[0]]:
            yield position[rows], np.full(len(rows), True), "region"
    for _, rows in usable.groupby("country").indices.items():
        if len(rows) > min_peers and not own[rows].all():
            yield position[rows], ~own[rows], "country"


def scaled(work: pd.DataFrame, measure: Measure) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's place on a scale of even chance error, and its variance under simple random sampling.

    Source: Anscombe (1948) for shares; the delta method for the root of a mean, with the group's pooled variance.
    """
    count, base = work[measure.of].to_numpy(float), work[measure.among].to_numpy(float)
    if measure.kind == "share":
        return np.arcsin(np.sqrt((count + 0.375) / (base + 0.75))), 1 / (4 * base + 2)
    assert measure.squares is not None
    mean = count.sum() / base.sum()
    spread = max(work[measure.squares].sum() / base.sum() - mean**2, 0.0)
    variance = spread / (4 * mean * base) if mean > 0 else np.zeros(len(base))
    return np.sqrt(count / base), variance


def others(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each of two or more values the median of all others, and their median absolute deviation from it."""
    centre = median_of_others(values)
    spread = np.empty(len(values))
    for one in np.unique(centre):  # leaving out one value moves a median to at most three places
        rows = centre == one
        spread[rows] = median_of_others(np.abs(values - one))[rows]
    return centre, spread


def median_of_others(values: np.ndarray) -> np.ndarray:
    """Return for each value the median of all others, (n,), n from two on."""
    order = np.argsort(values, kind="stable")
    ordered, left = values[order], len(values) - 1
    low, high = (left - 1) // 2, left // 2  # the places of the median among the others
    rank = np.arange(len(values))
    middle = (ordered[low + (rank <= low)] + ordered[high + (rank <= high)]) / 2
    out = np.empty(len(values))
    out[order] = middle
    return out
