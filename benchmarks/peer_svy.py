"""The same table by svy, run by a Python of its own that has it: `python peer_svy.py IN.parquet OUT.csv`."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import svy

RESULTS = ("level", "area", "count", "estimate", "std_error")


def table(path: Path) -> pl.DataFrame:
    """Return the ratios of every count in every region and country."""
    families = pl.read_parquet(path)
    counts = [name for name in families.columns if name.startswith(("labour_", "sexual_"))]
    design = svy.Design(stratum="stratum", psu="psu", wgt="weight", pop_size="frame_psus")
    sample = svy.Sample(families, design)
    rows = []
    for level in ("region", "country"):
        for name, found in zip(counts, sample.estimation.ratio(counts, "relatives", by=level), strict=True):
            for line in found.to_dicts():
                rows.append((level, int(line["by_level"][0]), name, line["est"], line["se"]))
    return pl.DataFrame(rows, schema=RESULTS, orient="row")


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    table(source).write_csv(target)
    sys.stdout.write(f"svy {svy.__version__}, polars {pl.__version__}\n")
