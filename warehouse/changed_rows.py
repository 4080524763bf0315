"""Rows of replaced files beside those that take their place: numbers that came and went, and cells that differ.

Files of any length are compared in bounded memory: first numbers and a hash of each row, in shares by number; then the
cells of rows whose hash differs, so many at a time. Works within the transaction of landing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from schemas.batch import Load
from schemas.instrument import Instrument
from warehouse import interview_parts
from warehouse.build import Warehouse
from warehouse.landing import OF_LOADS

BEFORE = "interviews_before"
"""Rows of the versions that are being replaced, until the transaction of landing ends."""
EXAMPLES = 5
"""Questionnaires that are named for each kind of change and each column."""
NUMBERS_AT_ONCE = 1 << 19
ROWS_AT_ONCE = 1 << 16
"""How many numbers, and how many rows, DuckDB holds while it compares them."""
Cells = tuple[int, list[list[Any]]]
"""How many cells of a column changed, with examples."""
_KEPT = ("numbers_before", "numbers_after", "rows_changed", "cells_before", "cells_after")
"""Temporary tables; `load_at` in them is the place of a pair of versions."""


class ChangedRows:
    """The comparison of some loads with those that they replace."""

    def __init__(self, warehouse: Warehouse, replaced: Mapping[str, Load], instrument: Instrument) -> None:
        """Number the rows of both versions. replaced: the load in force before, by the name of the one that comes."""
        self._warehouse, self._kind = warehouse, instrument
        self._survey = next(iter(replaced.values())).survey_id
        self._new = list(replaced)
        self._old = [load.load_id for load in replaced.values()]
        rows = (self._gather(BEFORE, self._old), self._gather("interviews", self._new))
        self._shares = 1 + max(rows) // NUMBERS_AT_ONCE

    def _gather(self, table: str, loads: Sequence[str]) -> int:
        """Keep of each row its number, its load and a hash of its cells; return how many rows there are."""
        name = "numbers_before" if table == BEFORE else "numbers_after"
        columns = "load_at INTEGER, country VARCHAR, q VARCHAR, row BIGINT, cells UBIGINT"
        self._warehouse.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
        self._warehouse.execute(
            f"""INSERT INTO {name}
                SELECT list_position($loads, load_id), country, {self._kind.KEY}, source_row,
                       hash({", ".join(self._kind.COLUMNS)})
                FROM {self._rows(table, loads)} WHERE {OF_LOADS}""",
            loads=list(loads),
        )
        return int(self._warehouse.rows(f"SELECT count(*) AS n FROM {name}")[0]["n"])

    def questionnaires(self) -> list[dict[str, Any]]:
        """Return new_load, kind, n and the first `numbers` of those that came, and of those that went by whereto."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for share in range(self._shares):
            rows = self._warehouse.rows(
                _questionnaires(self._kind), new=self._new, survey=self._survey, shares=self._shares, share=share
            )
            for row in rows:
                key = (self._new[row["load_at"] - 1], row["kind"])
                so_far = found.setdefault(key, {"new_load": key[0], "kind": key[1], "n": 0, "numbers": []})
                so_far["n"] += row["n"]
                so_far["numbers"] = sorted([*so_far["numbers"], *row["numbers"]])[:EXAMPLES]
        return [found[key] for key in sorted(found)]

    def cells(self, shown: Sequence[str]) -> dict[str, tuple[int, dict[str, Cells]]]:
        """Return by new load how many rows changed, and the changed cells of each column that has any.

        shown: columns of whose cells an example is [questionnaire, before, after]; of the others [questionnaire].
        """
        out: dict[str, tuple[int, dict[str, Cells]]] = {}
        for _ in self._changed():
            for row in self._warehouse.rows(_cells(self._kind, shown)):
                rows, columns = out.get(self._new[row["load_at"] - 1], (0, {}))
                for column in (column for column in self._kind.COLUMNS if row[column]):
                    n, so_far = columns.get(column, (0, []))
                    told = [[e["q"], e["b"], e["n"]] for e in row[f"{column}_examples"]]
                    more = told if column in shown else [example[:1] for example in told]
                    columns[column] = (n + row[column], sorted([*so_far, *more], key=_number)[:EXAMPLES])
                out[self._new[row["load_at"] - 1]] = (rows + row["any_cell"], columns)
        return out

    def _changed(self) -> Iterator[None]:
        """Put the changed rows of both versions into cells_before and cells_after, so many at a time."""
        run = self._warehouse.execute
        run("CREATE OR REPLACE TEMP TABLE rows_changed (load_at INTEGER, q VARCHAR, before BIGINT, after BIGINT)")
        for share in range(self._shares):
            run(_CHANGED, shares=self._shares, share=share)
        parts = self._warehouse.rows(
            """SELECT after // $size AS part, min(before) AS low, max(before) AS high
               FROM rows_changed GROUP BY part ORDER BY part""",
            size=ROWS_AT_ONCE,
        )
        for part in parts:
            after = (part["part"] * ROWS_AT_ONCE, (part["part"] + 1) * ROWS_AT_ONCE - 1)
            self._take(BEFORE, "before", self._old, (part["low"], part["high"]), after)
            self._take("interviews", "after", self._new, after, after)
            yield

    def _take(
        self, table: str, version: str, loads: Sequence[str], rows: tuple[int, int], after: tuple[int, int]
    ) -> None:
        """Copy changed rows of a version. rows: between which its own lie; DuckDB leaves out what is beyond.

        after: between which the rows of the new version lie.
        """
        self._warehouse.execute(
            f"""CREATE OR REPLACE TEMP TABLE cells_{version} AS
                SELECT list_position($loads, load_id)::INTEGER AS load_at, source_row, {", ".join(self._kind.COLUMNS)}
                FROM {self._rows(table, loads)}
                WHERE source_row BETWEEN $low AND $high AND {OF_LOADS}
                  AND ((list_position($loads, load_id), source_row) IN (
                      SELECT (load_at, {version}) FROM rows_changed WHERE after BETWEEN $first AND $last
                  )) IS TRUE""",
            loads=list(loads),
            low=rows[0],
            high=rows[1],
            first=after[0],
            last=after[1],
        )

    def _rows(self, table: str, loads: Sequence[str]) -> str:
        return table if table == BEFORE else interview_parts.rows_of(self._warehouse, loads)

    def forget(self) -> None:
        """Drop what was kept."""
        for name in _KEPT:
            self._warehouse.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _number(example: list[Any]) -> str:
    return str(example[0])


_SHARE = "hash({0}) % $shares = $share"
_CHANGED = f"""
    INSERT INTO rows_changed
    SELECT b.load_at, b.q, b.row, n.row
    FROM (SELECT * FROM numbers_before WHERE {_SHARE.format("q")}) AS b
    JOIN (SELECT * FROM numbers_after WHERE {_SHARE.format("q")}) AS n USING (load_at, q)
    WHERE b.cells <> n.cells"""


def _questionnaires(instrument: Instrument) -> str:
    """Write the query that tells which numbers came and went, and where those went that are not in the new version."""
    key = instrument.KEY
    return f"""
        WITH old AS (SELECT load_at, country, q FROM numbers_before WHERE {_SHARE.format("q")}),
        new AS (SELECT load_at, country, q FROM numbers_after WHERE {_SHARE.format("q")}),
        gone AS (SELECT old.* FROM old ANTI JOIN new USING (load_at, q)),
        now_refused AS (
            SELECT DISTINCT list_position($new, load_id)::INTEGER AS load_at, questionnaire_id AS q FROM quarantine
            WHERE list_contains($new, load_id) AND {_SHARE.format("questionnaire_id")}
        ),
        elsewhere AS (
            SELECT DISTINCT gone.q, gone.country FROM gone
            JOIN (SELECT * FROM interviews WHERE {_SHARE.format(key)}) AS held
              ON held.{key} = gone.q AND held.country = gone.country
            WHERE held.survey_id = $survey
            UNION
            SELECT DISTINCT gone.q, gone.country FROM gone
            JOIN quarantine AS bad ON bad.questionnaire_id = gone.q AND bad.country = gone.country
            JOIN loads ON loads.load_id = bad.load_id AND loads.status = 'landed'
            WHERE bad.survey_id = $survey AND bad.status = 'open'
        ),
        told AS (
            SELECT load_at, q, 'added' AS kind FROM new ANTI JOIN old USING (load_at, q)
            UNION ALL
            SELECT load_at, q, CASE
                WHEN (load_at, q) IN (SELECT (load_at, q) FROM now_refused) THEN 'refused_now'
                WHEN (q, country) IN (SELECT (q, country) FROM elsewhere) THEN 'held_elsewhere'
                ELSE 'removed' END
            FROM gone
        )
        SELECT load_at, kind, count(*) AS n, min(q, {EXAMPLES}) AS numbers FROM told GROUP BY ALL ORDER BY ALL"""


def _cells(instrument: Instrument, shown: Sequence[str]) -> str:
    """Write the query that counts changed cells by column, with the first examples by number."""
    key = instrument.KEY
    differs = {column: f"b.{column} IS DISTINCT FROM n.{column}" for column in instrument.COLUMNS}
    counts = [f"count(*) FILTER ({test}) AS {column}" for column, test in differs.items()]
    told = {c: f"b := b.{c}::VARCHAR, n := n.{c}::VARCHAR" if c in shown else "b := NULL, n := NULL" for c in differs}
    examples = [
        f"coalesce(arg_min(struct_pack(q := b.{key}, {told[column]}), b.{key}, {EXAMPLES}) FILTER ({test}), [])"
        f" AS {column}_examples"
        for column, test in differs.items()
    ]
    return f"""
        SELECT rows_changed.load_at, count(*) FILTER ({" OR ".join(differs.values())}) AS any_cell,
               {", ".join([*counts, *examples])}
        FROM rows_changed
        JOIN cells_before AS b ON b.load_at = rows_changed.load_at AND b.source_row = before
        JOIN cells_after AS n ON n.load_at = rows_changed.load_at AND n.source_row = after
        GROUP BY rows_changed.load_at ORDER BY rows_changed.load_at"""
