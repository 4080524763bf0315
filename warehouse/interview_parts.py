"""Which Parquet parts hold the accepted records of the loads in force, and how queries see them.

A survey's records lie in a table of the build warehouse or in parts, never in both. A query that says
`interviews` sees both kinds of surveys through a view of this connection; the table below it has the one kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import EngineChanged
from warehouse.microdata import PLAIN, Microdata, Part

if TYPE_CHECKING:
    from warehouse.build import Warehouse

PARTS, STORES = "interview_parts", "interview_stores"
Store = tuple[str, str]
"""`table`, or `parts` and where they are, as the settings name it; empty for the data folder's own place."""


def wanted(warehouse: Warehouse, survey_id: str) -> Store:
    """Say where the settings want a survey's records: Spark reads parts, and a place that is named holds parts."""
    chosen = warehouse.settings
    outside = chosen.engine_of(survey_id) == "spark" or chosen.microdata is not None
    return ("parts", chosen.microdata or "") if outside else ("table", "")


def store(warehouse: Warehouse, survey_id: str) -> Store:
    """Say where a survey's records lie: as was decided when the first of them landed, else as the settings want."""
    found = warehouse.rows(f"SELECT store, place FROM {STORES} WHERE survey_id = $survey", survey=survey_id)
    return (found[0]["store"], found[0]["place"]) if found else wanted(warehouse, survey_id)


def are_parts(warehouse: Warehouse, survey_id: str) -> bool:
    """Tell whether a survey's records lie in parts."""
    return store(warehouse, survey_id)[0] == "parts"


def settle(warehouse: Warehouse, survey_id: str) -> None:
    """Write down where a survey's records lie, before the first of them lands.

    Raises EngineChanged where they lie elsewhere than the settings want: a night does not move them.
    """
    landed = "SELECT 1 FROM loads WHERE survey_id = $survey AND status = 'landed' LIMIT 1"
    if not warehouse.rows(f"SELECT 1 FROM {STORES} WHERE survey_id = $survey", survey=survey_id):
        before = warehouse.rows(landed, survey=survey_id)  # by code that knew no other place
        there = ("table", "") if before else wanted(warehouse, survey_id)
        warehouse.execute(
            f"INSERT INTO {STORES} VALUES ($s, $store, $place)", s=survey_id, store=there[0], place=there[1]
        )
    if is_elsewhere(warehouse, survey_id):
        raise EngineChanged(
            f"its interviews lie {_told(store(warehouse, survey_id))}, and the settings want them "
            f"{_told(wanted(warehouse, survey_id))}.",
            expected="interviews where the settings want them",
            next_step="Move them: ./kinscale rebuild    Or set back what was changed in settings.yaml.",
        )


def is_elsewhere(warehouse: Warehouse, survey_id: str) -> bool:
    """Tell whether a survey's records lie elsewhere than the settings say; works on a warehouse that is only read."""
    want = wanted(warehouse, survey_id)
    if not warehouse.settings_are_known:
        return False
    if not _exists(warehouse, STORES):
        return want != ("table", "")  # of code that knew no other place
    return store(warehouse, survey_id) != want


def _told(there: Store) -> str:
    return "in the build warehouse" if there[0] == "table" else f"as Parquet in {there[1] or PLAIN}"


def enter(warehouse: Warehouse, parts: Sequence[Part]) -> None:
    """Let parts count; call within the transaction of their loads."""
    import pandas as pd

    if parts:
        warehouse.insert(PARTS, pd.DataFrame(map(vars, parts)).assign(instrument=warehouse.instrument.NAME))
        show(warehouse)


def retire(warehouse: Warehouse, load_ids: Sequence[str]) -> None:
    """Let the parts of loads count no longer; their files stay until `sweep`."""
    if of_loads(warehouse, load_ids):
        warehouse.execute(f"DELETE FROM {PARTS} WHERE list_contains($loads, load_id)", loads=list(load_ids))
        show(warehouse)


def rename(warehouse: Warehouse, load_id: str, name: str) -> None:
    """Give the parts of a load another one's name: copies, for a part's place tells its load."""
    before = of_loads(warehouse, [load_id])
    if before:
        outside = warehouse.microdata
        warehouse.execute(f"DELETE FROM {PARTS} WHERE load_id = $load", load=load_id)
        enter(warehouse, [outside.again(part, name) for part in before])


def of_loads(warehouse: Warehouse, load_ids: Sequence[str]) -> list[Part]:
    """Return the parts of loads."""
    return _parts(warehouse, "list_contains($loads, load_id)", loads=list(load_ids))


def of_survey(warehouse: Warehouse, survey_id: str) -> list[Part]:
    """Return the parts of a survey that count."""
    return _parts(warehouse, "survey_id = $survey", survey=survey_id)


def _parts(warehouse: Warehouse, where: str, **told: object) -> list[Part]:
    rows = warehouse.rows(f"SELECT * EXCLUDE (instrument) FROM {PARTS} WHERE {where} ORDER BY place", **told)
    return [Part(**row) for row in rows]


def rows_of(warehouse: Warehouse, load_ids: Sequence[str]) -> str:
    """Write what a query about a few loads reads: their own parts only, or the view where they have none."""
    parts = of_loads(warehouse, load_ids)
    return f"({_read(warehouse, parts)})" if parts else "interviews"


def show(warehouse: Warehouse) -> None:
    """Let the name `interviews` mean the records of every survey of the instrument, wherever they lie."""
    parts = _parts(warehouse, "instrument = $instrument", instrument=warehouse.instrument.NAME)
    if not parts:
        hide(warehouse)
        return
    warehouse.execute(f"CREATE OR REPLACE TEMP VIEW interviews AS {_read(warehouse, parts)}")


def hide(warehouse: Warehouse) -> None:
    """Let the name `interviews` mean the table alone."""
    warehouse.execute("DROP VIEW IF EXISTS temp.interviews")


def sweep(warehouse: Warehouse, others: Iterable[Path]) -> list[str]:
    """Remove what killed runs left of this data folder's parts and results, and return it; call under its lock.

    others: further warehouses of the data folder, as shadows and what a rebuild set aside, whose parts stay.
    """
    if not _exists(warehouse, PARTS):
        return []
    counted = {part.place for part in _parts(warehouse, "true")}
    for file in others:
        path = str(file).replace("'", "''")
        warehouse.execute(f"ATTACH '{path}' AS other (READ_ONLY)")
        if _exists(warehouse, PARTS, "other"):
            counted |= {str(row["place"]) for row in warehouse.rows(f"SELECT place FROM other.main.{PARTS}")}
        warehouse.execute("DETACH other")
    warehouse.microdata.sweep()
    left = [place for place in warehouse.microdata.listed() if place not in counted]
    for place in left:
        warehouse.microdata.remove(place)
    results = warehouse.microdata.results()
    for place in results:
        warehouse.microdata.remove_result(place)
    return left + results


def all_parts(warehouse: Warehouse) -> list[str]:
    """Write for each instrument the query for survey_id, load_id and country of the records in its parts."""
    if not _exists(warehouse, PARTS):
        return []
    found: dict[str, list[Part]] = {}
    for row in warehouse.rows(f"SELECT * FROM {PARTS} ORDER BY instrument, place"):
        found.setdefault(str(row.pop("instrument")), []).append(Part(**row))
    return [f"SELECT survey_id, load_id, country FROM {_files(warehouse.microdata, parts)}" for parts in found.values()]


def _exists(warehouse: Warehouse, table: str, file: str | None = None) -> bool:
    """Tell whether a warehouse has a table, which one of earlier code may lack. file: of an attached one, its name."""
    known = """SELECT 1 FROM duckdb_tables()
               WHERE table_name = $name AND database_name = coalesce($file, current_database())"""
    return bool(warehouse.rows(known, name=table, file=file))


def _columns(warehouse: Warehouse) -> list[str]:
    rows = warehouse.rows(
        """SELECT column_name FROM duckdb_columns()
           WHERE table_name = 'interviews' AND database_name = current_database() AND schema_name = $schema
           ORDER BY column_index""",
        schema=warehouse.schema,
    )
    return [str(row["column_name"]) for row in rows]


def _read(warehouse: Warehouse, parts: Sequence[Part]) -> str:
    """Write the query for all columns of the records: those of the table, and below them those of parts."""
    columns = ", ".join(_columns(warehouse))
    forms: dict[str, list[Part]] = {}
    for part in parts:
        forms.setdefault(part.form, []).append(part)
    files = [f"SELECT * FROM {_files(warehouse.microdata, some)}" for some in forms.values()]
    return f"SELECT {columns} FROM ({' UNION ALL BY NAME '.join([f'SELECT * FROM {warehouse.records}', *files])})"


def _files(outside: Microdata, parts: Sequence[Part]) -> str:
    files = ", ".join("'" + outside.address(part.place).replace("'", "''") + "'" for part in parts)
    return f"read_parquet([{files}], hive_partitioning = true, hive_types_autocast = false)"
