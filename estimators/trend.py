"""The result table `trend`: yearly victims of the last three years over yearly victims before, by assumed length.

The earlier window is open-ended, so its length is an assumption that must be declared and is varied. Not here:
forgetting, which makes earlier cases too few whatever the length.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from estimators.contrasts import log_ratio, ratio_limits, t_test
from estimators.design_levels import PARTS, Level, level_totals, levels, row_counts, sample_counts
from estimators.domain_totals import PLACES, SurveyTotals, survey_totals
from estimators.linearised import signed_sums
from estimators.quotients import ratio
from estimators.sampling_design import Design, degrees_of_freedom, sampling_design, variance

COLUMNS = [
    "level", "country", "exploitation", "location", "method", "earlier_years", "assumed", "recent_years", "ratio",
    "log_ratio_std_error", "ci_low", "ci_high", "confidence", "n_recent", "n_earlier", "statistic", "df", "p_value",
]  # fmt: skip
Parts = tuple[list[int], list[int]]


def windows() -> dict[tuple[str, str], tuple[Parts, Parts]]:
    """Return what each (exploitation, location) adds and takes away, in the last three years and before."""
    cells: dict[tuple[str, str], tuple[Parts, Parts]] = {}
    for location in (*PLACES, "both"):
        places = PLACES if location == "both" else (location,)
        labour, before = (
            [PARTS.index(f"labour_{place}_any_{window}") for place in places] for window in ("last_3_years", "earlier")
        )
        sexual = [PARTS.index(f"sexual_{place}_last_3_years") for place in places]
        ever = [PARTS.index(f"sexual_{place}") for place in places]
        cells["labour", location] = (labour, []), (before, [])
        cells["sexual", location] = (sexual, []), (ever, sexual)
        cells["all", location] = (labour + sexual, []), (before + ever, sexual)
    return cells


WINDOWS = windows()


def trend(psu_totals: pd.DataFrame, population: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Compare the two windows of the form, by nation and for all countries together.

    Arguments as of `estimators.estimate`; `rates` needs earlier_years (the assumed length of the open-ended
    window) and takes earlier_years_grid (other lengths to publish). theta = (Y1 / L1) / (Y0 / L0), on the log
    scale with z = z_Y1 / Y1 - z_Y0 / Y0: the family sizes cancel, and L0 moves theta but not its relative
    error. Labour counts, per interview and window, the larger of women + men and the total. Returns COLUMNS,
    sorted; null where a window is empty. Raises ValueError without earlier_years.
    """
    options = {**(settings.get("rates") or {}), **(settings["methods"].get("design") or {})}
    if "earlier_years" not in options:
        raise ValueError(
            "rates: earlier_years is not declared; the trend needs a length for the window before the last three "
            "years, which the form leaves open"
        )
    totals = survey_totals(psu_totals, population)
    design = sampling_design(totals.psu, options)
    rows = row_counts(totals)
    frames = [windows_compared(design, level, totals, rows, options) for level in levels(totals, options)[1:]]
    table = pd.concat(frames, ignore_index=True)
    return table[COLUMNS].sort_values(COLUMNS[:6], na_position="first", ignore_index=True)


def windows_compared(
    design: Design, level: Level, totals: SurveyTotals, rows: tuple[np.ndarray, np.ndarray], options: Mapping[str, Any]
) -> pd.DataFrame:
    """Lay the ratio of the windows out for every domain of a level, cell and length."""
    parts = level_totals(level, *rows)
    recent, earlier = (signed_sums(parts, [cell[w] for cell in WINDOWS.values()]) for w in (0, 1))
    assert recent.influence is not None and earlier.influence is not None
    counts = sample_counts(level, totals)
    seen = [_sums(counts, [cell[w] for cell in WINDOWS.values()]) for w in (0, 1)]
    n = len(level.domains)
    raw = log_ratio(recent.value, earlier.value)
    z = ratio(recent.influence, recent.of_row()) - ratio(earlier.influence, earlier.of_row())
    spread = np.where(np.isfinite(raw), variance(design, np.nan_to_num(z), level.row_domain, n), np.nan)
    held = totals.psu[["n_respondents"]].to_numpy() > 0
    df = np.broadcast_to(degrees_of_freedom(design, level.row_domain, n, held), raw.shape)
    confidence, years, length = (float(options[name]) for name in ("confidence", "years", "earlier_years"))
    places = totals.domains.iloc[np.repeat(level.domains, len(WINDOWS))][["level", "country"]].reset_index(drop=True)
    for position, name in enumerate(("exploitation", "location")):
        places[name] = np.tile(np.array([key[position] for key in WINDOWS], dtype=object), n)
    frames = []
    for assumed in sorted({length, *map(float, options.get("earlier_years_grid") or ())}):
        effect = raw + np.log(assumed / years)
        test = t_test(effect, spread, df)
        low, high = ratio_limits(effect, spread, df, confidence)
        columns = {
            "ratio": np.exp(effect), "log_ratio_std_error": np.sqrt(spread), "ci_low": low, "ci_high": high,
            "n_recent": seen[0], "n_earlier": seen[1],
            "statistic": test.statistic, "df": test.df, "p_value": test.p_value,
        }  # fmt: skip
        frame = places.assign(**{name: values.ravel() for name, values in columns.items()})
        frames.append(
            frame.assign(
                earlier_years=assumed,
                assumed="yes" if assumed == length else "no",
                recent_years=years,
                confidence=confidence,
                method="design",
            )
        )
    return pd.concat(frames, ignore_index=True)


def _sums(counts: np.ndarray, cells: list[Parts]) -> np.ndarray:
    columns = [counts[:, add].sum(axis=1) - counts[:, less].sum(axis=1) for add, less in cells]
    return np.stack(columns, axis=1)
