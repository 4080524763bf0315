"""A number with what it counts: `1 file`, `5 files`, `11,384 rows`."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """Write a number of things. what: one of them, in a word that takes an s."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
