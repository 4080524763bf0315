"""The result table `comparisons`: country against country, sex against sex, place against place.

Rates per 1,000 families by method `design`. Not here: the tests, and changes over time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from estimators.contrasts import holm, log_ratio, ratio_limits, satterthwaite, t_test, wald_f
from estimators.design_cells import VICTIMS, published
from estimators.design_levels import Level, level_totals, levels, row_counts
from estimators.domain_totals import PLACES, survey_totals
from estimators.linearised import Linearised
from estimators.quotients import ratio
from estimators.sampling_design import Design, degrees_of_freedom, sampling_design, variance

COLUMNS = [
    "contrast", "level", "country", "other_country", "indicator", "exploitation", "location", "other_location", "sex",
    "other_sex", "period", "method", "estimate", "other_estimate", "difference", "difference_std_error", "ratio",
    "ratio_low", "ratio_high", "log_ratio_std_error", "confidence", "statistic", "df", "df_denominator", "p_value",
    "p_value_holm",
]  # fmt: skip
INDICATOR = "victims_per_1000_families"
RATES = list(VICTIMS)


@dataclass(frozen=True)
class Rates:
    """Rates of the domains of one level, with what a comparison needs: influences, the design, df (n_domains,)."""

    cells: Linearised
    design: Design
    level: Level
    names: list[str | None]
    df: np.ndarray

    def contrast(self, a: int, b: int) -> Linearised:
        """Return the difference of two cells in every domain, which shares PSUs."""
        z = self.cells.influence
        assert z is not None
        return Linearised(self.cells.value[:, [a]] - self.cells.value[:, [b]], z[:, [a]] - z[:, [b]], self.cells.domain)

    def log_contrast(self, a: int, b: int) -> np.ndarray:
        """Return influences of log(a / b), null where a cell is zero, (n_rows, 1)."""
        z, value = self.cells.influence, self.cells.of_row()
        assert z is not None
        return ratio(z[:, [a]], value[:, [a]]) - ratio(z[:, [b]], value[:, [b]])

    def variance(self, influence: np.ndarray) -> np.ndarray:
        """Return variances (n_domains, n_cells) of influences."""
        return variance(self.design, influence, self.level.row_domain, len(self.names))


def comparisons(psu_totals: pd.DataFrame, population: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Compare yearly rates per 1,000 families: a ratio, a difference, a test.

    Arguments as of `estimators.estimate`; options are those of method `design`. contrast `countries`: every
    pair, on the log scale, independent samples, Satterthwaite df, p values also adjusted by Holm over the
    pairs of a cell; `all_countries`: Wald F that all are equal; `sexes` and `locations`: within a country,
    with the covariance of cells that rest on the same PSUs. Null where a rate is zero or the test is not
    possible; a difference still stands. Returns COLUMNS, sorted by the key.
    """
    options = {**(settings.get("rates") or {}), **(settings["methods"].get("design") or {})}
    totals = survey_totals(psu_totals, population)
    design = sampling_design(totals.psu, options)
    rows, relatives = row_counts(totals)
    held = totals.psu[["n_respondents"]].to_numpy() > 0
    by_level = []
    for level in levels(totals, options)[1:]:
        cells = published(level, level_totals(level, rows, relatives), float(options["years"]))[slice(len(RATES))]
        n = len(level.domains)
        names = totals.domains["country"].iloc[level.domains].astype(object).where(lambda c: c.notna(), None)
        df = degrees_of_freedom(design, level.row_domain, n, held)[:, 0]
        by_level.append(Rates(cells, design, level, names.tolist(), df))
    confidence = float(options["confidence"])
    frames = [between_countries(by_level[0], confidence), of_all_countries(by_level[0])]
    frames += [within(rates, name, confidence) for name, rates in zip(("national", "group"), by_level, strict=True)]
    table = pd.concat([frame for frame in frames if len(frame)], ignore_index=True) if any(map(len, frames)) else None
    table = pd.DataFrame(columns=COLUMNS) if table is None else table
    table = table.assign(indicator=INDICATOR, period="annual", method="design", confidence=confidence)
    return table.reindex(columns=COLUMNS).sort_values(COLUMNS[:12], na_position="first", ignore_index=True)


def between_countries(rates: Rates, confidence: float) -> pd.DataFrame:
    """Compare every pair of countries in every cell."""
    assert rates.cells.influence is not None
    spread = rates.variance(rates.cells.influence)
    frames = []
    pairs = list(combinations(range(len(rates.names)), 2))
    a, b = np.array([p[0] for p in pairs], int), np.array([p[1] for p in pairs], int)
    for cell in RATES:
        column = RATES.index(cell)
        value, own = rates.cells.value[:, column], spread[:, column]
        relative = ratio(own, value**2)
        effect, both = log_ratio(value[a], value[b]), relative[a] + relative[b]
        df = satterthwaite(relative[a], rates.df[a], relative[b], rates.df[b])
        frame = _tested(value[a], value[b], own[a] + own[b], effect, both, df, confidence)
        frame["p_value_holm"] = holm(frame["p_value"].to_numpy())
        frame["country"] = [rates.names[i] for i in a]
        frame["other_country"] = [rates.names[i] for i in b]
        frames.append(_keyed(frame, "countries", "national", cell, cell))
    return pd.concat(frames, ignore_index=True)


def of_all_countries(rates: Rates) -> pd.DataFrame:
    """Test in every cell that all countries have one rate."""
    assert rates.cells.influence is not None
    spread = rates.variance(rates.cells.influence)
    frames = []
    for column, cell in enumerate(RATES):
        value = rates.cells.value[:, column]
        logs = np.log(np.where(value > 0, value, np.nan))
        relative = np.diag(ratio(spread[:, column], value**2))
        f, upper, lower, p = wald_f(logs, relative, float(rates.df.sum()))
        frame = pd.DataFrame({"statistic": [f], "df": [upper], "df_denominator": [lower], "p_value": [p]})
        frames.append(_keyed(frame, "all_countries", "national", cell, cell))
    return pd.concat(frames, ignore_index=True)


def within(rates: Rates, level: str, confidence: float) -> pd.DataFrame:
    """Compare women with men, and abroad with inside, in every domain of a level."""
    pairs = [
        ("sexes", ("labour", location, "women"), ("labour", location, "men")) for location in (*PLACES, "both")
    ] + [
        ("locations", (exploitation, "abroad", sex), (exploitation, "inside", sex))
        for exploitation, location, sex in RATES
        if location == "inside"
    ]
    frames = []
    for contrast, one, other in pairs:
        a, b = RATES.index(one), RATES.index(other)
        difference = rates.contrast(a, b)
        assert difference.influence is not None
        value = rates.cells.value
        effect = log_ratio(value[:, a], value[:, b])
        both = rates.variance(np.nan_to_num(rates.log_contrast(a, b)))[:, 0]
        both = np.where(np.isfinite(effect), both, np.nan)
        spread = rates.variance(difference.influence)[:, 0]
        frame = _tested(value[:, a], value[:, b], spread, effect, both, rates.df, confidence)
        frame["country"] = rates.names
        frames.append(_keyed(frame, contrast, level, one, other))
    return pd.concat(frames, ignore_index=True)


def _tested(
    a: np.ndarray,
    b: np.ndarray,
    spread: np.ndarray,
    effect: np.ndarray,
    log_spread: np.ndarray,
    df: np.ndarray,
    confidence: float,
) -> pd.DataFrame:
    """Lay a comparison out: both estimates, their difference, their ratio with limits, and the test of the ratio."""
    test = t_test(effect, log_spread, df)
    low, high = ratio_limits(effect, log_spread, df, confidence)
    return pd.DataFrame(
        {
            "estimate": a,
            "other_estimate": b,
            "difference": a - b,
            "difference_std_error": np.sqrt(spread),
            "ratio": np.exp(effect),
            "ratio_low": low,
            "ratio_high": high,
            "log_ratio_std_error": np.sqrt(log_spread),
            "statistic": test.statistic,
            "df": test.df,
            "p_value": test.p_value,
        }
    )


def _keyed(
    frame: pd.DataFrame, contrast: str, level: str, one: tuple[str, str, str], other: tuple[str, str, str]
) -> pd.DataFrame:
    """Name what is compared; the other place or sex only where it differs."""
    return frame.assign(
        contrast=contrast,
        level=level,
        exploitation=one[0],
        location=one[1],
        other_location=other[1] if other[1] != one[1] else None,
        sex=one[2],
        other_sex=other[2] if other[2] != one[2] else None,
    )
