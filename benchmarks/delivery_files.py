"""Time a first night of many small files, a night without news, and one with three new files.

`python -m benchmarks.delivery_files --files 5000`. The survey is invented (`samples/synthetic/deliveries.py`); every
night is a process of its own, from the command line to the release.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measured import Cost, measured
from samples.synthetic import deliveries
from samples.synthetic.plan import WINDOWS
from schemas.errors import KinscaleError

CHECKOUT = Path(__file__).resolve().parent.parent
LATE = 3
"""Files that come after the first night."""
SHARE = {
    "level": "national",
    "indicator": "share_last_3_years",
    "exploitation": "all",
    "location": "both",
    "method": "design",
}
LEEWAY = 4.0
"""Standard errors that an estimate may be away from the truth: one in 16,000 is farther."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the nights; 0 if no row is lost and the truth is met, else 1. Raises KinscaleError if a night fails."""
    options = _parser().parse_args(arguments)
    ways = ["--direct", "--prefect"] if options.way == "both" else [f"--{options.way}"]
    say(f"{options.files:,} files")
    say(f"{'':<34}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}{'files/s':>9}")
    good = True
    for way in ways:
        for name, files, cost in nights(options, way):
            rate = f"{files / cost.wall:>9.0f}" if files else ""
            say(f"{name + ', ' + way.strip('-'):<34}{cost.wall:>9.2f}{cost.cpu:>9.2f}{cost.peak_mb:>9.0f}{rate}")
        good &= near_the_truth(options)
    return 0 if good else 1


def nights(options: argparse.Namespace, way: str) -> Iterator[tuple[str, int, Cost]]:
    """Make the survey anew, and yield name, new files and cost of each night."""
    place = options.data / f"files_{options.files}"
    shutil.rmtree(place, ignore_errors=True)
    late = deliveries.write(place / "surveys", options.files, LATE, options.seed)
    yield "first night", options.files, _night(options, place, way, "first")
    yield "night without news", 0, _night(options, place, way, "quiet")
    for path in late:
        path.rename(place / "surveys" / deliveries.ID / path.relative_to(place / "surveys" / "late"))
    yield f"night with {LATE} new files", LATE, _night(options, place, way, "later")


def _night(options: argparse.Namespace, place: Path, way: str, name: str) -> Cost:
    command = [sys.executable, "-m", "flows.cli", "run", "--survey", deliveries.ID, "--home", str(place / "home")]
    environment = {
        "PYTHONPATH": str(CHECKOUT),
        "KINSCALE_SURVEYS": str(place / "surveys"),
        "PREFECT_HOME": str(options.data / "prefect"),
    }
    asked = ["--direct"] if way == "--direct" else []
    try:
        cost = measured([*command, *asked], place / f"{name}.log", options.limit, environment)
    except RuntimeError as error:
        raise KinscaleError(f"the {name} night failed: {error}", file=str(place / f"{name}.log")) from error
    if cost is None:
        raise KinscaleError(
            f"the {name} night needed more than {options.limit:g} s.",
            file=str(place / f"{name}.log"),
            next_step="Give it more time: --limit SECONDS",
        )
    return cost


def near_the_truth(options: argparse.Namespace) -> bool:
    """Hold what came out against what was put in: every row, and the share of cases of the last three years."""
    place = options.data / f"files_{options.files}"
    latest = (place / "home" / "releases" / "latest").resolve()
    manifest = json.loads((latest / "manifest.json").read_bytes())
    inputs, wished = manifest["inputs"], {**SHARE, "release_id": manifest["release_id"]}
    read = sum(item["rows_read"] for item in inputs)
    wanted = deliveries.plan_for(options.files + LATE, options.seed).rows
    with gzip.open(latest / "tables" / "estimates.csv.gz", "rt", encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if all(row[key] == value for key, value in wished.items())]
    errors = [abs(float(row["estimate"]) - WINDOWS["last_3_years"]) / float(row["std_error"]) for row in rows]
    say(
        f"{read:,} of {wanted:,} interviews in {len(inputs):,} files; share of the last three years in {len(rows)} "
        f"countries at most {max(errors):.1f} standard errors from the truth"
    )
    return read == wanted and len(inputs) == options.files + LATE and len(rows) == 5 and max(errors) < LEEWAY


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.delivery_files", description=__doc__)
    parser.add_argument("--files", type=int, default=5000, help="of the first night; default 5000")
    parser.add_argument("--way", choices=("direct", "prefect", "both"), default="both", help="default both")
    parser.add_argument("--data", type=Path, default=CHECKOUT / "data" / "benchmarks", help="folder for the surveys")
    parser.add_argument("--limit", type=float, default=600, help="seconds after which a night is given up; default 600")
    parser.add_argument("--seed", type=int, default=2009, help="of the invented survey; default 2009")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
