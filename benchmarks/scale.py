"""Measure what each step of a night costs as its interviews grow, fit a line to it, and see whether the line holds.

`python -m benchmarks.scale --rows 300000 --rows 1000000 --rows 3000000 --check 10000000`. Each night is a process of
its own, from a CSV file (`samples/synthetic/one_file.py`) to the release. The line is fitted to the sizes of --rows and
compared with what --check costs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.intake import CHECKOUT, say
from benchmarks.measured import measured
from samples.synthetic import one_file

STEPS = (
    "pull",
    "validate and land",
    "aggregate",
    "fieldwork",
    "estimate",
    "explain",
    "disclose",
    "expect and gate",
    "release",
)
"""As `tests/scale/clocked_night.py` names them."""
HOUR = 0.05
"""Dollars of a processor's hour, about what machines are let for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the nights; 0 if what the line foretells for the largest is within --within of what it costs, else 1."""
    options = _parser().parse_args(arguments)
    sizes = sorted(set(options.rows))
    found = {size: _night(options, size) for size in [*sizes, *([options.check] if options.check else [])]}
    steps = [step for step in STEPS if any(step in one["cpu"] for one in found.values())]
    say(
        f"{'processor s':<20}"
        + "".join(f"{size:>13,}" for size in found)
        + f"{'per million':>13}{'fixed':>9}{'check':>8}"
    )
    for step in [*steps, "all"]:
        spent = {size: _spent(one["cpu"], step) for size, one in found.items()}
        slope, fixed = line(sizes, [spent[size] for size in sizes])
        foretold = fixed + slope * (options.check or 0)
        ratio = f"{spent[options.check] / foretold:>8.2f}" if options.check and foretold > 0 else " " * 8
        say(
            f"{step:<20}" + "".join(f"{s:>13.2f}" for s in spent.values()) + f"{slope * 1e6:>13.2f}{fixed:>9.2f}{ratio}"
        )
    for name in ("wall", "peak_mb", "psus", "raw", "warehouse", "totals"):
        say(f"{name:<20}" + "".join(f"{one[name]:>13,.0f}" for one in found.values()))
    per_million = line(sizes, [_spent(found[size]["cpu"], "all") for size in sizes])[0] * 1e6
    say(f"dollars per million interviews: {per_million / 3600 * options.hour:.5f} of processors")
    if not options.check:
        return 0
    whole = _spent(found[options.check]["cpu"], "all")
    foretold = per_million / 1e6 * options.check + line(sizes, [_spent(found[s]["cpu"], "all") for s in sizes])[1]
    say(f"foretold for {options.check:,}: {foretold:.1f} s, measured: {whole:.1f} s")
    return 0 if 1 / options.within <= whole / foretold <= options.within else 1


def line(sizes: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """Return slope and intercept of least squares."""
    mean, level = sum(sizes) / len(sizes), sum(seconds) / len(seconds)
    spread = sum((size - mean) ** 2 for size in sizes)
    if not spread:
        return level / mean, 0.0
    slope = sum((size - mean) * (one - level) for size, one in zip(sizes, seconds, strict=True)) / spread
    return slope, level - slope * mean


def _spent(cpu: Mapping[str, float], step: str) -> float:
    return sum(cpu.values()) if step == "all" else cpu.get(step, 0.0)


def _night(options: argparse.Namespace, rows: int) -> dict[str, Any]:
    """Run one night in a process of its own, and return what it says of itself."""
    place = options.data / f"scale_{rows}"
    shutil.rmtree(place, ignore_errors=True)
    (place / "served").mkdir(parents=True)
    path = one_file.write(place / "served" / one_file.NAME, rows).path
    one_file.declare(place / "surveys", str(path), rows)
    environment = {"PYTHONPATH": str(CHECKOUT), "KINSCALE_SURVEYS": str(place / "surveys")}
    command = [sys.executable, "-m", "tests.scale.clocked_night", str(place)]
    cost = measured(command, place / "night.log", options.limit, environment)
    if cost is None:
        raise RuntimeError(f"{rows:,} interviews need more than {options.limit:g} s")
    told: dict[str, Any] = json.loads((place / "told.json").read_text(encoding="utf-8"))
    shutil.rmtree(place)
    return {**told, "wall": cost.wall, "peak_mb": cost.peak_mb}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.scale", description=__doc__)
    parser.add_argument("--rows", type=int, action="append", default=[], help="interviews of a night; may be repeated")
    parser.add_argument("--check", type=int, help="interviews of the night that the line must foretell")
    parser.add_argument("--within", type=float, default=1.5, help="by what factor it may be wrong; default 1.5")
    parser.add_argument("--hour", type=float, default=HOUR, help=f"dollars of a processor's hour; default {HOUR}")
    parser.add_argument("--data", type=Path, default=CHECKOUT / "data" / "benchmarks", help="folder for the files")
    parser.add_argument("--limit", type=float, default=1200, help="seconds after which it is given up; default 1200")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
