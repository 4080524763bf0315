"""The table of docs/reliability.md: which faults are drilled, how often, and what became of it.

`python -m pytest tests/drills --slow --record-drills drills.jsonl` runs every drill and takes down what it saw;
`python -m tests.drills.reliability drills.jsonl` writes the table from that, and refuses when a drill is missing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.drills import kill_points
from tests.drills.aftermath import Seen
from warehouse.home import CHECKOUT

PAGE = CHECKOUT / "docs" / "reliability.md"
BEGIN, END = "<!-- drills begin -->", "<!-- drills end -->"
COLUMNS = (
    "fault",
    "times",
    "`latest`: none yet",
    "old",
    "new",
    "same content after rerun",
    "rows lost",
    "rows doubled",
)
KILLS = {
    "step": "kill before or after a step",
    "function": "kill inside landing, assembling, publishing",
    "change": "kill before a change of the disk",
    "growth": "kill in the middle of a write",
    "instant": "kill at a random moment",
}
OTHERS = {
    "disk full, first night": 6,
    "disk full, later night": 6,
    "data folder read-only": 2,
    "warehouse damaged: bytes overwritten": 1,
    "warehouse damaged: cut in half": 1,
    "warehouse damaged: empty": 1,
    "warehouse damaged: log overwritten": 1,
    "warehouse lost": 1,
    "source cut inside a row": 1,
    "source cut between rows, delivery note beside it": 1,
    "source emptied": 1,
    "source delivered twice under two names": 1,
    "sources of two countries swapped": 1,
    "source vanished": 1,
    "source replaced by a folder": 1,
    "source changed while it is copied": 1,
    "clock ahead, then back": 1,
    "clock back by seconds": 1,
    "night of the end of summer time": 1,
    "Prefect server killed under the night": 1,
    "two nights at once": 1,
    "eight readers during 50 publishes": 1,
}
"""Every other drill and how often it injects its fault."""


def of_kill(state: str, kind: str) -> str:
    """Name the row of a kill."""
    return f"{KILLS[kind]}, {state}"


def expected() -> dict[str, int]:
    """Return the rows that the page must have, with the number of times each fault is injected at least."""
    rows: dict[str, int] = {}
    for state, fault in kill_points.every():
        name = of_kill(state, fault.kind)
        rows[name] = rows.get(name, 0) + 1
    return {**rows, **OTHERS}


def kills(rows: dict[str, int]) -> int:
    """Count the injected kills among rows."""
    return sum(times for name, times in rows.items() if name.startswith("kill "))


def table(seen: Sequence[Seen]) -> str:
    """Lay out what was seen, a line per fault in the order of `expected`, and a line of sums."""
    lines = [f"| {' | '.join(COLUMNS)} |", f"|---|{'---:|' * (len(COLUMNS) - 1)}"]
    for name in [*expected(), None]:
        mine = [one for one in seen if name in (one.fault, None)]
        cells = [len(mine), *(sum(one.latest == kind for one in mine) for kind in ("none", "old", "new"))]
        cells += [sum(one.converged for one in mine), sum(one.lost for one in mine), sum(one.doubled for one in mine)]
        lines.append(f"| {name or '**all**'} | {' | '.join(f'{cell:,}' for cell in cells)} |")
    return "\n".join(lines)


def read(page: Path = PAGE) -> dict[str, list[int]]:
    """Read the table of the page: the numbers of each line by its fault."""
    text = page.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.strip().splitlines()[2:]]
    return {name: [int(cell.replace(",", "")) for cell in cells] for name, *cells in lines}


def write(seen: Sequence[Seen]) -> None:
    """Put the table into the page. Raises AssertionError when a drill is missing or one failed."""
    times = {name: sum(one.fault == name for one in seen) for name in expected()}
    missing = {name: at_least for name, at_least in expected().items() if times[name] < at_least}
    assert not missing, f"not run, or not often enough: {missing}"
    bad = [one for one in seen if not one.converged or one.lost or one.doubled]
    assert not bad, f"did not come out well: {bad}"
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n{table(seen)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    write([Seen(**json.loads(line)) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()])
