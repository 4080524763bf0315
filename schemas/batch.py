"""What travels between the steps of a run: a pulled file, a lot of files, a validated batch, a load. Data only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from schemas.accepted_deliveries import AcceptedDelivery
from schemas.corrections import Correction
from schemas.waivers import Waiver

if TYPE_CHECKING:
    import pandas as pd

    from schemas.drift import Form


@dataclass(frozen=True)
class Listed:
    """One file as its source lists it; `version` changes when the file does.

    exact: whether looking at the file alone tells its version in the same way. beside: names of notes that were listed
    beside it; None when nobody knows.
    """

    uri: str
    address: str
    name: str
    version: str
    bytes: int
    country: str
    source: int
    exact: bool = True
    beside: tuple[str, ...] | None = None


@dataclass(frozen=True)
class PulledFile:
    """A raw file that is safe in the raw store; `source` is its place in the declaration's list of sources.

    corrections, waivers: the reviewed entries that concern it and are in force; the load_id stands on them too.
    """

    uri: str
    name: str
    country: str
    source: int
    sha256: str
    bytes: int
    load_id: str
    corrections: tuple[Correction, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    accepted: tuple[AcceptedDelivery, ...] = ()
    """Checks that just these bytes need not pass."""
    counted: bool = False
    """Whether a release has counted these bytes: a rebuild takes them in again without asking."""


FILES_OF_LOT = 200
BYTES_OF_LOT = 16 << 20
"""A lot is bounded in both: what a file costs by itself is shared by many small ones, and memory stays that of one."""


@dataclass(frozen=True)
class Lot:
    """Files of one source that are read, validated and landed together, in the order of their listing.

    positions: (n_files,) place of each in the listing. Of two files with one questionnaire number the earlier holds it.
    """

    files: tuple[PulledFile, ...]
    positions: tuple[int, ...]

    @property
    def name(self) -> str:
        """Name the lot in messages and task runs."""
        names = [file.name for file in self.files]
        return names[0] if len(names) == 1 else f"{len(names)} files, {names[0]} to {names[-1]}"

    def of(self, numbers: Sequence[int]) -> Lot:
        """Return a lot of some of the files, by their number in this one."""
        return Lot(tuple(self.files[n] for n in numbers), tuple(self.positions[n] for n in numbers))

    @property
    def bytes(self) -> int:
        """Return the size of all files together."""
        return sum(file.bytes for file in self.files)


def lots(listing: Sequence[PulledFile], wanted: Sequence[int]) -> Iterator[Lot]:
    """Divide files into lots of one source each, bounded in files and bytes; a larger file is a lot of its own.

    wanted: places in the listing, rising.
    """
    mine: list[int] = []
    size = 0
    for place in wanted:
        file = listing[place]
        full = len(mine) >= FILES_OF_LOT or size + file.bytes > BYTES_OF_LOT
        if mine and (full or listing[mine[0]].source != file.source):
            yield Lot(tuple(listing[position] for position in mine), tuple(mine))
            mine, size = [], 0
        mine.append(place)
        size += file.bytes
    if mine:
        yield Lot(tuple(listing[position] for position in mine), tuple(mine))


@dataclass(frozen=True)
class Stored:
    """Where accepted rows lie that were written before they land. place: of a file; rows and bytes: of them in it.

    form: of its columns.
    """

    place: str
    form: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class Batch:
    """One file after validation: every row of it is either in `accepted` or in `quarantined`.

    accepted: canonical record plus source_row and relatives_raw.  quarantined: one row per refused row.
    edits: one row per change or warning, with the value before and after.
    delivered: the rows as read, for telling what became of those refused before; None when that is not asked.
    stored: where all accepted rows lie; `accepted` and `delivered` are then of those only that were refused before.
    """

    file: PulledFile
    rows_read: int
    accepted: pd.DataFrame
    quarantined: pd.DataFrame
    edits: pd.DataFrame
    delivered: pd.DataFrame | None = field(default=None, repr=False)
    form: Form | None = None
    """What the file looks like, for the next delivery to be compared with."""
    stored: Stored | None = None

    @property
    def rows_accepted(self) -> int:
        """How many rows are accepted, wherever they lie."""
        return len(self.accepted) if self.stored is None else self.stored.rows

    def without_rows(self) -> Batch:
        """Return a batch of the same file that brings no row."""
        frames = {name: getattr(self, name) for name in ("accepted", "quarantined", "edits", "delivered")}
        none: dict[str, Any] = {n: None if frame is None else frame.iloc[:0].copy() for n, frame in frames.items()}
        return replace(self, rows_read=0, **none)


class LongBatch:
    """One file that is validated while it lands: its parts, each a Batch, to be gone through once.

    parts: raises DeliveryError when the file turns out to be refused as a whole, by its last part at the latest.
    """

    def __init__(self, file: PulledFile, parts: Iterator[Batch]) -> None:
        """Name the file; nothing is validated yet."""
        self.file = file
        self.parts = parts


@dataclass(frozen=True)
class Load:
    """What one file came to: rows read, accepted and quarantined by rule, or the error that stopped it."""

    load_id: str
    survey_id: str
    country: str
    uri: str
    file: str
    sha256: str
    bytes: int
    rows_read: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    status: str = "landed"
    error: str = ""
    reasons: dict[str, int] = field(default_factory=dict)
    edits: dict[str, int] = field(default_factory=dict)

    def and_then(self, part: Load) -> Load:
        """Return what the file comes to with a further part of it."""
        return replace(
            self,
            rows_read=self.rows_read + part.rows_read,
            rows_accepted=self.rows_accepted + part.rows_accepted,
            rows_quarantined=self.rows_quarantined + part.rows_quarantined,
            reasons=_sum(self.reasons, part.reasons),
            edits=_sum(self.edits, part.edits),
        )


def _sum(some: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    return {rule: some.get(rule, 0) + more.get(rule, 0) for rule in sorted({*some, *more})}
