"""The profile of a landed file: rows, questionnaires, dates, frequencies of codes, zeros, missing counts, its content.

Lives here: how it is computed by SQL over the rows of a load, kept and found. Not here: how two are compared (tasks).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.batch import Load
from schemas.instrument import Instrument
from warehouse import interview_parts
from warehouse.build import Warehouse
from warehouse.landing import OF_LOADS

Profile = dict[str, dict[str, float]]
"""Value by measure and category, as the table `delivery_profile` has it."""
CONTENT = "content"
"""The measure whose category is a hash of all accepted and refused rows that does not depend on their order."""
_PLACE = "list_position($loads, load_id)::INTEGER"
"""Of a load among those asked for: to count different numbers by it takes a third of what it takes by name."""


def of_loads(
    warehouse: Warehouse, loads: Sequence[Load], instrument: Instrument, table: str = "interviews"
) -> dict[str, Profile]:
    """Compute the profiles of loads, by load_id, from their rows in `interviews` (or BEFORE): two statements for all.

    Of a file of any length in bounded memory: the different numbers, which alone grow with it, go to disk where they
    are too many, and so are counted by themselves.
    """
    names = [load.load_id for load in loads]
    table = interview_parts.rows_of(warehouse, names) if table == "interviews" else table
    numbers = {row["load_at"]: row["n"] for row in warehouse.rows(_numbers(instrument, table), loads=names)}
    rows = warehouse.rows(_query(instrument, table), loads=names)
    found = {row["load_id"]: {**row, "questionnaires": numbers[row["load_at"]]} for row in rows}
    return {load.load_id: _profile(load, found.get(load.load_id), instrument) for load in loads}


def _numbers(instrument: Instrument, table: str) -> str:
    return f"""SELECT {_PLACE} AS load_at, count(DISTINCT {instrument.KEY}) AS n
               FROM {table} WHERE {OF_LOADS} GROUP BY load_at"""


def _query(instrument: Instrument, table: str) -> str:
    counts = [f"coalesce({column}, 0)" for column in instrument.COUNTS]
    frequencies = [f"histogram({column}) FILTER ({column} IS NOT NULL) AS {column}" for column in instrument.CODED]
    missing = [f"count(*) - count({column}) AS {column}" for column in instrument.COUNTS]
    cells = ", ".join([*instrument.COLUMNS, *instrument.KEPT])
    day = instrument.DAY or "NULL::DATE"
    relatives = "sum(relatives) / count(relatives)" if instrument.KEPT else "NULL"
    counted = " + ".join(counts) or "1"
    return f"""
        WITH refused AS (
            SELECT load_id, count(*) AS n,
                   sum(hash(coalesce(questionnaire_id, ''), rule, column_name, value)::HUGEINT) AS content
            FROM quarantine WHERE {OF_LOADS} GROUP BY load_id
        ),
        taken AS (
            SELECT {_PLACE} AS load_at, count(*) AS n,
                   min({day}) - DATE '1970-01-01' AS first_day,
                   max({day}) - DATE '1970-01-01' AS last_day,
                   {relatives} AS mean_relatives,
                   count(*) FILTER ({counted} = 0) AS no_case,
                   sum(hash({cells})::HUGEINT) AS content,
                   {", ".join([*frequencies, *missing])}
            FROM {table} WHERE {OF_LOADS} GROUP BY load_at
        )
        SELECT taken.*, $loads[load_at] AS load_id, coalesce(refused.n, 0) AS refused_rows,
               concat_ws('-', taken.n, taken.content, coalesce(refused.n, 0), coalesce(refused.content, 0)) AS whole
        FROM taken LEFT JOIN refused ON refused.load_id = $loads[load_at]"""


def _profile(load: Load, row: Mapping[str, Any] | None, instrument: Instrument) -> Profile:
    sizes = {"bytes": load.bytes, "read": load.rows_read, "accepted": load.rows_accepted}
    profile: Profile = {
        "size": {**{k: float(v) for k, v in sizes.items()}, "quarantined": float(load.rows_quarantined)}
    }
    if row is None:
        return profile
    profile["size"]["questionnaires"] = float(row["questionnaires"])
    if row["first_day"] is not None:
        profile["day"] = {"first": float(row["first_day"]), "last": float(row["last_day"])}
    if row["mean_relatives"] is not None:
        profile["relatives"] = {"mean": float(row["mean_relatives"])}
    profile["cases"] = {"none": float(row["no_case"]), "some": float(row["n"] - row["no_case"])}
    for column in instrument.CODED:
        profile[column] = {str(code): float(n) for code, n in (row[column] or {}).items()}
    for column in instrument.COUNTS:
        profile[column] = {"missing": float(row[column]), "given": float(row["n"] - row[column])}
    profile[CONTENT] = {row["whole"]: float(row["n"])}
    return profile


def keep(warehouse: Warehouse, loads: Sequence[Load], profiles: Mapping[str, Profile], source: str) -> None:
    """Write profiles down in place of what there was under the names of the loads."""
    import pandas as pd

    about = {load.load_id: (load.survey_id, load.load_id, load.country, source, load.uri) for load in loads}
    rows = [
        (*about[name], measure, category, value)
        for name, profile in profiles.items()
        for measure, part in profile.items()
        for category, value in part.items()
    ]
    names = ["survey_id", "load_id", "country", "source", "uri", "measure", "category", "value"]
    warehouse.execute("DELETE FROM delivery_profile WHERE load_id IN (SELECT unnest($loads))", loads=list(about))
    warehouse.insert("delivery_profile", pd.DataFrame(rows, columns=names))


def earlier(warehouse: Warehouse, survey_id: str, source: str, most: int) -> list[Profile]:
    """Return the profiles of the last files of a source that an earlier run took in, the newest first.

    None outside a run: what a rebuild takes in at once has no order.
    """
    rows = warehouse.rows(
        """WITH base AS (
               SELECT load_id, loaded_at, uri FROM loads
               WHERE survey_id = $survey AND status = 'landed'
                 AND loaded_at < (SELECT max(started_at) FROM run_log WHERE survey_id = $survey)
                 AND load_id IN (SELECT load_id FROM delivery_profile WHERE survey_id = $survey AND source = $source)
               ORDER BY loaded_at DESC, uri DESC LIMIT $most
           )
           SELECT load_id, measure, category, value FROM delivery_profile JOIN base USING (load_id)
           ORDER BY loaded_at DESC, base.uri DESC, load_id""",
        survey=survey_id,
        source=source,
        most=most,
    )
    found: dict[str, Profile] = {}
    for row in rows:
        found.setdefault(row["load_id"], {}).setdefault(row["measure"], {})[row["category"]] = row["value"]
    return list(found.values())
