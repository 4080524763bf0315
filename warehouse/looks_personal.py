"""Columns that nobody declared personal and that look so: of each file what was seen when it was read."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.batch import PulledFile
from schemas.night_record import LooksPersonalIn
from schemas.personal import LooksPersonal
from warehouse.build import Warehouse


def replace(warehouse: Warehouse, survey_id: str, seen: Sequence[tuple[PulledFile, Sequence[LooksPersonal]]]) -> None:
    """Put what was seen in files in the place of what was seen in their versions before."""
    import pandas as pd

    rows = [
        {
            "survey_id": survey_id,
            "uri": file.uri,
            "file": file.name,
            "country": file.country,
            "header": suspect.header,
            "why": suspect.why,
        }
        for file, suspects in seen
        for suspect in suspects
    ]
    with warehouse.transaction():
        warehouse.execute(
            "DELETE FROM looks_personal WHERE survey_id = $survey AND uri IN (SELECT unnest($uris::VARCHAR[]))",
            survey=survey_id,
            uris=[file.uri for file, _ in seen],
        )
        if rows:
            warehouse.insert("looks_personal", pd.DataFrame(rows))


def standing(warehouse: Warehouse, survey_id: str, uris: Sequence[str]) -> list[LooksPersonalIn]:
    """Return the columns that look personal in some files, once for each country and header."""
    rows = warehouse.rows(
        """SELECT country, header, min_by(why, uri) AS why, min_by(file, uri) AS file, count(*) AS files
           FROM looks_personal
           WHERE survey_id = $survey AND uri IN (SELECT unnest($uris::VARCHAR[]))
           GROUP BY country, header ORDER BY country, header""",
        survey=survey_id,
        uris=list(uris),
    )
    return [LooksPersonalIn(**row) for row in rows]
