"""With which key the pseudonyms of a survey were made, by its fingerprint; the key itself is never here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from schemas.errors import PseudonymKeyChanged
from warehouse import loads
from warehouse.build import Warehouse


def check(warehouse: Warehouse, survey_id: str, fingerprint: str) -> None:
    """Remember the first key of a survey, and refuse another one. Raises PseudonymKeyChanged."""
    known = of(warehouse, survey_id)
    if known is None:
        _remember(warehouse, survey_id, fingerprint)
    elif known != fingerprint:
        raise PseudonymKeyChanged(
            f"the pseudonyms of {survey_id} were made with the key {known}; the key given is {fingerprint}.",
            expected="one key as long as a survey lasts: a person has another pseudonym under another key",
            next_step="Give the key of before. If it was changed on purpose, have every file of the survey read again: "
            f"./kinscale key adopt --survey {survey_id}",
            facts={"known": known, "given": fingerprint},
        )


def of(warehouse: Warehouse, survey_id: str) -> str | None:
    """Return the fingerprint of a survey's key, or None when no pseudonym was made yet."""
    return next((str(row["fingerprint"]) for row in every(warehouse) if row["survey_id"] == survey_id), None)


def every(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Return survey, fingerprint and first day of use; nothing of a warehouse that earlier code made."""
    if not warehouse.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 'pseudonym_keys'"):
        return []
    return warehouse.rows("SELECT survey_id, fingerprint, since FROM pseudonym_keys ORDER BY survey_id")


def adopt(warehouse: Warehouse, survey_id: str, fingerprint: str) -> int:
    """Take another key for a survey's own, and let every file be read again; return how many files."""
    with warehouse.transaction():
        warehouse.execute("DELETE FROM pseudonym_keys WHERE survey_id = $survey", survey=survey_id)
        _remember(warehouse, survey_id, fingerprint)
        standing = [*loads.current(warehouse, survey_id)]
        loads.read_again(warehouse, standing)
    return len(standing)


def loads_before(warehouse: Warehouse, survey_id: str) -> set[str]:
    """Return the loads in force that landed before the survey had its key: their pseudonyms cannot be compared."""
    rows = warehouse.rows(
        """SELECT load_id FROM loads JOIN pseudonym_keys USING (survey_id)
           WHERE survey_id = $survey AND status = 'landed' AND loaded_at < since""",
        survey=survey_id,
    )
    return {str(row["load_id"]) for row in rows}


def _remember(warehouse: Warehouse, survey_id: str, fingerprint: str) -> None:
    warehouse.execute(
        "INSERT INTO pseudonym_keys VALUES ($survey, $fingerprint, $now)",
        survey=survey_id,
        fingerprint=fingerprint,
        now=datetime.now(UTC).replace(tzinfo=None),
    )
