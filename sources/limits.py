"""What one file may cost before it is refused: bytes, columns, seconds, memory. The figures are in limits.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

from schemas.errors import DeclarationError, FileTooLarge
from schemas.read_yaml import read_yaml

_MB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Upper bounds, each named and explained in limits.yaml."""

    file_bytes: int
    unpacked_bytes: int
    unpack_ratio: int
    archive_members: int
    workbook_bytes: int
    sheet_cells: int
    columns: int
    line_bytes: int
    cell_bytes: int
    whole_bytes: int
    base_seconds: int
    seconds_per_mb: int
    seconds: int
    base_memory_bytes: int
    memory_per_byte: int
    memory_bytes: int

    def seconds_for(self, size: int) -> int:
        """Return the seconds of computing that a file of so many bytes may take."""
        return min(self.seconds, self.base_seconds + size * self.seconds_per_mb // _MB)

    def memory_for(self, size: int) -> int:
        """Return the bytes of memory that a file of so many bytes may take."""
        return min(self.memory_bytes, self.base_memory_bytes + size * self.memory_per_byte)

    def hold(self, limit: str, seen: int, what: str, file: str, *, row: int | None = None) -> None:
        """Raise FileTooLarge if `seen` is above a limit. what: a sentence that says what is too large."""
        allowed = getattr(self, limit)
        if seen > allowed:
            raise beyond(limit, allowed, what, file, row=row, seen=seen)


def beyond(
    limit: str, allowed: int, what: str, file: str, *, row: int | None = None, seen: int | None = None
) -> FileTooLarge:
    """Make the error for a file that is beyond a limit."""
    return FileTooLarge(
        what,
        file=file,
        row=row,
        expected=f"at most {allowed:,} ({limit})",
        next_step="If it is a real delivery, raise the limit for this source, "
        f"`reader: {{limits: {{{limit}: ...}}}}`, or deliver it in several files.",
        facts={"limit": limit, "allowed": allowed, "seen": seen},
    )


def out_of_memory(allowed: Limits, memory: int, file: str) -> FileTooLarge:
    """Make the error for a file that needs more memory than the `memory` bytes its size allows."""
    limit = "memory_bytes" if memory >= allowed.memory_bytes else "base_memory_bytes"
    return beyond(limit, memory, f"reading it takes more than {memory:,} bytes of memory.", file)


@cache
def default() -> Limits:
    """Return the limits of limits.yaml."""
    return Limits(**read_yaml(Path(__file__).with_name("limits.yaml")))


def of(spec: Mapping[str, object], name: str) -> Limits:
    """Return the limits of a reader: those of limits.yaml, with its own `limits` on top.

    spec: the `reader` of a source. name: what errors call the file. Raises DeclarationError for an unknown limit.
    """
    own = spec.get("limits") or {}
    known = [field.name for field in fields(Limits)]
    if not isinstance(own, Mapping):
        raise DeclarationError(f"limits {own!r} is no mapping.", file=name, expected="limits: {columns: 8000}")
    for key, value in own.items():
        if key not in known or type(value) is not int or value < 1:
            raise DeclarationError(
                f"limit {key!r}: {value!r} is not known.",
                file=name,
                expected="a whole number for one of: " + ", ".join(known),
            )
    return replace(default(), **own)
