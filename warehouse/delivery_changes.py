"""What changed inside a file that is replaced: questionnaires added and gone, cells by column, a few examples.

Works within the transaction of landing, while the rows of the version before are kept aside. Texts that people wrote
freely, and names of places and persons, are counted and never shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.batch import Load
from schemas.delivery_record import Changed
from schemas.instrument import Instrument
from warehouse import interview_parts
from warehouse.build import Warehouse
from warehouse.changed_rows import BEFORE, ChangedRows
from warehouse.landing import OF_LOADS

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
    old = [load.load_id for load in replaced.values()]
    warehouse.execute(f"CREATE TEMP TABLE {BEFORE} AS SELECT * FROM interviews LIMIT 0")
    warehouse.execute(
        f"INSERT INTO {BEFORE} SELECT * FROM {interview_parts.rows_of(warehouse, old)} WHERE {OF_LOADS}",
        loads=old,
    )


def forget_before(warehouse: Warehouse, replaced: Replaced) -> None:
    """Drop the rows that were kept aside."""
    if replaced:
        warehouse.execute(f"DROP TABLE IF EXISTS temp.{BEFORE}")


def inside(
    warehouse: Warehouse, replaced: Replaced, instrument: Instrument
) -> dict[str, list[tuple[Changed, list[Any]]]]:
    """Return what changed inside each file, by the name of its new load, with examples for `delivery_changes`.

    Example: [questionnaire, before, after] of coded and number columns, else [questionnaire].
    """
    if not replaced:
        return {}
    found: dict[str, list[tuple[Changed, list[Any]]]] = {new: [] for new in replaced}
    shown = [*instrument.CODED, *instrument.DATES, *instrument.WHOLE_NUMBERS]
    rows = ChangedRows(warehouse, replaced, instrument)
    for told in rows.questionnaires():
        found[told["new_load"]].append(_changed(told["kind"], "", told["n"], [[q] for q in told["numbers"]]))
    for new, (changed, columns) in rows.cells(shown).items():
        found[new].append(_changed("questionnaires", "", changed, []))
        for column in (column for column in instrument.COLUMNS if column in columns):
            found[new].append(_changed("cells", column, *columns[column]))
    rows.forget()
    return found


def _changed(kind: str, column: str, number: int, examples: list[Any]) -> tuple[Changed, list[Any]]:
    return Changed(kind, column, int(number), tuple(example[0] for example in examples)), examples


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
