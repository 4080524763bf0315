"""Looking at refused rows: counts by rule, and one row with the reason and its cells as delivered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.errors import KinscaleError
from warehouse import build
from warehouse.home import Home

NAME = "substr(load_id, 1, 4) || '-' || source_row"
"""How a refused row is named in messages: the beginning of its load and its row in the file."""


def counts(home: Home, survey_id: str) -> list[dict[str, Any]]:
    """Count the open rows of a survey by file and rule, oldest first."""
    with build.read(home) as warehouse:
        if warehouse is None:
            return []
        return warehouse.rows(
            f"""SELECT country, file, rule, count(*) AS rows, min({NAME}) AS example,
                       date_diff('day', min(opened_at), current_localtimestamp()) AS days
                FROM quarantine WHERE survey_id = $survey AND status = 'open'
                GROUP BY ALL ORDER BY days DESC, country, file, rule""",
            survey=survey_id,
        )


def show(home: Home, name: str) -> Iterator[str]:
    """Describe one refused row, line by line. Raises KinscaleError when no row has that name."""
    with build.read(home) as warehouse:
        rows = warehouse.rows(f"SELECT * FROM quarantine WHERE {NAME} = $name", name=name) if warehouse else []
    if not rows:
        raise KinscaleError(f'no refused row is called "{name}".', next_step="See them all: ./kinscale quarantine list")
    for row in rows:
        yield f"{row['file']}, row {row['source_row']:,}, column {row['column_name']}: {row['message']}"
        yield f"Rule {row['rule']}" + (f"; also {row['also']}" if row["also"] else "")
        yield f"As delivered: {row['raw_row']}"
