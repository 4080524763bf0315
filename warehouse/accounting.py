"""The proof that no row was ever lost: for every load that landed, rows read, stored, and refused still add up."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.build import Warehouse, all_records, statement


@dataclass(frozen=True)
class Fault:
    """A load, or rows without one, for which something does not add up."""

    load_id: str
    country: str
    file: str
    what: str


def faults(warehouse: Warehouse, survey_id: str | None = None) -> list[Fault]:
    """Prove every load that ever landed, of one survey or of all. Returns what does not add up; none is the proof.

    For each load: rows read = accepted + quarantined; refused rows stored = quarantined, for ever; interviews stored =
    accepted while it is in force, none once it is replaced; one load in force for a file; no row without a load.
    Loads that were replaced before refused rows were kept have no refused rows to count.
    """
    proof = statement("accounting").replace("{records}", all_records(warehouse))
    return [Fault(**row) for row in warehouse.rows(proof, survey=survey_id)]


def loads_proven(warehouse: Warehouse, survey_id: str | None = None) -> int:
    """Count the loads that `faults` looks at."""
    rows = warehouse.rows(
        "SELECT count(*) AS n FROM loads WHERE status <> 'refused' AND ($survey IS NULL OR survey_id = $survey)",
        survey=survey_id,
    )
    return int(rows[0]["n"])
