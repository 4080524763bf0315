"""Counts of each interviewer's work by settlement, kept in the build warehouse and never published."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import pandas as pd

from schemas.fieldwork import NearDuplicates
from warehouse.build import Warehouse, statement

KEY = ("country", "region", "interviewer")
SUMMED = (
    "interviews", "zero_reports", "reports", "repeated", "repeated_reports", "relatives_known", "relatives",
    "relatives_squared", "relatives_from_3", "relatives_ending_0_5", "cases", "cases_squared", "pairs",
    "near_duplicates", "duration_known",
)  # fmt: skip
MINUTES = ("duration_minutes", "duration_squared")
"""Sums of decimals: exact until they are handed out."""
LATER = ("duration_known", *MINUTES)
"""Columns that a warehouse of earlier code does not have until its next night."""
_COUNTS = "fieldwork_counts"
TEMPORARY = ("fieldwork_work", "fieldwork_answers", "fieldwork_pairs", _COUNTS)


def queries(instrument: ModuleType) -> list[str]:
    """Write the statements that make the temporary tables, in their order, for what the instrument asks about."""
    cases = statement("interviewer_cases")
    asked = [*instrument.ANSWERS, *instrument.COUNTS]
    names = ["told", *asked]
    small = ["coalesce(relatives_raw, relatives)::SMALLINT AS told", *instrument.ANSWERS]
    small += [f"{name}::SMALLINT AS {name}" for name in instrument.COUNTS]
    parts = {
        "vector": ", ".join(asked),
        "names": ", ".join(names),
        "cases": " + ".join(cases.format(place=place) for place in instrument.PLACES),
        "vector_as_small": ", ".join(small),
        "some_case": f"greatest({', '.join(instrument.COUNTS)}) > 0",
        "differing": " + ".join(f"(a.{name} IS DISTINCT FROM b.{name})::INTEGER" for name in names),
    }
    files = ("interviewer_work", "interviewer_answers", "interviewer_pairs", "interviewer_settlements")
    return [statement(file).format(**parts) for file in files]


def count(warehouse: Warehouse, survey_id: str, instrument: ModuleType, near: NearDuplicates) -> pd.DataFrame:
    """Count every interviewer's work, and return one row per interviewer and region, in key order.

    Columns: country, region, interviewer, settlements, most_on_one_day and the sums; `keep` writes what was counted.
    """
    _drop(warehouse)
    told = {"survey_id": survey_id, "differing": near.differing_answers, "block": near.block}
    for query in queries(instrument):
        warehouse.execute(query, **{name: value for name, value in told.items() if f"${name}" in query})
    _drop(warehouse, TEMPORARY[:-1])
    return _by_interviewer(warehouse, f"temp.{_COUNTS}")


def _drop(warehouse: Warehouse, tables: Sequence[str] = TEMPORARY) -> None:
    for table in tables:
        warehouse.execute(f"DROP TABLE IF EXISTS temp.{table}")


def settlements(warehouse: Warehouse) -> dict[str, int]:
    """Return by country how many settlements the counted work lies in."""
    rows = warehouse.rows(
        f"""SELECT country, count(DISTINCT (region, district, settlement)) AS n
            FROM temp.{_COUNTS} GROUP BY country ORDER BY country"""
    )
    return {row["country"]: row["n"] for row in rows}


def keep(warehouse: Warehouse, survey_id: str, found: pd.DataFrame) -> None:
    """Put what was counted in the place of what was kept of the survey. found: KEY, flags and score."""
    with warehouse.transaction(), warehouse.registered("fieldwork_found", found[[*KEY, "flags", "score"]]):
        warehouse.execute("DELETE FROM interviewer_settlements WHERE survey_id = $survey", survey=survey_id)
        warehouse.execute(
            f"""INSERT INTO interviewer_settlements BY NAME
                SELECT counted.*, found.flags, found.score
                FROM temp.{_COUNTS} AS counted JOIN fieldwork_found AS found USING ({", ".join(KEY)})
                ORDER BY country, region, district, settlement, interviewer"""
        )
    _drop(warehouse)


def kept(warehouse: Warehouse, survey_id: str) -> pd.DataFrame | None:
    """Return the private table of a survey in key order, or None where nothing was counted yet."""
    if not warehouse.rows("SELECT 1 AS one FROM duckdb_tables() WHERE table_name = 'interviewer_settlements'"):
        return None
    frame: pd.DataFrame = warehouse.connection.execute(
        """SELECT * EXCLUDE (survey_id) FROM interviewer_settlements WHERE survey_id = $survey
           ORDER BY country, region, interviewer, first_day, district, settlement""",
        {"survey": survey_id},
    ).df()
    return frame if len(frame) else None


def kept_by_interviewer(warehouse: Warehouse, survey_id: str) -> pd.DataFrame:
    """Return what was kept of a survey, one row per interviewer and region, as `count` does."""
    return _by_interviewer(warehouse, "interviewer_settlements", survey_id)


def _by_interviewer(warehouse: Warehouse, table: str, survey_id: str | None = None) -> pd.DataFrame:
    there = {row["column_name"] for row in warehouse.rows(f"SELECT column_name FROM (DESCRIBE {table})")}
    zero = {name: "0" for name in LATER if name not in there}
    types = {**dict.fromkeys(SUMMED, "BIGINT"), **dict.fromkeys(MINUTES, "DOUBLE")}
    sums = ", ".join(f"coalesce(sum({zero.get(name, name)}), 0)::{kind} AS {name}" for name, kind in types.items())
    only, given = ("WHERE survey_id = $survey", {"survey": survey_id}) if survey_id else ("", None)
    key = ", ".join(KEY)
    frame: pd.DataFrame = warehouse.connection.execute(
        f"""SELECT {key}, min(ngo) AS ngo, count(*)::BIGINT AS settlements, min(first_day) AS first_day,
                max(last_day) AS last_day, max(most_on_one_day)::BIGINT AS most_on_one_day, {sums}
            FROM {table} {only} GROUP BY {key} ORDER BY {key}""",
        given,
    ).df()
    return frame
