"""Whether the dictionary of an SPSS file is sound: the C library that reads it crashes on some that are not.

Layout: GNU PSPP Developers Guide, "System File Format". A sound dictionary is no proof of sound data.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

_HEADER = 176
_WIDEST = 255
_END = 999
_VARIABLE, _LABELS, _LABELLED, _DOCUMENTS, _EXTENSION = 2, 3, 4, 6, 7


def walk(stream: BinaryIO, most: int) -> tuple[str | None, int]:
    """Return what is wrong with the dictionary of a .sav file, or None, and how many variables it describes.

    Reads to the end of the dictionary only, or until it has described more than `most` variables.
    """
    header = stream.read(_HEADER)
    if len(header) < _HEADER:
        return "its header is cut off", 0
    order = "<" if struct.unpack("<i", header[64:68])[0] in (2, 3) else ">"
    pass_over = _Walk(stream, order, most)
    try:
        return pass_over.flaw(), pass_over.variables
    except struct.error:
        return "its dictionary is cut off", pass_over.variables


class _Walk:
    """One pass over the records of a dictionary."""

    def __init__(self, stream: BinaryIO, order: str, most: int) -> None:
        self._stream = stream
        self._most = most
        self.variables = 0
        self._order = order
        self._slots = 0
        self._text_slots = 0

    def _integers(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f"{self._order}{count}i", self._stream.read(4 * count))

    def flaw(self) -> str | None:
        """Return the first flaw, or None at the end of the dictionary."""
        while self.variables <= self._most:
            (kind,) = self._integers(1)
            if kind == _END:
                return None
            found = self._record(kind)
            if found:
                return found
        return None

    def _record(self, kind: int) -> str | None:
        if kind == _VARIABLE:
            return self._variable()
        if self._text_slots:
            return f"the text that ends in slot {self._slots} of its dictionary is cut off"
        if kind == _LABELS:
            return self._labels()
        if kind == _DOCUMENTS:
            (lines,) = self._integers(1)
            return self._skip(80 * lines)
        if kind == _EXTENSION:
            _, size, count = self._integers(3)
            return self._skip(size * count)
        return f"its dictionary holds a record of the unknown kind {kind}"

    def _variable(self) -> str | None:
        width, has_label, missing, _, _ = self._integers(5)
        self._slots += 1
        self.variables += width != -1
        # a text wider than eight bytes is followed by slots of width -1 for the rest of it
        if (width == -1) != (self._text_slots > 0) or not -1 <= width <= _WIDEST:
            return f"slot {self._slots} of its dictionary has an impossible width"
        self._text_slots = self._text_slots - 1 if width == -1 else max((width + 7) // 8 - 1, 0)
        if has_label not in (0, 1) or not -3 <= missing <= 3:
            return f"variable {self._slots} has an impossible description"
        self._stream.read(8)
        if has_label:
            (length,) = self._integers(1)
            if found := self._skip((length + 3) // 4 * 4):
                return found
        return self._skip(8 * abs(missing))

    def _labels(self) -> str | None:
        (count,) = self._integers(1)
        for _ in range(max(count, 0)):
            label = self._stream.read(9)
            if len(label) < 9:
                return "its value labels are cut off"
            # a length byte and the text, filled up to a multiple of eight
            if found := self._skip((label[8] + 8) // 8 * 8 - 1):
                return found
        kind, count = self._integers(2)
        if kind != _LABELLED or not 0 < count <= self._slots:
            return "its value labels belong to no variable"
        if not all(0 < slot <= self._slots for slot in self._integers(count)):
            return "its value labels belong to a variable that is not there"
        return None

    def _skip(self, size: int) -> str | None:
        if size < 0 or len(self._stream.read(size)) < size:
            return "its dictionary is cut off or names a wrong length"
        return None
