"""The table of coverage: which surveys are repeated, what is asked of the answers, and `docs/coverage.csv`.

`python -m tests.simulation.coverage` writes the table anew. Each survey has 2,280 families unless it says
otherwise: 10 strata, 19 PSUs each, 12 families each, as in the countries of the 2010 study.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from tests.simulation.repeated_surveys import Scenario, summary

SEED = 2009
REPLICATES = 16_000
TABLE = Path(__file__).resolve().parents[2] / "docs" / "coverage.csv"
DESIGN_EFFECTS = (1.0, 5.0, 12.0)
MEAN_COUNTS = (2.0, 3.0, 5.0, 8.0, 10.0, 20.0, 50.0, 100.0, 200.0)
UNEVEN = (0.4, 0.7, 1.0, 1.3, 1.6)
LEVELS = (0.3, 0.5, 0.7, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.6)


def scenarios(replicates: int) -> list[Scenario]:
    """List the grid of design effects and mean counts, and surveys that differ from it in one respect each."""
    fewer = replicates // 4
    grid = [Scenario("grid", effect, count, replicates) for effect in DESIGN_EFFECTS for count in MEAN_COUNTS]
    pairs = ((1.0, 10.0), (1.0, 50.0), (5.0, 20.0), (5.0, 100.0), (12.0, 50.0), (12.0, 200.0))
    others = []
    for effect, count in pairs:
        others += [
            Scenario("unequal weights", effect, count, fewer, spread=0.3),
            Scenario("unequal strata", effect, count, fewer, levels=LEVELS),
            Scenario("unequal regions", effect, count, fewer, neighbours=UNEVEN),
            Scenario("a fifth of the PSUs", effect, count, fewer, frame=95),
            Scenario("twelve PSUs a stratum", effect, count, fewer, psus=12),
        ]
    return grid + others


def table(chosen: Sequence[Scenario], processes: int) -> pd.DataFrame:
    """Simulate each scenario; the order of rows is that of the scenarios, however many processes share the work."""
    if processes == 1:
        return pd.DataFrame([summary(scenario, SEED) for scenario in chosen])
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        return pd.DataFrame(pool.map(partial(summary, seed=SEED), chosen))


def bands(row: pd.Series) -> tuple[float, float]:
    """Return the least and the largest coverage asked of nominal 95 % limits.

    From ten cases on 92 to 98 %. Up to 99.5 % below ten cases, and below five effective ones: counts are whole
    numbers, so exact limits cannot come nearer to 95 % there.
    """
    rare = row["mean_count"] < 10 or row["effective_count"] < 5
    return 0.92, 0.995 if rare else 0.98


def failures(found: pd.DataFrame, kind: str, slack: float = 0.0) -> pd.DataFrame:
    """Return the rows whose coverage, bias or standard error is not what is asked.

    slack: how many Monte-Carlo errors of the coverage are forgiven. Bias is 2 % at most beyond its own
    Monte-Carlo error, three of them below ten cases and where there is slack.
    """
    low, high = zip(*(bands(row) for _, row in found.iterrows()), strict=True)
    coverage = found[f"{kind}_coverage"]
    error = (coverage * (1 - coverage) / found["replicates"]) ** 0.5
    outside = (coverage < pd.Series(low) - slack * error) | (coverage > pd.Series(high) + slack * error)
    forgiven = found["bias_error"] * np.where((found["mean_count"] < 10) | (slack > 0), 3, 1)
    biased = found["bias"].abs() > 0.02 + forgiven
    wrong = (found["se_ratio"] - 1).abs() > 0.10
    return found[outside | biased | wrong]


def write(found: pd.DataFrame, path: Path = TABLE) -> None:
    """Write the table with four decimals."""
    path.parent.mkdir(exist_ok=True)
    found.round(4).to_csv(path, index=False, lineterminator="\n")


if __name__ == "__main__":
    write(table(scenarios(REPLICATES), processes=2))
