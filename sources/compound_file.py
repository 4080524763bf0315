"""Compound files, in which old Excel and Word keep streams: their names and bytes. Nothing in them is run.

Layout: Microsoft, [MS-CFB] Compound File Binary File Format. Chains that do not end are refused.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA
"""Sector numbers from here on are marks: free, end of chain, part of a table."""
_ENTRY = 128
_STREAM, _ROOT = 2, 5


class UnsoundError(ValueError):
    """The bytes are no whole compound file; the text says why."""


@dataclass(frozen=True)
class _Entry:
    name: str
    kind: int
    start: int
    size: int


class CompoundFile:
    """The entries of a compound file, read from bytes. Raises UnsoundError."""

    def __init__(self, raw: bytes) -> None:
        """Read the tables of sectors and of entries."""
        if len(raw) < 512 or raw[:8] != MAGIC:
            raise UnsoundError("its header is cut off")
        self._raw = raw
        shift, mini_shift = struct.unpack_from("<HH", raw, 30)
        if shift not in (9, 12) or mini_shift > shift:
            raise UnsoundError("its header is damaged")
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        first_entry, _, self._cutoff, mini_table, *_, more, _ = struct.unpack_from("<7I", raw, 48)
        # the library takes memory for as many sectors as the header announces
        announced = max(
            struct.unpack_from("<II", raw, 40) + struct.unpack_from("<I", raw, 64) + struct.unpack_from("<I", raw, 72)
        )
        if announced > len(raw) // self._size:
            raise UnsoundError(f"its header announces {announced:,} sectors, the file has {len(raw):,} bytes")
        self._table = self._numbers(self._table_sectors(more))
        chain = self._chain(first_entry, self._table)
        content = b"".join(self._sector(number) for number in chain)
        self._entries = [_entry(content[at : at + _ENTRY]) for at in range(0, len(content) - _ENTRY + 1, _ENTRY)]
        if any(entry.kind and entry.size > len(raw) for entry in self._entries):
            raise UnsoundError("one of its streams is longer than the file")
        self._mini_table = self._numbers(self._chain(mini_table, self._table))

    @property
    def names(self) -> frozenset[str]:
        """Return the names of all streams and folders."""
        return frozenset(entry.name for entry in self._entries if entry.kind)

    def stream(self, name: str) -> bytes:
        """Return the bytes of a stream. Raises UnsoundError when there is none of the name, or it is cut off."""
        entry = next((e for e in self._entries if e.kind == _STREAM and e.name == name), None)
        if entry is None:
            raise UnsoundError(f"it has no stream {name}")
        if entry.size >= self._cutoff:
            content = b"".join(self._sector(number) for number in self._chain(entry.start, self._table))
        else:
            content = self._of_mini_sectors(entry)
        if len(content) < entry.size:
            raise UnsoundError(f"its stream {name} is cut off")
        return content[: entry.size]

    def _of_mini_sectors(self, entry: _Entry) -> bytes:
        root = next((e for e in self._entries if e.kind == _ROOT), None)
        if root is None:
            raise UnsoundError("it has no root")
        pool = b"".join(self._sector(number) for number in self._chain(root.start, self._table))
        step = self._mini_size
        return b"".join(pool[at * step : (at + 1) * step] for at in self._chain(entry.start, self._mini_table))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if start >= len(self._raw):
            raise UnsoundError("it is cut off")
        return self._raw[start : start + self._size]

    def _numbers(self, sectors: list[int]) -> tuple[int, ...]:
        content = b"".join(self._sector(number) for number in sectors)
        return struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])

    def _table_sectors(self, more: int) -> list[int]:
        """Return the sectors of the table of chains: the first 109 stand in the header, others in a list of lists."""
        found = [number for number in struct.unpack_from("<109I", self._raw, 76) if number < _END]
        seen: set[int] = set()
        while more < _END:
            if more in seen:
                raise UnsoundError("its table of sectors runs in a circle")
            seen.add(more)
            listed = self._numbers([more])
            if not listed:
                raise UnsoundError("it is cut off")
            found += [number for number in listed[:-1] if number < _END]
            more = listed[-1]
        if len(set(found)) < len(found):
            raise UnsoundError("its table of sectors is damaged")
        return found

    def _chain(self, number: int, table: tuple[int, ...]) -> list[int]:
        chain: list[int] = []
        seen: set[int] = set()
        while number < _END:
            if number in seen or number >= len(table):
                raise UnsoundError("a chain of its sectors does not end")
            seen.add(number)
            chain.append(number)
            number = table[number]
        return chain


def _entry(raw: bytes) -> _Entry:
    (length,) = struct.unpack_from("<H", raw, 64)
    start, size = struct.unpack_from("<II", raw, 116)
    return _Entry(raw[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace"), raw[66], start, size)
