"""What a backfill is asked for, and what it would touch: data only, the same for the command line and the flow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from schemas.selection import Selection


@dataclass(frozen=True)
class Request:
    """What is asked for. An empty tuple or None takes all there is.

    load: loads whose files are read again, each by the beginning of its name. code_version: the beginning of a commit,
    or of the hash of the reading code, whose loads are read again. reason: why final numbers may change.
    """

    survey: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    period_from: str | None = None
    period_to: str | None = None
    load: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    code_version: str | None = None
    reason: str | None = None

    @property
    def names_files(self) -> bool:
        """Tell whether files are named, by what they are; else those are read whose reading would differ today."""
        return bool(self.country or self.load or self.code_version)


@dataclass(frozen=True)
class FileToRead:
    """A file of the raw store that would be read again, and why."""

    uri: str
    name: str
    country: str
    rows: int
    load_id: str
    """The load its rows would have."""
    load_before: str | None
    """The load its rows have now; None when the file was never accepted."""
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """Cells that would be computed again: one country, or all together (None), by one method."""

    country: str | None
    method: str
    cells: int
    """Cells of the release in force."""


@dataclass(frozen=True)
class Plan:
    """What a backfill of one survey would touch, and all it stands on."""

    survey_id: str
    reference_period: str
    request: Request
    base_release: str
    base_manifest_sha256: str
    declaration_sha256: str
    code_sha256: str
    files: tuple[FileToRead, ...]
    parts: tuple[Part, ...]
    kept: tuple[str, ...]
    """Files whose reading would differ today and that nobody named: their rows stay as they are."""
    standing: Mapping[str, str] = field(default_factory=dict)
    """The load in force of every file, by uri."""
    final_since: date | None = None
    seconds: float | None = None
    """Estimated; None without an earlier run to judge by."""
    basis: str = ""
    """What the estimated time rests on."""
    unchanged: bool = False
    """Nothing is named, and files, declaration and code are those of the whole release in force."""

    @property
    def plan_id(self) -> str:
        """Name the plan by the request and all it stands on: a changed world makes another plan."""
        request = {**asdict(self.request), "survey": self.survey_id}
        stands_on = (
            request,
            self.base_manifest_sha256,
            self.declaration_sha256,
            self.code_sha256,
            sorted(self.standing.items()),
            sorted((file.uri, file.load_id) for file in self.files),
        )
        return hashlib.sha256(json.dumps(stands_on, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def selection(self) -> Selection:
        """Say which parts are estimated again: those of named countries, files and methods, or all."""
        countries = frozenset(self.request.country) or frozenset(file.country for file in self.files)
        return Selection(
            countries if self.request.names_files else None,
            frozenset(self.request.method) or None,
        )

    @property
    def is_narrowed(self) -> bool:
        """Tell whether something is left as it was that a night would work through."""
        return self.request.names_files or bool(self.request.method)

    @property
    def needs_reason(self) -> bool:
        """Tell whether the numbers are final and nobody said why they may change."""
        return self.final_since is not None and not self.request.reason

    @property
    def cells(self) -> int:
        """Count the published cells that would be computed again."""
        return sum(part.cells for part in self.parts)

    def as_record(self) -> dict[str, Any]:
        """Lay the plan out for programs."""
        final = self.final_since.isoformat() if self.final_since else None
        record = {**asdict(self), "final_since": final, "standing": dict(self.standing)}
        told = {"plan_id": self.plan_id, "cells": self.cells, "needs_reason": self.needs_reason}
        return {**told, **record, "narrowed": self.is_narrowed}
