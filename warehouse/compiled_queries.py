"""The PSU totals as SQL of an engine, compiled from their expression; those of DuckDB are kept under `warehouse/sql/`.

`python -m warehouse.compiled_queries` writes them anew. It needs Ibis, which a default installation does not have.
"""

from __future__ import annotations

from types import ModuleType
from typing import Literal

from schemas import family_survey
from warehouse.build import SQL

INSTRUMENT: ModuleType = family_survey
"""Whose interviews the kept statements read."""
NAMES = {"psu_totals": False, "psu_totals_by_family": True}
"""The kept statements, and whether they tell families apart."""
PARAMETERS = {"duckdb": "$survey_id", "pyspark": ":survey_id"}
_PLACE = "the survey that is asked for"
HEAD = """-- Generated from warehouse/psu_expression.py by Ibis, for DuckDB. Do not edit: change the expression, then
-- python -m warehouse.compiled_queries
-- {what} Parameter: $survey_id.
"""
WHAT = {
    "psu_totals": "Interviews to PSU totals, the one pass over microdata.",
    "psu_totals_by_family": "The same sums of each PSU's families with the same answers.",
}


def compiled(engine: Literal["duckdb", "pyspark"], instrument: ModuleType, by_family: bool) -> str:
    """Write the statement for an engine; the survey stays a parameter, as the engine writes one."""
    import ibis

    from warehouse import psu_expression

    records = psu_expression.interviews(instrument)
    text = str(ibis.to_sql(psu_expression.totals(records, _PLACE, instrument, by_family), dialect=engine))
    if text.count(f"'{_PLACE}'") != 1:
        raise AssertionError("the statement does not name its survey once")
    return text.replace(f"'{_PLACE}'", PARAMETERS[engine])


def kept(name: str) -> str:
    """Return what the file of a kept statement must hold."""
    return HEAD.format(what=WHAT[name]) + "\n" + compiled("duckdb", INSTRUMENT, NAMES[name]) + "\n"


def main() -> int:
    """Write the kept statements."""
    for name in NAMES:
        (SQL / f"{name}.sql").write_text(kept(name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
