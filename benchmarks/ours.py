"""Our side of the comparison, one process from Parquet to the finished table: `python -m benchmarks.ours IN OUT`."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from estimators.quotients import ratio
from estimators.sampling_design import Design, variance
from samples.synthetic.plan import COUNTS

CELLS_AT_A_TIME = 2_000_000
"""PSU totals linearised together, which bounds memory at any size of survey."""
CODES = ("country", "region", "stratum", "frame_psus")


@dataclass(frozen=True)
class PsuTotals:
    """Weighted sums per PSU: victims (n_psus, 16), relatives (n_psus,), and codes from 0, each (n_psus,)."""

    victims: np.ndarray
    relatives: np.ndarray
    domains: dict[str, np.ndarray]
    design: Design


def psu_totals(path: str) -> PsuTotals:
    """Reduce the families of a Parquet file to PSU totals in one scan."""
    sums = ", ".join(f"sum(weight * {name})" for name in ("relatives", *COUNTS))
    codes = ", ".join(f"any_value({name})" for name in CODES)
    quoted = path.replace("'", "''")  # a bound parameter would make DuckDB import pandas
    query = f"SELECT psu, {codes}, {sums} FROM read_parquet('{quoted}') GROUP BY psu ORDER BY psu"
    with duckdb.connect(config={"threads": 2, "memory_limit": "500MB"}) as connection:
        columns = connection.execute(query).fetchnumpy()
    _, country, region, stratum, frame, relatives, *victims = (
        np.ma.getdata(columns.pop(name)) for name in list(columns)
    )
    stratum = stratum.astype(np.int64) - 1
    drawn = np.bincount(stratum)
    in_frame = np.zeros(len(drawn))
    in_frame[stratum] = frame
    everyone = np.arange(len(stratum))
    design = Design(everyone, stratum, drawn, drawn / in_frame, np.zeros(len(stratum), dtype=bool))
    domains = {"region": region.astype(np.int64) - 1, "country": country.astype(np.int64) - 1}
    return PsuTotals(np.column_stack(victims), relatives, domains, design)


def ratios(totals: PsuTotals, domain: np.ndarray, columns: slice) -> tuple[np.ndarray, np.ndarray]:
    """Return victims per relative and their standard errors, each (n_domains, k), for some of the counts."""
    y, x = totals.victims[:, columns], totals.relatives
    n_domains = int(domain.max()) + 1
    below = np.bincount(domain, weights=x, minlength=n_domains)
    above = np.stack([np.bincount(domain, weights=column, minlength=n_domains) for column in y.T], axis=1)
    rate = ratio(above, below[:, None])
    influence = (y - rate[domain] * x[:, None]) / below[domain, None]
    return rate, np.sqrt(variance(totals.design, influence, domain, n_domains))


def table(path: str) -> list[tuple[str, int, str, float, float]]:
    """Return 16 ratios in 25 regions and 5 countries: level, area, count, estimate, standard error."""
    totals = psu_totals(path)
    step = max(1, min(len(COUNTS), CELLS_AT_A_TIME // len(totals.relatives)))
    rows = []
    for level, domain in totals.domains.items():
        for first in range(0, len(COUNTS), step):
            part = slice(first, first + step)
            rate, error = ratios(totals, domain, part)
            for area, (r, s) in enumerate(zip(rate, error, strict=True), start=1):
                rows += [(level, area, n, a, b) for n, a, b in zip(COUNTS[part], r.tolist(), s.tolist(), strict=True)]
    return rows


def main(arguments: Sequence[str]) -> None:
    """Write the table as CSV."""
    source, target = arguments
    with open(target, "w", newline="", encoding="utf-8") as handle:  # noqa: PTH123 - one import less to wait for
        writer = csv.writer(handle)
        writer.writerow(("level", "area", "count", "estimate", "std_error"))
        writer.writerows(table(source))


if __name__ == "__main__":
    main(sys.argv[1:])
