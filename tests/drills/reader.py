"""An analyst's program that asks `latest` again and again until it is told to stop, and counts the answers it got.

Arguments: the link, a file whose appearance ends it, and `resolved` (the link is followed first, as `./kinscale where`
does) or `link` (the file is opened through it).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

SUM = """SELECT any_value(release_id) AS release_id, count(DISTINCT release_id) AS releases, count(*) AS cells,
                sum(estimate::DECIMAL(38, 6))::VARCHAR AS total FROM national_estimates"""
PAUSE_SECONDS = 0.25
"""Between two questions, so that eight readers leave the night some of the machine."""


def ask(database: Path) -> tuple[Any, ...]:
    """Return name, number of cells and sum of a release; its tables must be of one release."""
    connection = duckdb.connect(str(database), read_only=True)
    try:
        answer = connection.execute(SUM).fetchone()
        of_quality = connection.execute("SELECT DISTINCT release_id FROM quality").fetchall()
    finally:
        connection.close()
    assert answer is not None
    assert of_quality == [(answer[0],)], (of_quality, answer)
    return answer


def main(latest: Path, stop: Path, resolved: bool) -> dict[str, int]:
    """Ask until the file is there, and once more; count equal answers."""
    answers: dict[str, int] = {}
    last = False
    while not last:
        last = stop.exists()
        folder = latest.resolve(strict=True) if resolved else latest
        key = json.dumps(ask(folder / "results.duckdb"))
        answers[key] = answers.get(key, 0) + 1
        time.sleep(PAUSE_SECONDS)
    return answers


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "resolved")))
