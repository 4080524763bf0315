"""Deliveries that somebody accepts in spite of a check (`accepted_deliveries.yaml`): which bytes, which check, why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pydantic import Field

from schemas import delivery_checks
from schemas.errors import AcceptanceStale
from schemas.named_row import NamedFile, read_entries, wrong_entry
from schemas.placeholders import Filled

NAME = "accepted_deliveries.yaml"


class AcceptedDelivery(NamedFile):
    """One version of one file and one check that it need not pass, who answers for it, why, and since when."""

    sha256: str = Field(pattern=r"^[0-9a-f]{12,64}$")
    """Hash of the bytes, or its beginning: another version of the file is judged anew."""
    check: str
    by: Filled
    reason: Filled
    date: date

    @property
    def told(self) -> str:
        """Say who accepted it, and why."""
        return f"accepted by {self.by} on {self.date}: {self.reason}"


def read(folder: Path, countries: Sequence[str]) -> tuple[AcceptedDelivery, ...]:
    """Read a survey's entries. Raises DeclarationError with the number of one that is wrong."""
    path = folder / NAME
    entries = read_entries(path, AcceptedDelivery, countries)
    for entry in entries:
        if entry.file is None:
            raise wrong_entry(path, entry.number, "file: name the file")
        if entry.check not in delivery_checks.checks():
            there = ", ".join(delivery_checks.checks())
            raise wrong_entry(path, entry.number, f'check: there is no "{entry.check}" ({there})')
    return entries


def unplaced(entry: AcceptedDelivery) -> AcceptanceStale:
    """Return the error of an entry whose file is not delivered."""
    return AcceptanceStale(
        f"no file of {entry.country} is called so ({NAME}, entry {entry.number}).",
        file=entry.file,
        expected="the name of a file as messages show it",
        next_step=f"Correct the name, or remove entry {entry.number} of {NAME}.",
        facts={"entry": entry.number},
    )


def line(country: str, file: str, sha256: str, check: str, day: date) -> str:
    """Write the entry that would accept a delivery, but for who and why."""
    name = json.dumps(file, ensure_ascii=False)  # JSON text is YAML text
    return (
        f'- {{country: {country}, file: {name}, sha256: "{sha256[:16]}", check: {check}, '
        f'by: "WHO", reason: "WHY", date: {day}}}'
    )
