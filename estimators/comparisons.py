"""The result table `comparisons`: country against country, sex against sex, place against place.

Rates per 1,000 families by method `design`. Not here: the tests, and changes over time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
WORDS = COLUMNS[:12]
Columns = dict[str, Any]
"""Columns of `comparisons` by name: arrays of one length, or one value for all rows."""
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

    def contrast(self, a: Sequence[int], b: Sequence[int]) -> np.ndarray:
        """Return influences of the differences of cells, which share PSUs, (n_rows, n_pairs)."""
        z = self.cells.influence
        assert z is not None
        return z[:, a] - z[:, b]

    def log_contrast(self, a: Sequence[int], b: Sequence[int]) -> np.ndarray:
        """Return influences of log(a / b), null where a cell is zero, (n_rows, n_pairs)."""
        z, value = self.cells.influence, self.cells.of_row()
        assert z is not None
        return ratio(z[:, a], value[:, a]) - ratio(z[:, b], value[:, b])

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
    table = together([part for parts in frames for part in parts])
    table = table.assign(indicator=INDICATOR, period="annual", method="design", confidence=confidence)
    return table[COLUMNS].sort_values(COLUMNS[:12], na_position="first", ignore_index=True)


def together(parts: Sequence[Columns]) -> pd.DataFrame:
    """Put the columns of parts under each other, null where a part has not a column, which may also be one value."""
    lengths = [max(np.size(values) for values in part.values()) for part in parts]

    def column(name: str) -> np.ndarray:
        nothing = None if name in WORDS else np.nan
        kind = object if name in WORDS else float
        given = [np.asarray(part.get(name, nothing), dtype=kind) for part in parts]
        return np.concatenate([np.broadcast_to(v, n) for v, n in zip(given, lengths, strict=True)])

    return pd.DataFrame({name: column(name) for name in COLUMNS})


def between_countries(rates: Rates, confidence: float) -> list[Columns]:
    """Compare every pair of countries in every cell."""
    assert rates.cells.influence is not None
    spread = rates.variance(rates.cells.influence)
    pairs = list(combinations(range(len(rates.names)), 2))
    if not pairs:
        return []
    a, b = np.array(pairs).T
    parts = []
    for cell in RATES:
        column = RATES.index(cell)
        value, own = rates.cells.value[:, column], spread[:, column]
        relative = ratio(own, value**2)
        effect, both = log_ratio(value[a], value[b]), relative[a] + relative[b]
        df = satterthwaite(relative[a], rates.df[a], relative[b], rates.df[b])
        tested = _tested(value[a], value[b], own[a] + own[b], effect, both, df, confidence)
        tested["p_value_holm"] = holm(tested["p_value"])
        tested["country"] = np.array([rates.names[i] for i in a], dtype=object)
        tested["other_country"] = np.array([rates.names[i] for i in b], dtype=object)
        parts.append({**tested, **_key("countries", "national", cell, cell)})
    return parts


def of_all_countries(rates: Rates) -> list[Columns]:
    """Test in every cell that all countries have one rate."""
    assert rates.cells.influence is not None
    spread = rates.variance(rates.cells.influence)
    parts = []
    for column, cell in enumerate(RATES):
        value = rates.cells.value[:, column]
        logs = np.log(np.where(value > 0, value, np.nan))
        relative = np.diag(ratio(spread[:, column], value**2))
        f, upper, lower, p = wald_f(logs, relative, float(rates.df.sum()))
        tested = {"statistic": f, "df": upper, "df_denominator": lower, "p_value": p}
        parts.append({**tested, **_key("all_countries", "national", cell, cell)})
    return parts


def within(rates: Rates, level: str, confidence: float) -> list[Columns]:
    """Compare women with men, and abroad with inside, in every domain of a level."""
    pairs = [
        ("sexes", ("labour", location, "women"), ("labour", location, "men")) for location in (*PLACES, "both")
    ] + [
        ("locations", (exploitation, "abroad", sex), (exploitation, "inside", sex))
        for exploitation, location, sex in RATES
        if location == "inside"
    ]
    a, b = [RATES.index(one) for _, one, _ in pairs], [RATES.index(other) for *_, other in pairs]
    value, names = rates.cells.value, np.array(rates.names, dtype=object)
    effect = log_ratio(value[:, a], value[:, b])
    both = np.where(np.isfinite(effect), rates.variance(np.nan_to_num(rates.log_contrast(a, b))), np.nan)
    spread = rates.variance(rates.contrast(a, b))
    parts = []
    for c, (contrast, one, other) in enumerate(pairs):
        x, y = value[:, a[c]], value[:, b[c]]
        tested = _tested(x, y, spread[:, c], effect[:, c], both[:, c], rates.df, confidence)
        parts.append({**tested, "country": names, **_key(contrast, level, one, other)})
    return parts


def _tested(
    a: np.ndarray,
    b: np.ndarray,
    spread: np.ndarray,
    effect: np.ndarray,
    log_spread: np.ndarray,
    df: np.ndarray,
    confidence: float,
) -> dict[str, np.ndarray]:
    """Lay a comparison out: both estimates, their difference, their ratio with limits, and the test of the ratio."""
    test = t_test(effect, log_spread, df)
    low, high = ratio_limits(effect, log_spread, df, confidence)
    return {
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


def _key(contrast: str, level: str, one: tuple[str, str, str], other: tuple[str, str, str]) -> Columns:
    """Name what is compared; the other place or sex only where it differs."""
    return {
        "contrast": contrast,
        "level": level,
        "exploitation": one[0],
        "location": one[1],
        "other_location": other[1] if other[1] != one[1] else None,
        "sex": one[2],
        "other_sex": other[2] if other[2] != one[2] else None,
    }
