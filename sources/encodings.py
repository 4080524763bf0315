"""Whether the bytes of a text file are in the declared encoding, and which encodings would fit if not."""

from __future__ import annotations

import codecs
import csv
import itertools
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import DeclarationError, EncodingMismatch
from sources import text_blocks

CANDIDATES = ("utf-8-sig", "utf-8", "cp1251", "koi8-r", "cp866", "ptcp154", "kz1048")
UTF_16 = ("utf-16", "utf-16-le", "utf-16-be")
"""With a byte order mark, and without one: then the bytes themselves must say which of two comes first."""
SUPPORTED = (*CANDIDATES, *UTF_16, "latin-1")
UNICODE = ("utf-8-sig", "utf-8", *UTF_16)
_CODECS = {codecs.lookup(name).name: name for name in SUPPORTED}
_HEAD, _LINE = 8192, 1 << 20
"""Bytes by which UTF-16 is told, and bytes of a line that are read to name a column."""
_SCRIPTS = (0x00, 0x01, 0x02, 0x04, 0x1E, 0x20, 0x21)
"""First bytes of Latin, Cyrillic and punctuation in Unicode, as UTF-16 writes them."""
_MOSTLY = 0.9
_FREQUENT = frozenset("оеаинтсрвлкмдпуяыьзбгчйхжшюцщэфәіңғүұқөһ")
"""Small letters of Russian and Kazakh; the right code page shows more of them than a wrong one."""


def normalise(declared: object, file: str) -> str:
    """Return our name of a declared encoding ("windows-1251" is cp1251). Raises DeclarationError."""
    try:
        return _CODECS[codecs.lookup(str(declared)).name]
    except LookupError as error:
        raise DeclarationError(
            f'encoding "{declared}" is not known.', file=file, expected="one of: " + ", ".join(SUPPORTED)
        ) from error


def codec(encoding: str) -> str:
    """Return the Python codec to decode with; a byte order mark is never part of the first header."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def check(data: Path | bytes, declared: str, file: str, delimiter: str) -> None:
    """Refuse bytes that are not text in the declared encoding, also when they would decode to nonsense.

    The file is gone through in small chunks. Raises EncodingMismatch naming row, column and byte offset and the
    encodings that would work.
    """
    text = _Text(data, declared, file, delimiter)
    head = text_blocks.cut_out(data, 0, _HEAD)
    wide = utf16_of(head)
    if wide is not None and wide != declared:
        raise text.mismatch(f"the bytes are {wide.upper()}.", 0, [wide])
    if declared in UTF_16 and wide is None and (declared == "utf-16" or 0 not in head):
        raise text.mismatch("the bytes are not UTF-16.", 0, would_work(data))
    if declared not in UNICODE and looks_like_utf8(data):
        fitting = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
        raise text.mismatch("the bytes are UTF-8.", _first_beyond_ascii(data), [fitting])
    offset = _first_flaw(data, declared)
    if offset is not None:
        (byte,) = text_blocks.cut_out(data, offset, offset + 1)
        raise text.mismatch(f"byte 0x{byte:02X} at offset {offset:,} is not {declared}.", offset, would_work(data))


def _first_beyond_ascii(data: Path | bytes) -> int:
    before = 0
    for chunk in text_blocks.chunks(data):
        if not chunk.isascii():
            return before + next(position for position, byte in enumerate(chunk) if byte > 0x7F)
        before += len(chunk)
    return 0


def looks_like_utf8(data: Path | bytes) -> bool:
    """Return whether bytes that were declared as a one-byte code page are UTF-8 in truth.

    Cyrillic text of a one-byte code page is hardly ever valid UTF-8, while UTF-8 decodes in any code page
    without an error ("Р°" for "а"). A flaw in 20 characters is allowed: that is still no cp1251.
    """
    if text_blocks.cut_out(data, 0, 3) == codecs.BOM_UTF8:
        return True
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    whole = broken = 0
    for chunk in itertools.chain(text_blocks.chunks(data), [b""]):
        text = decoder.decode(chunk, not chunk)
        if text.isascii():
            continue
        flaws = text.count("\ufffd")
        broken += flaws
        whole += len(text) - len(text.encode("ascii", "ignore")) - flaws
        if broken > 100 and broken * 20 > whole:
            return False
    return whole > 0 and broken * 20 <= whole


def would_work(data: Path | bytes) -> list[str]:
    """Return the candidate encodings in which all bytes can be decoded, likeliest first."""
    head = text_blocks.cut_out(data, 0, 65536)
    if (wide := utf16_of(head)) is not None:
        return [wide]
    fitting = [name for name in CANDIDATES if _first_flaw(data, name) is None]
    marked = head.startswith(codecs.BOM_UTF8)
    if "utf-8" in fitting:
        return ["utf-8-sig", "utf-8"] if marked else ["utf-8"]
    return sorted((name for name in fitting if name not in UNICODE), key=lambda name: -_plausibility(head, name))


def _plausibility(head: bytes, encoding: str) -> float:
    """Share of small Russian and Kazakh letters among the characters beyond ASCII, from the first 64 kB."""
    beyond = [char for char in head.decode(encoding) if char > "\x7f"]
    return sum(char in _FREQUENT for char in beyond) / max(len(beyond), 1)


def _first_flaw(data: Path | bytes, name: str) -> int | None:
    """Return the place of the first byte that cannot be decoded, or None. A byte order mark is a sign like others."""
    decoder = codecs.getincrementaldecoder("utf-8" if name in ("utf-8", "utf-8-sig") else name)()
    before = 0
    for chunk in itertools.chain(text_blocks.chunks(data), [b""]):
        waiting = decoder.getstate()[0]
        try:
            decoder.decode(chunk, not chunk)
        except UnicodeDecodeError as error:
            return before - len(waiting) + error.start
        before += len(chunk)
    return None


def utf16_of(raw: bytes) -> str | None:
    """Return which UTF-16 bytes are, None when they are none: by the byte order mark, or by the bytes themselves.

    Of every two bytes one is that of a script (0 for Latin, 4 for Cyrillic), the other is hardly ever 0.
    """
    head = raw[:_HEAD]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if 0 not in head:
        return None
    for name, scripts, letters in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        known = sum(scripts.count(byte) for byte in _SCRIPTS)
        if known >= _MOSTLY * len(scripts) and letters.count(0) <= (1 - _MOSTLY) * len(letters):
            return name
    return None


@dataclass(frozen=True)
class _Text:
    """A text file as delivered and as declared: what is needed to say where it goes wrong."""

    data: Path | bytes
    declared: str
    file: str
    delimiter: str

    def mismatch(self, seen: str, offset: int, fitting: list[str]) -> EncodingMismatch:
        """Return the error for a byte that does not belong, with the encodings that fit instead."""
        ends = self._count(b"\n", offset) or self._count(b"\r", offset)
        one_byte = [name for name in fitting if name not in UTF_16]
        others = f" (these would decode too: {', '.join(fitting[1:])})" if fitting[1:] else ""
        return EncodingMismatch(
            seen,
            file=self.file,
            row=ends + 1,
            column=self._column(offset, one_byte[0]) if one_byte else None,
            expected=f"text in {self.declared}, as the reader declares",
            next_step=f"Set `encoding: {fitting[0]}` in this source's reader{others}."
            if fitting
            else "No encoding known here fits the whole file: ask for it again.",
            facts={"declared": self.declared, "byte_offset": offset, "would_work": fitting},
        )

    def _count(self, sign: bytes, end: int) -> int:
        found = before = 0
        for chunk in text_blocks.chunks(self.data):
            found += chunk.count(sign, 0, max(end - before, 0))
            before += len(chunk)
            if before >= end:
                break
        return found

    def _column(self, offset: int, encoding: str) -> str | None:
        """Name the column of a byte: the header cell above it, read in the encoding that fits."""
        head = text_blocks.cut_out(self.data, 0, _LINE)
        window = text_blocks.cut_out(self.data, max(offset - _LINE, 0), offset)
        line_start = max(window.rfind(b"\n"), window.rfind(b"\r")) + 1
        header_end = min((end for end in (head.find(b"\n"), head.find(b"\r")) if end >= 0), default=len(head))
        header = head[:header_end].decode(encoding, "replace").lstrip("\ufeff")
        before = window[line_start:].decode(encoding, "replace")
        try:
            names = next(csv.reader([header], delimiter=self.delimiter), [])
            cells = next(csv.reader([before], delimiter=self.delimiter), []) or [""]  # the very first byte
        except csv.Error:
            return None
        return names[len(cells) - 1] if len(cells) <= len(names) else None
