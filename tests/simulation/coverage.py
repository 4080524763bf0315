"""The table of coverage: which surveys are repeated, what is asked of the answers, and `docs/coverage.csv`.

`python -m tests.simulation.coverage` writes the table anew. Each survey has 2,280 families unless it says
otherwise: 10 strata, 19 PSUs each, 12 families each, as in the countries of the 2010 study.
"""

from __future__ import annotations

import math
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pandas as pd

from tests.simulation.repeated_surveys import Scenario, summary

SEED = 2009
REPLICATES = 20_000
"""At least; the Monte-Carlo error of a coverage of 97 % is then 0.12 points."""
BIAS_ERROR = 0.005
"""Monte-Carlo error of a bias at most, so that the 2 % asked for are four errors away from none."""
TABLE = Path(__file__).resolve().parents[2] / "docs" / "coverage.csv"
DESIGN_EFFECTS = (1.0, 5.0, 12.0)
MEAN_COUNTS = (2.0, 3.0, 5.0, 8.0, 10.0, 20.0, 50.0, 100.0, 200.0)
UNEVEN = (0.4, 0.7, 1.0, 1.3, 1.6)
LEVELS = (0.3, 0.5, 0.7, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.6)


def replicates(effect: float, count: float) -> int:
    """Return how many surveys make the Monte-Carlo error of the bias BIAS_ERROR: the rate's is sqrt(effect / count)."""
    return max(REPLICATES, math.ceil(effect / count / BIAS_ERROR**2 / 1000) * 1000)


def scenarios() -> list[Scenario]:
    """List the grid of design effects and mean counts, and surveys that differ from it in one respect each."""
    grid = [
        Scenario("grid", effect, count, replicates(effect, count)) for effect in DESIGN_EFFECTS for count in MEAN_COUNTS
    ]
    pairs = ((1.0, 10.0), (1.0, 50.0), (5.0, 20.0), (5.0, 100.0), (12.0, 50.0), (12.0, 200.0))
    others = []
    for effect, count in pairs:
        n = replicates(effect, count)
        others += [
            Scenario("unequal weights", effect, count, n, spread=0.3),
            Scenario("unequal strata", effect, count, n, levels=LEVELS),
            Scenario("unequal regions", effect, count, n, neighbours=UNEVEN),
            Scenario("a fifth of the PSUs", effect, count, n, frame=95),
            Scenario("twelve PSUs a stratum", effect, count, n, psus=12),
            Scenario("one stratum of nineteen PSUs", effect, count, n, strata=1),
            Scenario("five strata of four PSUs", effect, count, n, strata=5, psus=4),
        ]
    return grid + others


def table(chosen: Sequence[Scenario], processes: int) -> pd.DataFrame:
    """Simulate each scenario; the order of rows is that of the scenarios, however many processes share the work."""
    if processes == 1:
        return pd.DataFrame([summary(scenario, SEED) for scenario in chosen])
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        return pd.DataFrame(pool.map(partial(summary, seed=SEED), chosen))


def failures(found: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the rows whose coverage, bias or standard error is not what is asked of nominal 95 % limits.

    Coverage of 92 to 98 % from ten cases expected on; below ten up to 99.5 %, since counts are whole numbers and
    limits that hold 95 % at every rate hold more at most. Bias below 2 %, and a mean-square standard error within
    10 % of the true spread, everywhere. Nothing is forgiven for Monte-Carlo error: there are replicates enough.
    """
    coverage, highest = found[f"{kind}_coverage"], found["mean_count"].lt(10).map({True: 0.995, False: 0.98})
    outside = (coverage < 0.92) | (coverage > highest)
    biased = found["bias"].abs() >= 0.02
    wrong = (found["se_ratio"] - 1).abs() > 0.10
    return found[outside | biased | wrong]


def write(found: pd.DataFrame, path: Path = TABLE) -> None:
    """Write the table with four decimals."""
    path.parent.mkdir(exist_ok=True)
    found.round(4).to_csv(path, index=False, lineterminator="\n")


if __name__ == "__main__":
    write(table(scenarios(), processes=2))
