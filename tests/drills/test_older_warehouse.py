"""A warehouse that is older than a column: the process that adds it is killed before DuckDB folds its log away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from schemas import family_survey
from tests.unit.warehouse.test_fieldwork import GOLDEN, interviews
from warehouse import build, fieldwork
from warehouse.home import Home

CHECKOUT = Path(__file__).resolve().parents[2]
NIGHT = """
import os, signal, sys
from pathlib import Path
from schemas import family_survey
from warehouse import build
from warehouse.home import Home

with build.write(Home(Path(sys.argv[1])), family_survey) as warehouse:
    warehouse.execute("UPDATE interviews SET duration_minutes = 20.5 WHERE interviewer = 'KG-01'")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_column_that_was_added_before_a_kill_is_there(home: Home) -> None:
    batch = interviews(GOLDEN / "lengths_known_and_unknown_input.csv")
    with build.write(home, family_survey) as warehouse:
        warehouse.insert("interviews", batch.drop(columns="duration_minutes"))
        warehouse.execute("ALTER TABLE interviews DROP COLUMN duration_minutes")
        for column in fieldwork.LATER:
            warehouse.execute(f"ALTER TABLE interviewer_settlements DROP COLUMN {column}")
    build.checkpoint(home)
    killed = subprocess.run(
        [sys.executable, "-c", NIGHT, str(home.root)],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert build.wal_of(home.warehouse).exists(), "what was added is in the log alone"
    for _ in range(2):
        with build.write(home, family_survey) as warehouse:
            (row,) = warehouse.rows("SELECT count(*) AS n, sum(duration_minutes) AS minutes FROM interviews")
            (later,) = warehouse.rows("SELECT count(duration_known) AS n FROM interviewer_settlements")
        assert (row, later) == ({"n": 5, "minutes": 4 * 20.5}, {"n": 0})
        build.checkpoint(home)
