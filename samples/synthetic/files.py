"""The survey's families, drawn in parts of bounded size, as a frame or a Parquet file.

Every part has a seed of its own, so a part is the same whether or not the others were drawn. Not here: what
is true.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from samples.synthetic.clustering import families, unit_gamma
from samples.synthetic.plan import SHARES, TOTALS, WEIGHT_STEP, Plan

if TYPE_CHECKING:
    import pandas as pd

PSUS_OF_PART = 2**14
"""About 200,000 families, 60 MB while they are drawn."""


def frame(plan: Plan) -> pd.DataFrame:
    """Draw the whole survey, one row per family; columns as in `parts`."""
    import pandas as pd

    return pd.concat([pd.DataFrame(part) for part in parts(plan)], ignore_index=True)


def write(plan: Plan, path: Path) -> Path:
    """Write the survey as Parquet; the memory it takes does not grow with the survey."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    unfinished = path.with_name(path.name + ".part")
    writer = None
    for part in parts(plan):
        table = pa.table(part)
        writer = writer or pq.ParquetWriter(unfinished, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()
    return unfinished.replace(path)


def parts(plan: Plan) -> Iterator[dict[str, np.ndarray]]:
    """Draw the survey in order of PSUs.

    Columns: country, region, stratum, psu (codes from 1, psu unique in the survey), frame_psus, weight, sex of
    the respondent (1 man, 2 woman), relatives, and victims reported (COUNTS).
    """
    stratum = np.repeat(np.arange(len(plan.drawn)), plan.drawn)
    clustering, interviewed = plan.clustering, plan.families
    for number, first in enumerate(range(0, len(stratum), PSUS_OF_PART)):
        psu = np.arange(first, min(first + PSUS_OF_PART, len(stratum)))
        generator = np.random.default_rng([plan.seed, 1, number])
        h = stratum[psu]
        weight = plan.base_weight[h] * _weight_factor(generator, plan.weight_spread, len(psu))
        weight = np.maximum(np.round(weight / WEIGHT_STEP), 1) * WEIGHT_STEP
        intensity = plan.rate[h] * unit_gamma(generator, clustering.of_psus[h], h.shape)
        place = np.repeat(np.arange(len(psu)), interviewed[psu])
        family_stratum = h[place]
        relatives, victims = families(
            generator, plan.sizes, intensity[place], clustering.of_families[family_stratum], place.shape
        )
        yield {
            "country": plan.country[family_stratum].astype(np.int8),
            "region": plan.region[family_stratum].astype(np.int16),
            "stratum": (family_stratum + 1).astype(np.int16),
            "psu": (psu[place] + 1).astype(np.int32),
            "frame_psus": plan.frame[family_stratum].astype(np.int32),
            "weight": weight[place],
            "sex": generator.integers(1, 3, len(place)).astype(np.int8),
            "relatives": relatives.astype(np.int16),
            **_by_kind(generator, victims),
        }


def _weight_factor(generator: np.random.Generator, spread: float, n: int) -> np.ndarray:
    """Draw what the weights of PSUs differ by: lognormal of mean 1."""
    return np.exp(spread * generator.standard_normal(n) - spread**2 / 2)


def _by_kind(generator: np.random.Generator, victims: np.ndarray) -> dict[str, np.ndarray]:
    """Divide victims among the twelve kinds at random, and add the totals of labour regardless of sex."""
    reporting = np.flatnonzero(victims)
    split = generator.multinomial(victims[reporting], list(SHARES.values()))
    counts = {}
    for column, name in enumerate(SHARES):
        counts[name] = np.zeros(len(victims), dtype=np.int16)
        counts[name][reporting] = split[:, column]
    for name in TOTALS:
        counts[name] = counts[name.replace("_total_", "_women_")] + counts[name.replace("_total_", "_men_")]
    return counts
