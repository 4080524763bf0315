"""Time the report site of the bundled survey: how long it takes to write, what it weighs, how soon a page can be used.

`python -m benchmarks.site`. A night is run first, in a process of its own. Each page is opened from disk in the
machine's Chromium, and counts as usable when its charts are drawn: those a reader sees at once, and in a second column
all of them, one after another. Budgets are ours, see `docs/report-site.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measured import measured
from schemas.errors import KinscaleError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHECKOUT = Path(__file__).resolve().parent.parent
CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")
USABLE, WRITTEN, WEIGHT = 1.0, 10.0, 6_000_000
"""Budgets: seconds until a page can be used, seconds to write the site, and its bytes."""
ALL = """() => {
  const before = performance.now();
  for (const area of document.querySelectorAll("figure.chart .drawing")) area.dispatchEvent(new Event("focus"));
  return window.pageTimes.drawn + performance.now() - before;
}"""
"""A chart draws itself when it gets the focus, if it has not yet."""
WRITE = """
import json, sys, time
from pathlib import Path
import pandas as pd
from schemas import declaration
from tasks.report import report
tables = {path.stem: pd.read_parquet(path) for path in sorted((Path(sys.argv[1]) / "tables").glob("*.parquet"))}
declared = declaration.load(sys.argv[2])
started, spent = time.perf_counter(), time.process_time()
report(Path(sys.argv[3]), tables, declared, [])
print(json.dumps([time.perf_counter() - started, time.process_time() - spent]))
"""
TIMES = """addEventListener("DOMContentLoaded", () => {
  const times = window.pageTimes = { read: performance.now() };
  const look = () => {
    const areas = [...document.querySelectorAll("figure.chart .drawing")].filter((area) => area.checkVisibility());
    const near = areas.filter((area) => area.getBoundingClientRect().top < innerHeight);
    if (near.some((area) => !area.querySelector("svg"))) requestAnimationFrame(look);
    else times.drawn = performance.now();
  };
  requestAnimationFrame(look);
});"""


@dataclass(frozen=True)
class Times:
    """Seconds from the request of a page: until it is read, its first charts are drawn, and all of them are."""

    read: float
    usable: float
    whole: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure it; 0 if everything is within its budget, else 1. Raises KinscaleError if the night fails."""
    options = _parser().parse_args(arguments)
    release = _release(options)
    wall, cpu = _written(release, options)
    site = release / "report"
    weight = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    say(f"load of the machine {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    say(f"{'':<28}{'':>9}{'':>9}{'of budget':>11}")
    say(f"{'site written, wall s':<28}{wall:>9.2f}{'':>9}{wall / WRITTEN:>11.2f}")
    say(f"{'site written, cpu s':<28}{cpu:>9.2f}{'':>9}{cpu / WRITTEN:>11.2f}")
    say(f"{'site, MB':<28}{weight / 1e6:>9.2f}{'':>9}{weight / WEIGHT:>11.2f}")
    say(f"\n{'page':<28}{'kB':>9}{'read s':>9}{'usable s':>11}{'of budget':>11}{'whole s':>9}")
    slowest = 0.0
    for name, times in page_times(site, options.repeat):
        kilobytes = (site / name).stat().st_size / 1000
        ratio = times.usable / USABLE
        slowest = max(slowest, ratio)
        say(f"{name:<28}{kilobytes:>9.0f}{times.read:>9.2f}{times.usable:>11.2f}{ratio:>11.2f}{times.whole:>9.2f}")
    return 0 if max(slowest, wall / WRITTEN, weight / WEIGHT) <= 1 else 1


def page_times(site: Path, repeat: int) -> Iterator[tuple[str, Times]]:
    """Open every page, each time in a browser window that has seen nothing; yield the medians."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        raise KinscaleError(f"there is no browser at {CHROMIUM}.", next_step="apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        for path in sorted(site.rglob("*.html")):
            looks = [_opened(browser, path) for _ in range(repeat)]
            median = {part: statistics.median(look[part] for look in looks) / 1000 for part in looks[0]}
            yield path.relative_to(site).as_posix(), Times(median["read"], median["drawn"], median["all"])
        browser.close()


def _opened(browser: Browser, path: Path) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(TIMES)
    page.goto(path.as_uri())
    page.wait_for_function("window.pageTimes && window.pageTimes.drawn")
    times: dict[str, float] = {**page.evaluate("window.pageTimes"), "all": page.evaluate(ALL)}
    context.close()
    return times


def _release(options: argparse.Namespace) -> Path:
    """Run a night of the bundled survey and return the folder of its release."""
    home = options.data / "site" / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    command = [sys.executable, "-m", "flows.cli", "run", "--survey", options.survey, "--direct", "--home", str(home)]
    _run(command, home.parent / "night.log", options)
    return (home / "releases" / "latest").resolve()


def _written(release: Path, options: argparse.Namespace) -> tuple[float, float]:
    """Write the site anew from the tables of the release; return the median wall and processor seconds."""
    found = []
    for _ in range(options.repeat):
        folder = options.data / "site" / "written"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        command = [sys.executable, "-c", WRITE, str(release), options.survey, str(folder)]
        found.append(json.loads(_run(command, folder.parent / "written.log", options)))
    wall, cpu = (statistics.median(column) for column in zip(*found, strict=True))
    return wall, cpu


def _run(command: Sequence[str], log: Path, options: argparse.Namespace) -> str:
    try:
        cost = measured(command, log, options.limit, {"PYTHONPATH": str(CHECKOUT)})
    except RuntimeError as error:
        raise KinscaleError(f"the site could not be made: {error}", file=str(log)) from error
    if cost is None:
        raise KinscaleError(f"more than {options.limit:g} s went by.", file=str(log), next_step="--limit SECONDS")
    return cost.said


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.site", description=__doc__)
    parser.add_argument("--survey", default="central_asia_2009", help="default central_asia_2009")
    parser.add_argument("--repeat", type=int, default=3, help="looks of which the median counts; default 3")
    parser.add_argument("--data", type=Path, default=CHECKOUT / "data" / "benchmarks", help="folder for the release")
    parser.add_argument("--limit", type=float, default=300, help="seconds after which a run is given up; default 300")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
