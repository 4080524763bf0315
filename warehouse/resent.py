"""Files that are another one sent again: found by the content of their rows, written down, and forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.batch import Load
from schemas.instrument import Instrument
from warehouse import delivery_profile, delivery_records, interview_parts, loads
from warehouse.build import Warehouse
from warehouse.delivery_profile import CONTENT

EARLIER = "earlier"
"""How a file is the same as another whose newer version counts."""
_VERSIONS = """
    steps AS (
        SELECT load_id, country, uri, sha256, status, rows_accepted, loaded_at,
               lead(sha256) OVER (PARTITION BY uri ORDER BY loaded_at, load_id) AS followed_by
        FROM loads
        WHERE survey_id = $survey AND status IN ('landed', 'replaced')
          AND uri IN (SELECT uri FROM loads WHERE survey_id = $survey AND status = 'landed')
    ),
    lost AS (
        SELECT uri, sha256, sum(number) AS n FROM delivery_changes
        WHERE survey_id = $survey AND kind IN ('removed', 'held_elsewhere') GROUP BY ALL
    ),
    versions AS (
        SELECT steps.* FROM steps LEFT JOIN lost ON lost.uri = steps.uri AND lost.sha256 = followed_by
        QUALIFY NOT bool_or(coalesce(followed_by <> steps.sha256 AND n >= rows_accepted, false))
            OVER (PARTITION BY steps.uri ORDER BY loaded_at, load_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
    )"""
"""Versions of the files in force, the one that counts among them. Those before one that kept none of their
questionnaires are left out: then the name went to another file, and nobody counts them any more."""


@dataclass(frozen=True)
class Again:
    """A file that is another one, sent again, or an earlier version of it.

    how: `bytes`, `rows` or EARLIER.  content: of its rows; empty where the bytes are equal.
    """

    load: Load
    same_as: Load
    how: str
    content: str = ""


def versions(warehouse: Warehouse, survey_id: str, hashes: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    """Return which files in force have, or had, the bytes of these hashes: addresses by (hash, country)."""
    if not hashes:
        return {}
    rows = warehouse.rows(
        f"""WITH {_VERSIONS}
            SELECT DISTINCT sha256, country, uri FROM versions
            WHERE sha256 IN (SELECT unnest($hashes)) ORDER BY ALL""",
        survey=survey_id,
        hashes=list(hashes),
    )
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row["sha256"], row["country"]), []).append(row["uri"])
    return found


def standing(warehouse: Warehouse, survey_id: str) -> dict[str, tuple[str, bool]]:
    """Return, by load, how each file is the same as another, and whether a file in force has its rows, or had them."""
    rows = warehouse.rows(
        f"""WITH {_VERSIONS}
            SELECT load_id, how, content IN (
                SELECT category FROM delivery_profile JOIN versions USING (load_id)
                WHERE measure = $measure AND versions.uri <> resent_deliveries.uri
            ) AS is_held
            FROM resent_deliveries WHERE survey_id = $survey""",
        survey=survey_id,
        measure=CONTENT,
    )
    return {row["load_id"]: (row["how"], row["is_held"]) for row in rows}


def same_rows(warehouse: Warehouse, coming: Sequence[Load], instrument: Instrument) -> list[Again]:
    """Return those of the files landed just now of which another file in force holds just the same rows.

    Call within a transaction that is undone afterwards. The hash finds the other file; then the rows are compared.
    """
    profiles = delivery_profile.of_loads(warehouse, coming, instrument)
    contents = {load.load_id: next(iter(profiles[load.load_id].get(CONTENT, {"": 0}))) for load in coming}
    others = warehouse.rows(
        """SELECT category AS content, load_id FROM delivery_profile JOIN loads USING (load_id)
           WHERE loads.survey_id = $survey AND loads.country = $country AND measure = $measure AND status = 'landed'
             AND loads.uri NOT IN (SELECT unnest($uris)) AND category IN (SELECT unnest($contents))
           ORDER BY loaded_at, loads.uri""",
        survey=coming[0].survey_id,
        country=coming[0].country,
        measure=CONTENT,
        uris=[load.uri for load in coming],
        contents=[content for content in contents.values() if content],
    )
    holders: dict[str, str] = {}
    for row in others:
        holders.setdefault(row["content"], row["load_id"])
    force = loads.current(warehouse, coming[0].survey_id) if holders else {}
    return [
        Again(load, force[held], "rows", contents[load.load_id])
        for load in coming
        if (held := holders.get(contents[load.load_id])) and _equal(warehouse, load.load_id, held, instrument)
    ]


def _equal(warehouse: Warehouse, one: str, other: str, instrument: Instrument) -> bool:
    """Compare the accepted rows of two loads, whatever their order."""
    cells = ", ".join([*instrument.COLUMNS, *instrument.KEPT])
    parts = [
        f"SELECT {cells} FROM {interview_parts.rows_of(warehouse, [load])} WHERE load_id = ${name}"
        for name, load in (("one", one), ("other", other))
    ]
    both = f"({parts[0]} EXCEPT ALL {parts[1]}) UNION ALL ({parts[1]} EXCEPT ALL {parts[0]})"
    return not warehouse.rows(f"SELECT count(*) AS n FROM ({both})", one=one, other=other)[0]["n"]


def record(warehouse: Warehouse, found: Mapping[str, Again], told: Mapping[str, str]) -> None:
    """Write down files that were sent again: their load is refused, so that no row counts twice. told: what is said."""
    if not found:
        return
    import pandas as pd

    survey_id = next(iter(found.values())).load.survey_id
    about = {"run_id": delivery_records.run_of(warehouse, survey_id), "judged_at": delivery_records.now()}
    names = ("survey_id", "load_id", "country", "uri", "file", "sha256")
    rows = [
        {**{name: getattr(again.load, name) for name in names}, "same_as": again.same_as.uri, "how": again.how}
        | {"content": again.content, "told": told[name], **about}
        for name, again in found.items()
    ]
    with warehouse.transaction():
        forget(warehouse, list(found))
        loads.refuse(warehouse, [again.load for again in found.values()])
        warehouse.insert("resent_deliveries", pd.DataFrame(rows))


def forget(warehouse: Warehouse, load_ids: Sequence[str]) -> None:
    """Forget that files were another one sent again: they are judged anew."""
    if load_ids:
        warehouse.execute(
            "DELETE FROM resent_deliveries WHERE load_id IN (SELECT unnest($loads))", loads=list(load_ids)
        )
