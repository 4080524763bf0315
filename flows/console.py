"""The two consoles of the command line: results on standard output, progress and errors on standard error.

Colour and weight show on a terminal only, and not at all where NO_COLOR is set or the terminal is dumb.
"""

from __future__ import annotations

import os
import textwrap
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from schemas.shown_name import shown_text

COLOURS: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
out = Console(highlight=False, soft_wrap=True, color_system=COLOURS)
err = Console(stderr=True, highlight=False, soft_wrap=True, color_system=COLOURS)


def room() -> int | None:
    """Return the columns of the terminal that results go to, or None where no terminal bounds them."""
    return out.width if out.is_terminal else None


def say(text: str, label: str | Text = "", indent: int = 0, *, broken: bool = True) -> None:
    """Print a label and words that go on under each other; on a terminal lines end between words.

    indent: where the words begin, in columns.  broken: whether lines may be broken; those to be copied may not. What
    holds no blank, as a path or a hash, is never broken. Signs that would act on the terminal are shown instead.
    """
    head = label.copy() if isinstance(label, Text) else Text(label)
    head.pad_right(max(0, indent - head.cell_len))
    width = room() if broken else None
    lines = [line for part in shown_text(text).split("\n") for line in _lines(part, indent, width)]
    for number, line in enumerate(lines):
        drawn = (head if not number else Text(" " * indent)).append(line)
        drawn.rstrip()
        out.print(drawn)


def _lines(words: str, indent: int, width: int | None) -> list[str]:
    if width is None or indent + cell_len(words) <= width:
        return [words]
    return textwrap.wrap(words, max(width - indent, 20), break_long_words=False, break_on_hyphens=False) or [""]
