"""Refused rows of before: when a column is declared personal, or ignored, what they hold of it in clear goes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from schemas.personal import NOT_KEPT
from warehouse.build import Warehouse

_DAMAGED = "row_damaged"
_KEYS = ("load_id", "source_row", "raw_row", "value", "message", "questionnaire_id")
Place = tuple[str, str]
"""Country and header."""


@dataclass(frozen=True)
class Column:
    """What becomes of a column. name: in the instrument, if it is mapped. replaced: from a cell to its pseudonym."""

    action: Literal["drop", "pseudonym", "ignore"]
    name: str | None = None
    replaced: Callable[[str], str] | None = None


def renew(warehouse: Warehouse, survey_id: str, declared: Mapping[Place, Column]) -> int:
    """Take out of the rows refused before what was declared since the last time; return how many were changed.

    Nothing is looked at when nothing was declared since.
    """
    rows = warehouse.rows(
        "SELECT country, header, action FROM withheld_columns WHERE survey_id = $survey", survey=survey_id
    )
    known = {(row["country"], row["header"]): row["action"] for row in rows}
    if known == {place: column.action for place, column in declared.items()}:
        return 0
    new = {place: column for place, column in declared.items() if known.get(place) != column.action}
    changed = 0
    with warehouse.transaction():
        for country in sorted({country for country, _ in new}):
            mine = {header: column for (owner, header), column in new.items() if owner == country}
            changed += _forget(warehouse, survey_id, country, mine)
        warehouse.execute("DELETE FROM withheld_columns WHERE survey_id = $survey", survey=survey_id)
        for (country, header), column in declared.items():
            warehouse.execute(
                "INSERT INTO withheld_columns VALUES ($survey, $country, $header, $action)",
                survey=survey_id,
                country=country,
                header=header,
                action=column.action,
            )
    return changed


def _forget(warehouse: Warehouse, survey_id: str, country: str, columns: Mapping[str, Column]) -> int:
    rows = warehouse.rows(
        "SELECT * FROM quarantine WHERE survey_id = $survey AND country = $country", survey=survey_id, country=country
    )
    changed = [new for row in rows if (new := _without(row, columns)) is not None]
    if changed:
        import pandas as pd

        with warehouse.registered("forgotten", pd.DataFrame(changed)):
            warehouse.execute(
                """UPDATE quarantine SET raw_row = f.raw_row, value = f.value, message = f.message,
                          questionnaire_id = f.questionnaire_id
                   FROM forgotten AS f
                   WHERE quarantine.load_id = f.load_id AND quarantine.source_row = f.source_row"""
            )
    warehouse.execute(
        """UPDATE edits SET "before" = '', "after" = '' FROM loads
           WHERE edits.load_id = loads.load_id AND edits.survey_id = $survey AND loads.country = $country
             AND list_contains($columns::VARCHAR[], column_name)""",
        survey=survey_id,
        country=country,
        columns=[column.name for column in columns.values() if column.name],
    )
    return len(changed)


def _without(row: Mapping[str, Any], columns: Mapping[str, Column]) -> dict[str, Any] | None:
    """Return what a row may hold, or None when that is what it holds.

    It is written as `schemas.failures` writes rows: what comes of the next reading is compared with it.
    """
    new = {key: row[key] for key in _KEYS}
    if row["rule"] == _DAMAGED:
        if all(column.action == "ignore" for column in columns.values()):
            return None
        return {**new, "raw_row": NOT_KEPT, "message": NOT_KEPT if '"' in row["message"] else row["message"]}
    if row["raw_row"].startswith("{"):
        cells = {header: _kept(cell, columns.get(header)) for header, cell in json.loads(row["raw_row"]).items()}
        shown = {header: cell for header, cell in cells.items() if cell is not None}
        new["raw_row"] = json.dumps(shown, ensure_ascii=False)
    for column in columns.values():
        if column.name == row["column_name"] and column.name:
            new |= {"value": _kept(row["value"], column) or "", "message": NOT_KEPT}
        if column.name == "questionnaire_id":
            new["questionnaire_id"] = _kept(row["questionnaire_id"] or "", column) or ""
    return new if any(new[key] != row[key] for key in _KEYS) else None


def _kept(cell: str, column: Column | None) -> str | None:
    """Return a cell as it may be kept, or None."""
    if column is None:
        return cell
    return column.replaced(cell) if column.replaced else None
