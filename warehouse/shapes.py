"""What accepted files look like and how they drift: kept with their loads, asked for before the next files come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from schemas.drift import Difference, Seen
from schemas.shape import Accepted, LastAccepted, Shape
from warehouse.build import Warehouse

if TYPE_CHECKING:
    from schemas.batch import Load, Lot
    from schemas.declaration import Declaration
    from schemas.drift import Form

_SAID = {"column": "column_name"}
"""Fields of a difference whose column has another name: `column` is a word of SQL."""


def enter(warehouse: Warehouse, landing: Sequence[tuple[Load, Form]]) -> None:
    """Keep the forms of files that land. Call within the transaction that lands them."""
    import pandas as pd

    marks = [
        ({"survey_id": load.survey_id, "load_id": load.load_id, "country": load.country, "source": form.source}, form)
        for load, form in landing
    ]
    if marks:
        warehouse.insert("shapes", pd.DataFrame([{**mark, "shape": form.shape.as_json()} for mark, form in marks]))
    names = {field.name: _SAID.get(field.name, field.name) for field in fields(Difference)}
    rows = [
        {**mark, "since": form.since, **{said: getattr(one, name) for name, said in names.items()}}
        for mark, form in marks
        for one in form.differences
    ]
    if rows:
        warehouse.insert("drift", pd.DataFrame(rows, dtype="str"))


def last(warehouse: Warehouse, survey_id: str, country: str, source: str, uris: Sequence[str]) -> LastAccepted:
    """Return the shapes in force of files that come again, and that of the source's file that landed last.

    source: its path, as declared.
    """
    if not _has(warehouse, "shapes"):
        return LastAccepted()
    rows = warehouse.rows(
        """SELECT uri, file, loaded_at, shape, place FROM (
               SELECT *, row_number() OVER (ORDER BY loaded_at DESC, file DESC, load_id) AS place
               FROM shapes JOIN (SELECT load_id, uri, file, loaded_at, status FROM loads) USING (load_id)
               WHERE survey_id = $survey AND country = $country AND source = $source AND status = 'landed')
           WHERE place = 1 OR list_contains($uris, uri) ORDER BY place""",
        survey=survey_id,
        country=country,
        source=source,
        uris=list(uris),
    )
    found = {r["uri"]: Accepted(r["file"], r["loaded_at"], Shape.of_json(r["shape"])) for r in rows}
    return LastAccepted(found, next(iter(found.values()), None))


class Before:
    """What was accepted before files are taken in, for each lot of them: it does not depend on how lots are divided."""

    def __init__(self, warehouse: Warehouse, survey_id: str) -> None:
        """Begin before the first of the files lands."""
        self._warehouse, self._survey_id = warehouse, survey_id
        self._newest: dict[tuple[str, str], Accepted | None] = {}

    def of(self, lot: Lot, declaration: Declaration) -> LastAccepted:
        """Return what was accepted last; of the newest file that one which was it when it was first asked for."""
        country, source = lot.files[0].country, declaration.sources[lot.files[0].source].path
        found = last(self._warehouse, self._survey_id, country, source, [file.uri for file in lot.files])
        return replace(found, newest=self._newest.setdefault((country, source), found.newest))


def differences(warehouse: Warehouse, survey_id: str, load_ids: Sequence[str] | None = None) -> list[Seen]:
    """Return how files that count now differ, equal differences together. load_ids: of which files; None for all."""
    if not _has(warehouse, "drift"):
        return []
    rows = warehouse.rows(
        """SELECT loads.country, kind, column_name AS "column", was, now, outcome, line,
                  count(*) AS files, min(file) AS file, arg_min(since, file) AS since
           FROM drift JOIN loads USING (load_id)
           WHERE loads.survey_id = $survey AND status = 'landed'
             AND ($loads IS NULL OR list_contains($loads, load_id))
           GROUP BY ALL ORDER BY loads.country, kind, "column", now""",
        survey=survey_id,
        loads=None if load_ids is None else list(load_ids),
    )
    names = [field.name for field in fields(Difference)]
    return [
        Seen(r["country"], Difference(**{name: r[name] for name in names}), r["files"], r["file"], r["since"])
        for r in rows
    ]


def _has(warehouse: Warehouse, table: str) -> bool:
    """Tell whether there is a table: one that is only read may be of code that did not make it."""
    return bool(warehouse.rows("SELECT 1 AS one FROM duckdb_tables() WHERE table_name = $name", name=table))
