"""What is refused while it arrives, before it fills the disk: files without end, and text in one line without end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sources import limits, signature

TEXT = ("csv", "tsv", "jsonl")


def check_size(size: int, name: str, spec: Mapping[str, object]) -> None:
    """Refuse a file by the size that its listing tells. Raises FileTooLarge."""
    limits.of(spec, name).hold("file_bytes", size, f"the file has {size:,} bytes.", name)


def watched(blocks: Iterable[bytes], name: str, spec: Mapping[str, object], start: int = 0) -> Iterator[bytes]:
    """Hand on the blocks of a file that is being copied, while they are within limits.

    A text table must end its first line in time; whatever its listing said, a file may not go on for ever.
    start: bytes that came before, where a copy is taken up again; its first line has ended then.
    Raises FileTooLarge.
    """
    allowed = limits.of(spec, name)
    seen, first_line = start, start == 0 and spec.get("format") in TEXT
    for block in blocks:
        if not seen and signature.recognise(block[:512])[0] != "text":
            first_line = False  # an archive, or what the reader refuses by name
        before, seen = seen, seen + len(block)
        allowed.hold("file_bytes", seen, f"the file goes on after {before:,} bytes.", name)
        if first_line and (b"\n" in block or b"\r" in block):
            first_line = False
        if first_line:
            what = f"its first {seen:,} bytes hold no line end."
            allowed.hold("line_bytes", seen, what, name, row=1)
        yield block
