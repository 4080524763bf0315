"""Rao-Wu replicates of the same ratios, from Parquet to standard errors: `python -m benchmarks.rao_wu IN OUT`."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.ours import psu_totals, ratios
from estimators.bootstrap import redrawn_sums
from samples.synthetic.plan import COUNTS

REPLICATES, SEED = 500, 2009


def main(arguments: Sequence[str]) -> None:
    """Write level, area, count, estimate and standard error from replicates, and the linearised one beside it."""
    source, target = arguments
    totals = psu_totals(source)
    design = replace(totals.design, names=tuple(str(h) for h in range(len(totals.design.drawn))))
    rows = np.column_stack([totals.relatives, totals.victims])
    with Path(target).open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(("level", "area", "count", "estimate", "std_error", "linearised"))
        for level, domain in totals.domains.items():
            n_domains = int(domain.max()) + 1
            sums = redrawn_sums(design, domain, rows, n_domains, REPLICATES, SEED)
            replicates = sums[..., 1:] / sums[..., :1]
            error = replicates.std(axis=0, ddof=1)
            rate, linearised = ratios(totals, domain, slice(None))
            for area in range(n_domains):
                for column, name in enumerate(COUNTS):
                    found = (rate[area, column], error[area, column], linearised[area, column])
                    writer.writerow((level, area + 1, name, *found))


if __name__ == "__main__":
    main(sys.argv[1:])
