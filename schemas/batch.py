"""What travels between the steps of a run: a pulled file, a validated batch, a load. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from schemas.corrections import Correction
from schemas.waivers import Waiver

if TYPE_CHECKING:
    import pandas as pd


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


@dataclass(frozen=True)
class Batch:
    """One file after validation: every row of it is either in `accepted` or in `quarantined`.

    accepted: canonical record plus source_row and relatives_raw.  quarantined: one row per refused row.
    edits: one row per change or warning, with the value before and after.
    delivered: the rows as read, for telling what became of those refused before; None when that is not asked.
    """

    file: PulledFile
    rows_read: int
    accepted: pd.DataFrame
    quarantined: pd.DataFrame
    edits: pd.DataFrame
    delivered: pd.DataFrame | None = field(default=None, repr=False)


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
