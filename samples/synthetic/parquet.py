"""A survey of any size as Parquet parts that lie as landed interviews do, and what its parts add up to.

Lives here: its parts below `survey_id=/country=/load_id=`, written straight, as an engine of many machines reads them,
and what they add up to.
Not here: what is true of families (`plan`); how often anything is reported follows no rate, only the form.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from samples.synthetic.deliveries import COUNTRY_CODES
from samples.synthetic.plan import COUNTS

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ID = "parquet_parts"
REGIONS, DISTRICTS = 5, 40
"""Of a country; of a region."""
ROWS_OF_PART = 500_000
MIGRANTS, REPORTING, MISSING = 0.4, 0.06, 0.01
"""Share of interviews with a migrant; of those that name a count where somebody migrated; without a network size."""


def write(folder: Path, rows: int, psus: int, seed: int = 2009) -> list[Path]:
    """Write the survey below `folder` and return its parts; the memory it takes does not grow with it.

    rows: interviews. psus: settlements that they are of, as evenly as whole numbers allow, each within one part or two.
    """
    import pyarrow.parquet as pq

    paths = []
    for number, (country, table) in enumerate(parts(rows, psus, seed)):
        place = folder / f"survey_id={ID}" / f"country={country}" / f"load_id=load{number:05d}"
        place.mkdir(parents=True, exist_ok=True)
        unfinished = place / "part.unfinished"
        pq.write_table(table, unfinished, compression="zstd")
        paths.append(unfinished.replace(place / f"{number:05d}.parquet"))
    return paths


def parts(rows: int, psus: int, seed: int = 2009) -> Iterator[tuple[str, pa.Table]]:
    """Yield each part: its country, and its interviews as landing leaves them, without the partition columns."""
    ends = np.linspace(0, rows, len(COUNTRY_CODES) + 1).astype(int)
    for index, country in enumerate(COUNTRY_CODES):
        for first in range(ends[index], ends[index + 1], ROWS_OF_PART):
            interviews = np.arange(first, min(first + ROWS_OF_PART, ends[index + 1]))
            psu = interviews * psus // rows
            yield country, _table(country, interviews, psu, np.random.default_rng([seed, 4, first]))


def truth(rows: int, psus: int, seed: int = 2009) -> pd.DataFrame:
    """Return what each settlement adds up to, (psus,): n_respondents, relatives and each of COUNTS, by numpy alone."""
    import pandas as pd

    sums = {name: np.zeros(psus, dtype=np.int64) for name in ("n_respondents", "relatives", *COUNTS)}
    for _, table in parts(rows, psus, seed):
        psu = table["questionnaire_id"].to_numpy().astype(np.int64) * psus // rows
        sums["n_respondents"] += np.bincount(psu, minlength=psus)
        for name in ("relatives", *COUNTS):
            known = table[name].fill_null(0).to_numpy()
            sums[name] += np.bincount(psu, weights=known, minlength=psus).astype(np.int64)
    return pd.DataFrame(sums).rename_axis("psu")


def _table(country: str, interviews: np.ndarray, psu: np.ndarray, generator: np.random.Generator) -> pa.Table:
    import pyarrow as pa

    size, district = len(psu), psu % (REGIONS * DISTRICTS)
    relatives = generator.integers(2, 31, size)
    known = generator.random(size) >= MISSING
    columns: dict[str, Any] = {
        "source_row": pa.array(interviews + 2),
        "relatives_raw": pa.array(np.where(known, relatives + 20 * (relatives == 30), 0), mask=~known),
        "questionnaire_id": pa.array(interviews).cast(pa.string()),
        "region": _named(f"{country}-{{:02d}}", district // DISTRICTS + 1),
        "district": _named("район {}", district),
        "settlement": _named("село {}", psu),
        "settlement_type": _named("{}", psu % 2, ("rural", "urban")),
        "ngo": _named("NGO-{}", district // DISTRICTS + 1),
        "interviewer": _named(f"{country}-{{:02d}}", psu % 40),
        "interview_date": pa.array((interviews % 28 + 14_518).astype(np.int32)).cast(pa.date32()),  # October 2009
        "relatives": pa.array(relatives, mask=~known),
        "duration_minutes": pa.nulls(size, pa.float64()),  # nobody looked at a clock
    }
    for there in ("inside", "abroad"):
        moved = generator.random(size) < MIGRANTS
        columns[f"migrant_{there}"] = _named("{}", moved.astype(int), ("no", "yes"))
        for name in (name for name in COUNTS if f"_{there}_" in name):
            count = np.where(generator.random(size) < REPORTING, generator.integers(1, 3, size), 0)
            columns[name] = pa.array(count, mask=~moved)
    return pa.table(columns)


def _named(pattern: str, codes: np.ndarray, names: tuple[str, ...] | None = None) -> Any:
    """Write codes as text, each different one once."""
    import pyarrow as pa

    different, back = np.unique(codes, return_inverse=True)
    texts = [pattern.format(names[code] if names else code) for code in different.tolist()]
    return pa.array(texts).take(pa.array(back))
