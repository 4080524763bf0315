"""What changed inside a file that is replaced: questionnaires added and gone, cells by column, a few examples.

Works within the transaction of landing, while the rows of the version before are kept aside. Texts that people wrote
freely, and names of places and persons, are counted and never shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from schemas.batch import Load
from schemas.delivery_record import Changed
from warehouse.build import Warehouse
from warehouse.delivery_profile import BEFORE

EXAMPLES = 5
"""Questionnaires that are named for each kind of change and each column."""
_COLUMNS = "load_id, survey_id, country, uri, file, sha256, bytes, rows_read, rows_accepted, rows_quarantined"
Replaced = Mapping[str, Load]
"""The load in force before, by the name of the load that takes its place."""


def standing(warehouse: Warehouse, coming: Sequence[Load]) -> Replaced:
    """Return the loads in force of the same files, by the name of the load that comes."""
    rows = warehouse.rows(
        f"""SELECT {_COLUMNS} FROM loads
            WHERE survey_id = $survey AND status = 'landed' AND uri IN (SELECT unnest($uris))""",
        survey=coming[0].survey_id,
        uris=[load.uri for load in coming],
    )
    found = {row["uri"]: Load(**row) for row in rows}
    return {load.load_id: found[load.uri] for load in coming if load.uri in found}


def keep_before(warehouse: Warehouse, replaced: Replaced) -> None:
    """Keep the rows of loads that are being replaced aside."""
    if not replaced:
        return
    forget_before(warehouse, replaced)
    warehouse.execute(f"CREATE TEMP TABLE {BEFORE} AS SELECT * FROM interviews LIMIT 0")
    warehouse.execute(
        f"INSERT INTO {BEFORE} SELECT * FROM interviews WHERE load_id IN (SELECT unnest($loads))",
        loads=[load.load_id for load in replaced.values()],
    )


def forget_before(warehouse: Warehouse, replaced: Replaced) -> None:
    """Drop the rows that were kept aside."""
    if replaced:
        warehouse.execute(f"DROP TABLE IF EXISTS temp.{BEFORE}")


def inside(
    warehouse: Warehouse, replaced: Replaced, instrument: ModuleType
) -> dict[str, list[tuple[Changed, list[Any]]]]:
    """Return what changed inside each file, by the name of its new load, with examples for `delivery_changes`.

    Example: [questionnaire, before, after] of coded and number columns, else [questionnaire].
    """
    pairs = [{"new_load": new, "old_load": old.load_id} for new, old in replaced.items()]
    if not pairs:
        return {}
    import pandas as pd

    found: dict[str, list[tuple[Changed, list[Any]]]] = {new: [] for new in replaced}
    with warehouse.registered("replaced_pairs", pd.DataFrame(pairs)):
        for row in warehouse.rows(_questionnaires(instrument)):
            found[row["new_load"]].append(_changed(row["kind"], "", row["n"], [[q] for q in row["numbers"]]))
        cells = warehouse.rows(_cells(instrument))
        changed = sorted({column for row in cells for column in instrument.COLUMNS if row[column]})
        examples = _examples(warehouse, instrument, changed)
        for row in cells:
            new = row["new_load"]
            found[new].append(_changed("questionnaires", "", row["any_cell"], []))
            for column in (column for column in instrument.COLUMNS if row[column]):
                found[new].append(_changed("cells", column, row[column], examples.get((new, column), [])))
    return {new: [(c, e) for c, e in changes if c.number] for new, changes in found.items()}


def _changed(kind: str, column: str, number: int, examples: list[Any]) -> tuple[Changed, list[Any]]:
    return Changed(kind, column, int(number), tuple(example[0] for example in examples)), examples


def _questionnaires(instrument: ModuleType) -> str:
    """Write the query that tells which numbers came and went, and where those went that are not in the new version."""
    key = instrument.KEY
    return f"""
        WITH old AS (SELECT new_load, country, {key} AS q FROM {BEFORE} JOIN replaced_pairs ON load_id = old_load),
        new AS (SELECT new_load, country, {key} AS q FROM interviews JOIN replaced_pairs ON load_id = new_load),
        gone AS (SELECT old.* FROM old ANTI JOIN new USING (new_load, q)),
        now_refused AS (
            SELECT DISTINCT load_id AS new_load, questionnaire_id AS q FROM quarantine
            WHERE load_id IN (SELECT new_load FROM replaced_pairs)
        ),
        elsewhere AS (
            SELECT DISTINCT gone.q, gone.country FROM gone
            JOIN interviews ON interviews.{key} = gone.q AND interviews.country = gone.country
            WHERE interviews.survey_id IN (SELECT survey_id FROM {BEFORE})
        ),
        told AS (
            SELECT new_load, q, 'added' AS kind FROM new ANTI JOIN old USING (new_load, q)
            UNION ALL
            SELECT new_load, q, CASE
                WHEN (new_load, q) IN (SELECT (new_load, q) FROM now_refused) THEN 'refused_now'
                WHEN (q, country) IN (SELECT (q, country) FROM elsewhere) THEN 'held_elsewhere'
                ELSE 'removed' END
            FROM gone
        )
        SELECT new_load, kind, count(*) AS n, min(q, {EXAMPLES}) AS numbers FROM told GROUP BY ALL ORDER BY ALL"""


def _joined(instrument: ModuleType) -> str:
    key = instrument.KEY
    return f"""{BEFORE} AS b JOIN replaced_pairs ON b.load_id = old_load
               JOIN interviews AS n ON n.load_id = new_load AND n.{key} = b.{key}"""


def _cells(instrument: ModuleType) -> str:
    differs = {column: f"b.{column} IS DISTINCT FROM n.{column}" for column in instrument.COLUMNS}
    counts = [f"count(*) FILTER ({test}) AS {column}" for column, test in differs.items()]
    return f"""SELECT new_load, count(*) AS common, count(*) FILTER ({" OR ".join(differs.values())}) AS any_cell,
                      {", ".join(counts)}
               FROM {_joined(instrument)} GROUP BY new_load ORDER BY new_load"""


def _examples(
    warehouse: Warehouse, instrument: ModuleType, changed: Sequence[str]
) -> dict[tuple[str, str], list[list[Any]]]:
    """Return a few changed cells by load and column; of columns that are no codes and no numbers, no cell."""
    shown = {*instrument.CODED, *instrument.DATES, *instrument.WHOLE_NUMBERS}
    parts = []
    for column in changed:
        cells = f"b.{column}::VARCHAR, n.{column}::VARCHAR" if column in shown else "NULL, NULL"
        parts.append(
            f"""SELECT new_load, '{column}' AS column_name, b.{instrument.KEY} AS q, {cells}
                FROM {_joined(instrument)} WHERE b.{column} IS DISTINCT FROM n.{column}
                QUALIFY row_number() OVER (PARTITION BY new_load ORDER BY b.{instrument.KEY}) <= {EXAMPLES}"""
        )
    found: dict[tuple[str, str], list[list[Any]]] = {}
    if parts:
        named = " UNION ALL ".join(f"({part})" for part in parts)
        for row in warehouse.rows(f"SELECT * FROM ({named}) AS e(new_load, column_name, q, x, y) ORDER BY ALL"):
            example = [row["q"], row["x"], row["y"]] if row["column_name"] in shown else [row["q"]]
            found.setdefault((row["new_load"], row["column_name"]), []).append(example)
    return found


def record(
    warehouse: Warehouse, loads: Mapping[str, Load], changes: Mapping[str, Sequence[tuple[Changed, list[Any]]]]
) -> None:
    """Write down what changed inside files, in place of what was said of the same bytes before."""
    if not changes:
        return
    import pandas as pd

    rows = [
        {
            "survey_id": loads[new].survey_id,
            "uri": loads[new].uri,
            "sha256": loads[new].sha256,
            "kind": change.kind,
            "column_name": change.column,
            "number": change.number,
            "examples": json.dumps(examples, ensure_ascii=False),
        }
        for new, found in changes.items()
        for change, examples in found
    ]
    for new in changes:
        warehouse.execute(
            "DELETE FROM delivery_changes WHERE survey_id = $survey AND uri = $uri AND sha256 = $sha",
            survey=loads[new].survey_id,
            uri=loads[new].uri,
            sha=loads[new].sha256,
        )
    if rows:
        warehouse.insert("delivery_changes", pd.DataFrame(rows))
