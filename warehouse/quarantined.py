"""Looking at refused rows: counts by file and rule with their age, single rows by name, and the history of a row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from schemas.errors import KinscaleError
from warehouse import build
from warehouse.build import Warehouse
from warehouse.home import Home
from warehouse.life_cycle import LIVE

NAME = "substr(load_id, 1, 8) || '-' || source_row"
"""How a refused row is named: the beginning of its load and its row in the file. A shorter beginning does too."""
AGES = {"days_0_7": (0, 7), "days_8_30": (8, 30), "days_31_90": (31, 90), "days_over_90": (91, 10**6)}
"""Buckets of age: first and last day."""


def name(row: dict[str, Any]) -> str:
    """Return the name of a row."""
    return f"{row['load_id'][:8]}-{row['source_row']}"


def counts(
    home: Home,
    survey_id: str,
    status: str = "open",
    rule: str | None = None,
    country: str | None = None,
    now: datetime | None = None,
) -> list[dict[str, Any]]:
    """Count the rows of a survey by file, rule and status, oldest first, with how long they have been refused.

    status: one of `life_cycle.STATUSES`, or `all`.  now: by which the age of open rows is told (UTC).
    """
    ages = ", ".join(f"count(*) FILTER (age BETWEEN {a} AND {b}) AS {key}" for key, (a, b) in AGES.items())
    with build.read(home) as warehouse:
        if warehouse is None:
            return []
        return warehouse.rows(
            f"""SELECT country, file, rule, status, count(*) AS rows, min({NAME}) AS example, max(age) AS days, {ages}
                FROM (SELECT *, greatest(date_diff('day', opened_at, $now::TIMESTAMP), 0) AS age FROM quarantine)
                WHERE survey_id = $survey AND status IN ($status, if($status = 'all', status, NULL))
                  AND rule = coalesce($rule, rule) AND country = coalesce($country, country)
                GROUP BY ALL ORDER BY days DESC, country, file, rule, status""",
            survey=survey_id,
            status=status,
            rule=rule,
            country=country,
            now=now or datetime.now(UTC).replace(tzinfo=None),
        )


def by_rule(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sum counts by rule, most rows first."""
    sums: dict[str, dict[str, Any]] = {}
    for row in rows:
        total = sums.setdefault(row["rule"], {"rule": row["rule"], "rows": 0, "days": 0, **dict.fromkeys(AGES, 0)})
        total["days"] = max(total["days"], row["days"])
        for key in ("rows", *AGES):
            total[key] += row[key]
    return sorted(sums.values(), key=lambda total: (-total["rows"], total["rule"]))


def find(home: Home, named: str) -> list[dict[str, Any]]:
    """Return the rows that a name means, live ones first. Raises KinscaleError when there is none."""
    told = re.fullmatch(r"([0-9a-f]{4,16})-(\d+)", named)
    with build.read(home) as warehouse:
        rows = (
            warehouse.rows(
                """SELECT * FROM quarantine WHERE load_id LIKE $load || '%' AND source_row = $row
                   ORDER BY status IN ('open', 'dropped') DESC, opened_at, load_id""",
                load=told[1],
                row=int(told[2]),
            )
            if warehouse and told
            else []
        )
    if not rows:
        raise KinscaleError(
            f'no refused row is called "{named}".', next_step="See them all: ./kinscale quarantine list --status all"
        )
    return rows


def find_live(home: Home, named: str) -> dict[str, Any]:
    """Return the one row with a name about which something can be decided.

    Raises KinscaleError when it is closed, with its end, or when several rows have the name.
    """
    rows = find(home, named)
    live = [row for row in rows if row["status"] in LIVE]
    if len(live) > 1:
        names = ", ".join(f"{row['load_id']}-{row['source_row']}" for row in live)
        raise KinscaleError(f'{len(live)} rows are called "{named}": {names}.', next_step="Name one of them in full.")
    if not live:
        raise KinscaleError(
            f'row "{named}" is closed: {rows[0]["status"]}.',
            file=rows[0]["file"],
            row=rows[0]["source_row"],
            next_step=f"Its history: ./kinscale quarantine show {named}",
        )
    return live[0]


def history(home: Home, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what has been recorded about the interview of a row, in every version of its file, oldest first."""
    with build.read(home) as warehouse:
        if warehouse is None or "questionnaire_id" not in row:  # a warehouse that no night has opened since
            return [row]
        return warehouse.rows(
            """SELECT quarantine.*, loads.loaded_at FROM quarantine JOIN loads USING (load_id)
               WHERE quarantine.survey_id = $survey AND quarantine.country = $country AND quarantine.file = $file
                 AND (raw_row = $raw OR (questionnaire_id = $number AND $number <> ''))
               ORDER BY loaded_at, quarantine.source_row""",
            survey=row["survey_id"],
            country=row["country"],
            file=row["file"],
            raw=row["raw_row"],
            number=row["questionnaire_id"] or "",
        )


def became(warehouse: Warehouse, loads: Iterable[str], since: datetime) -> list[dict[str, Any]]:
    """Return the rows that loads closed since a moment, but for those refused again, and the live rows of the loads."""
    return warehouse.rows(
        """SELECT * EXCLUDE (raw_row, value) FROM quarantine
           WHERE (list_contains($loads, closed_by) AND closed_at >= $since AND status <> 'superseded')
              OR (list_contains($loads, load_id) AND status IN ('open', 'dropped'))
           ORDER BY country, file, source_row""",
        loads=list(loads),
        since=since,
    )


def files_with_live_rows(warehouse: Warehouse, survey_id: str) -> set[str]:
    """Return the addresses of files that have refused rows, or were refused as a whole."""
    rows = warehouse.rows(
        """SELECT DISTINCT uri FROM loads LEFT JOIN quarantine USING (load_id)
           WHERE loads.survey_id = $survey
             AND (loads.status = 'refused' OR quarantine.status IN ('open', 'dropped'))""",
        survey=survey_id,
    )
    return {row["uri"] for row in rows}
