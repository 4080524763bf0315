"""A night of one large file with a clock on each step: what `benchmarks/scale.py` runs as a process of its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from flows import direct
from flows.night import night
from flows.steps import names
from samples.synthetic import one_file
from schemas import declaration
from warehouse.home import Home

TOGETHER = {
    "pull": "pull",
    "read": "validate and land",
    "validate": "validate and land",
    "land": "validate and land",
    "aggregate": "aggregate",
    "fieldwork": "fieldwork",
    "estimate": "estimate",
    "explain": "explain",
    "disclose": "disclose",
    "expect": "expect and gate",
    "gate": "expect and gate",
    "assemble": "expect and gate",
    "release": "release",
}
"""Steps that overlap are one: a file is validated while it lands."""


def main(place: Path) -> int:
    """Run the night whose survey and data folder lie in a folder, and write down there what its steps took."""
    home = Home(place / "home")
    cpu: dict[str, float] = {}
    plain = direct.steps()
    clocked = {name: _clocked(getattr(plain, name), TOGETHER.get(name), cpu) for name in names()}
    outcome = night(declaration.load(one_file.ID), home, lambda: replace(plain, **clocked), print)
    told = {"cpu": cpu, **_sizes(home)}
    (place / "told.json").write_text(json.dumps(told), encoding="utf-8")
    return outcome.exit_code if outcome.exit_code != 3 else 0  # an invented survey may be held by a gate


def _clocked(step: Callable[..., Any], name: str | None, cpu: dict[str, float]) -> Callable[..., Any]:
    def run(*given: Any, **named: Any) -> Any:
        before = _processor()
        try:
            return step(*given, **named)
        finally:
            if name:
                cpu[name] = cpu.get(name, 0.0) + _processor() - before

    return run


def _processor() -> float:
    """Return processor seconds of this process and of the readers that it began."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _sizes(home: Home) -> dict[str, int]:
    raw = sum(path.stat().st_size for path in home.raw.glob("??/*"))
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        totals = connection.execute("SELECT * FROM psu_totals").to_arrow_table()
    return {"psus": len(totals), "totals": totals.nbytes, "raw": raw, "warehouse": home.warehouse.stat().st_size}


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
