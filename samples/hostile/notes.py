"""Deliveries in order, with a delivery note beside each that harms whoever reads it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from samples.hostile.case import REFUSED_DAMAGED, Case, Rows
from samples.hostile.texts import READER, text

_HASH = "0" * 64


def _aliases() -> str:
    """Return aliases of aliases, which stand for 9 to the power of 9 letters as the hash."""
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    lines += [f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    return "\n".join([*lines, "sha256: *i", "bytes: 5", ""])


def _beside(ending: str, make_note: Callable[[Path], object]) -> Callable[[Path, Rows], None]:
    """Make a delivery and, beside it, a note with an ending."""

    def make(path: Path, rows: Rows) -> None:
        path.write_bytes(text(rows))
        make_note(path.with_name(path.name + ending))

    return make


def _yaml(content: str) -> Callable[[Path, Rows], None]:
    return _beside(".source.yaml", lambda note: note.write_text(content, encoding="utf-8"))


def _case(name: str, make: Callable[[Path, Rows], None], refused: str) -> Case:
    return Case(name, "csv", make, refused, reader=READER)


CASES = (
    _case("a note that is a named pipe", _beside(".sha256", os.mkfifo), "source_refused"),
    _case("a note that is a folder", _beside(".sha256", Path.mkdir), "source_refused"),
    _case(
        "a note that links to the machine's accounts",
        _beside(".source.yaml", lambda note: note.symlink_to("/etc/passwd")),
        "source_refused",
    ),
    _case(
        "a note that links to endless zeros",
        _beside(".sha256", lambda note: note.symlink_to("/dev/zero")),
        "source_refused",
    ),
    _case("a note of brackets in brackets", _yaml("[" * 5000), REFUSED_DAMAGED),
    _case("a note of aliases that grow", _yaml(_aliases()), REFUSED_DAMAGED),
    _case("a note of infinite size", _yaml(f"sha256: '{_HASH}'\nbytes: .inf\n"), REFUSED_DAMAGED),
    _case(
        "a note of 8 MB",
        _yaml("".join(f"k{number}: {{a: [1, 2, 3]}}\n" for number in range(300_000))),
        REFUSED_DAMAGED,
    ),
)
