"""The bytes of a text file in blocks that fit in memory: as they are stored, and as UTF-8 that ends with a line.

Not here: what a cell is (`sources.delimited`), and whether bytes are in the declared encoding (`sources.encodings`).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from schemas.errors import FileTooLarge
from sources.limits import Limits

BLOCK = 8 << 20
"""Bytes that are read, checked and landed together; a file that is no longer than this is one block."""


def chunks(data: Path | bytes, size: int = 1 << 20) -> Iterator[bytes]:
    """Yield the bytes of a file, so many at a time."""
    if isinstance(data, bytes):
        yield from (data[start : start + size] for start in range(0, len(data), size))
        return
    with data.open("rb") as handle:
        while chunk := handle.read(size):
            yield chunk


def cut_out(data: Path | bytes, start: int, end: int) -> bytes:
    """Return the bytes from one place of a file to another."""
    if isinstance(data, bytes):
        return data[start:end]
    with data.open("rb") as handle:
        handle.seek(start)
        return handle.read(end - start)


def beginning(data: Path | bytes, size: int = BLOCK) -> bytes:
    """Return the whole lines among the first bytes of a file, all of it if it is no longer than that."""
    head = cut_out(data, 0, size + 1)
    if len(head) <= size:
        return head
    cut = max(head.rfind(b"\n"), head.rfind(b"\r"))
    cut = cut if cut > 0 else size
    return head[: cut - cut % 2 if b"\0" in head else cut]  # a sign of UTF-16 is not halved


def check_lines(data: Path | bytes, limits: Limits, name: str) -> None:
    """Refuse a file with a line that has no end within the limit; nothing is read behind it. Raises FileTooLarge."""
    since = 0
    for chunk in chunks(data):
        last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        since = since + len(chunk) if last < 0 else len(chunk) - last - 1
        if since > limits.line_bytes * (2 if b"\0" in chunk else 1):  # UTF-16 has two bytes a sign
            raise too_long(name, "a line", limits)


def of_lines(data: Path | bytes, codec: str, name: str, limits: Limits, size: int = BLOCK) -> Iterator[bytes]:
    """Yield the text as UTF-8 without a byte order mark, in blocks that end where a line ends.

    codec: of Python, in which the bytes were checked.  size: bytes of the file that are read for one block.
    Raises FileTooLarge for a line that is longer than the limit, after one block at most.
    """
    decoder = None if codec == "utf-8-sig" else codecs.getincrementaldecoder(codec)()
    rest, is_first = b"", True
    for chunk in chunks(data, size):
        text = chunk if decoder is None else decoder.decode(chunk).encode()
        text = rest + text
        if is_first and decoder is None and len(text) < len(codecs.BOM_UTF8):
            rest = text
            continue
        if is_first and decoder is None:
            text = text.removeprefix(codecs.BOM_UTF8)
        is_first = False
        cut = _last_end(text)
        block, rest = text[:cut], text[cut:]
        _check_lines(block, limits, name)
        _check_lines(rest, limits, name)
        if block:
            yield block
    if rest:
        yield rest


def _last_end(text: bytes) -> int:
    """Return where the last line ends; a carriage return at the very end may be half of a line end."""
    return max(text.rfind(b"\n"), text.rfind(b"\r", 0, max(len(text) - 1, 0))) + 1


def has_line_over(text: bytes, limit: int) -> bool:
    """Tell whether a line of a text has more bytes than a limit, its end not counted."""
    start = 0
    while len(text) - start > limit:
        end = max(text.rfind(b"\n", start, start + limit + 1), text.rfind(b"\r", start, start + limit + 1))
        if end < start:
            return True
        start = end + 1
    return False


def _check_lines(text: bytes, limits: Limits, name: str) -> None:
    if has_line_over(text, limits.line_bytes):
        raise too_long(name, "a line", limits)


def too_long(name: str, what: str, limits: Limits) -> FileTooLarge:
    """Return the error for a line, or a record of several lines, that has no end within the limit."""
    return FileTooLarge(
        f"{what} is longer than {limits.line_bytes:,} bytes.",
        file=name,
        expected="lines of a table, each with one interview",
        next_step="If it is a table, check its line ends; `limits: {line_bytes: ...}` of its reader allows more.",
        facts={"limit": "line_bytes", "allowed": limits.line_bytes},
    )
