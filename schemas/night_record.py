"""What is kept and told of a night: counts, codes and published numbers. No row, no message that may hold a value.

Lives here: the record as data. Not here: how it is written (reports/) or handed on (flows/notices/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.delivery_record import Delivered
from schemas.personal import LooksPersonal


@dataclass(frozen=True)
class FileRecord:
    """One delivery in force: rows by what became of them, and by rule; `new` when this night took it in."""

    country: str
    file: str
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    new: bool
    reasons: Mapping[str, int] = field(default_factory=dict)
    edits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenRows:
    """Refused rows of one file by one rule that wait for somebody, and for how many days the oldest has."""

    country: str
    file: str
    rule: str
    rows: int
    days: int


@dataclass(frozen=True)
class DriftRecord:
    """How files of a country differ from what was declared: kind of difference, what became of it. No cell of a file.

    column: header, or the instrument's column of codes and regions.
    """

    country: str
    kind: str
    column: str
    outcome: str
    files: int
    file: str


@dataclass(frozen=True)
class Refusal:
    """Why something did not go through: the error's code, the file, and the checks of the gate. No message."""

    code: str
    file: str = ""
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class LooksPersonalIn:
    """A column that nobody declared personal and that looks so, in one file or several of one country. No value."""

    country: str
    file: str
    files: int
    header: str
    why: str

    def __str__(self) -> str:
        """Say where, why, and the line to add."""
        more = f" and {self.files - 1:,} more files" if self.files > 1 else ""
        advice = LooksPersonal(self.header, self.why).advice
        return f'{self.file}{more}, column "{self.header}": {self.why}. If it is, add to its source: {advice}'


@dataclass(frozen=True)
class ReleaseDiff:
    """What differs from the release before: cells by kind of change, and those that moved most, as published.

    cells: at most `reports.night_summary.MOST_CELLS` rows as `tasks.changes` returns them.
    headline: the national total that moved most, or None.
    """

    before: str
    after: str
    counts: Mapping[str, int]
    cells: tuple[Mapping[str, Any], ...] = ()
    headline: Mapping[str, Any] | None = None

    @property
    def changed(self) -> int:
        """Cells of which anything differs."""
        return sum(number for kind, number in self.counts.items() if kind != "beyond_their_limits")


@dataclass(frozen=True)
class NightRecord:
    """One survey's night.

    endings: how it ended, the word that says it best first.  release_id: what is in force after it.  candidate: name of
    the folder that a gate refused.  open_rows: None when the warehouse could not be asked.
    deliveries: files that somebody should look at, beside those before them.
    """

    survey_id: str
    began: str
    ended: str
    endings: tuple[str, ...]
    run_id: str = ""
    files: tuple[FileRecord, ...] = ()
    open_rows: tuple[OpenRows, ...] | None = ()
    looks_personal: tuple[LooksPersonalIn, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    drift: tuple[DriftRecord, ...] = ()
    release_id: str = ""
    content_sha256: str = ""
    is_new_release: bool = False
    candidate: str = ""
    diff: ReleaseDiff | None = None
    deliveries: tuple[Delivered, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Return files, files of this night, and rows by what became of them."""
        rows = {f"rows_{kind}": sum(getattr(f, f"rows_{kind}") for f in self.files) for kind in ROWS}
        return {"files": len(self.files), "new_files": sum(f.new for f in self.files), **rows}


ROWS = ("read", "accepted", "quarantined")
