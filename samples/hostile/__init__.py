"""Files made to harm whoever reads them: bombs, polyglots, entities, absurd headers, names that are commands."""

from __future__ import annotations

from samples.hostile import archives, names, notes, places, statistics, structured, texts, workbook_archives, workbooks
from samples.hostile.case import Case

CASES: tuple[Case, ...] = (
    *texts.CASES,
    *structured.CASES,
    *workbook_archives.CASES,
    *workbooks.CASES,
    *statistics.CASES,
    *archives.CASES,
    *names.CASES,
    *places.CASES,
    *notes.CASES,
)
"""All cases, in the order of the table in docs/security.md."""
