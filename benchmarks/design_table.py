"""Time 16 ratios in 25 regions and 5 countries by us, svy and R survey.

`python -m benchmarks.design_table --rows 1000000 --svy-python PATH`. Every run is a
process of its own, from the file to the finished table; the numbers of all must agree.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from benchmarks.measured import Cost, measured
from samples.synthetic import plan_of, write
from schemas.errors import KinscaleError

HERE = Path(__file__).resolve().parent
KEY = ["level", "area", "count"]
DIGITS_ASKED = 1e-12
LONG = 60.0
"""A run of more seconds is not repeated."""


@dataclass(frozen=True)
class Competitor:
    """One way to make the table: its name, its command, and the file it writes."""

    name: str
    command: tuple[str, ...]
    result: Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison at each size; 0 if the numbers agree, 1 if not. Raises KinscaleError if one of them fails."""
    options = _parser().parse_args(arguments)
    options.rscript = with_survey(options.rscript)
    options.data.mkdir(parents=True, exist_ok=True)
    if not (options.rscript or options.svy_python):
        say("Nothing to compare with: R survey was not found, and no --svy-python was given.")
    agreed = True
    for rows in options.rows:
        survey = made(rows, options)
        costs: dict[str, Cost] = {}
        rivals = list(competitors(survey, options))
        for rival in rivals:
            cost = typical(rival, options)
            if cost is None:
                say(f"{rival.name}: not finished after {options.limit:g} s")
                continue
            costs[rival.name] = cost
            sys.stderr.write(f"{rows:,} families, {rival.name}: {cost.wall:.2f} s\n")
        if rivals[0].name not in costs:
            agreed = False  # nothing of ours to hold the others against
            continue
        for line in lines(rows, costs):
            say(line)
        for rival in rivals[1:]:
            if rival.name in costs and rival.name != "Rao-Wu":
                agreed &= agree(rivals[0], rival)
    return 0 if agreed else 1


def with_survey(rscript: str | None) -> str | None:
    """Return Rscript if it has the packages that the comparison needs, else None."""
    needed = "stopifnot(requireNamespace('survey'), requireNamespace('data.table'))"
    if rscript and subprocess.run([rscript, "-e", needed], capture_output=True, check=False).returncode == 0:
        return rscript
    return None


def made(rows: int, options: argparse.Namespace) -> Path:
    """Return the survey's Parquet file, made on first use; it is read once, so that every run finds it in memory."""
    path: Path = options.data / f"survey_{rows}_{options.design_effect:g}_{options.seed}.parquet"
    if not path.exists():
        write(plan_of(rows, options.design_effect, options.seed), path)
    path.read_bytes()
    return path


def competitors(survey: Path, options: argparse.Namespace) -> Iterator[Competitor]:
    """List who takes part, ourselves first; R reads the same numbers from CSV, as it has no reader for Parquet here."""
    out = survey.with_suffix("")
    ours = Path(f"{out}_kinscale.csv")
    yield Competitor("kinscale", (sys.executable, "-m", "benchmarks.ours", str(survey), str(ours)), ours)
    if options.svy_python:
        result = Path(f"{out}_svy.csv")
        yield Competitor("svy", (options.svy_python, str(HERE / "peer_svy.py"), str(survey), str(result)), result)
    if options.rscript:
        result = Path(f"{out}_survey.csv")
        command = (options.rscript, str(HERE / "peer_survey.R"), str(as_csv(survey)), str(result))
        yield Competitor("R survey", command, result)
    if options.replicates:
        result = Path(f"{out}_rao_wu.csv")
        yield Competitor("Rao-Wu", (sys.executable, "-m", "benchmarks.rao_wu", str(survey), str(result)), result)


def as_csv(survey: Path) -> Path:
    """Return the survey as CSV, made on first use and read once."""
    import duckdb

    path = survey.with_suffix(".csv")
    if not path.exists():
        with duckdb.connect() as connection:
            connection.from_parquet(str(survey)).write_csv(str(path))
    with path.open("rb") as handle:
        while handle.read(2**24):
            pass
    return path


def typical(rival: Competitor, options: argparse.Namespace) -> Cost | None:
    """Run one competitor several times; return its median cost, or None if it does not finish."""
    costs: list[Cost] = []
    for _ in range(options.repeat):
        log = rival.result.with_suffix(".log")
        try:
            cost = measured(rival.command, log, options.limit, {"PYTHONPATH": str(HERE.parent)})
        except RuntimeError as error:
            raise KinscaleError(
                f"{rival.name} failed: {error}", next_step="Correct that, or leave it out: ./kinscale benchmark --help"
            ) from error
        if cost is None:
            return None
        costs.append(cost)
        if cost.wall > LONG:
            break
    middle = [statistics.median(getattr(c, name) for c in costs) for name in ("wall", "cpu", "peak_mb")]
    return replace(costs[0], wall=middle[0], cpu=middle[1], peak_mb=middle[2])


def lines(rows: int, costs: dict[str, Cost]) -> Iterator[str]:
    """Lay costs out as a table, with ratios to ours."""
    yield f"\n{rows:,} families"
    yield f"{'':<10}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}{'wall x':>9}{'cpu x':>8}{'peak x':>8}"
    ours = costs["kinscale"]
    for name, cost in costs.items():
        compared = (cost.wall / ours.wall, cost.cpu / ours.cpu, cost.peak_mb / ours.peak_mb)
        own = f"{name:<10}{cost.wall:>9.2f}{cost.cpu:>9.2f}{cost.peak_mb:>9.0f}"
        yield own + "{:>9.1f}{:>8.1f}{:>8.1f}  ".format(*compared) + cost.said.replace("\n", "; ")


def agree(ours: Competitor, other: Competitor) -> bool:
    """Compare two tables cell by cell and say the largest relative difference."""
    mine, theirs = (pd.read_csv(c.result).set_index(KEY).sort_index() for c in (ours, other))
    if not mine.index.equals(theirs.index):
        say(f"{other.name}: its cells are others than ours")
        return False
    difference = ((mine - theirs).abs() / theirs.abs().where(theirs != 0, 1.0)).max()
    good = bool((difference <= DIGITS_ASKED).all())
    said = ", ".join(f"{column} {value:.1e}" for column, value in difference.items())
    verdict = "" if good else "  DIFFERS"
    say(f"{other.name} against ours, {len(mine)} cells, largest relative difference: {said}{verdict}")
    return good


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.design_table", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[11_000, 1_000_000], help="families; 11000 1000000")
    parser.add_argument("--data", type=Path, default=HERE.parent / "data" / "benchmarks", help="folder for the surveys")
    parser.add_argument("--svy-python", help="a Python that has svy and polars; without it svy does not take part")
    parser.add_argument("--rscript", default=shutil.which("Rscript"), help="Rscript with survey; default as found")
    parser.add_argument("--no-r", dest="rscript", action="store_const", const=None, help="leave R out")
    parser.add_argument("--replicates", action="store_true", help="also time 500 Rao-Wu replicates of ours")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each, of which the median counts; default 3")
    parser.add_argument("--limit", type=float, default=600, help="seconds after which a run is given up; default 600")
    parser.add_argument("--design-effect", type=float, default=5.0, help="of the invented survey; default 5")
    parser.add_argument("--seed", type=int, default=2009, help="of the invented survey; default 2009")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
