"""What was guessed of a file, and how surely: a guess is never passed on without its confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One guess. sure: nothing else fits as well. note: what else would, or why, for a person to read."""

    value: Any
    sure: bool
    note: str = ""

    @property
    def mark(self) -> str:
        """Return the guess's confidence as it is written behind it."""
        return f"{'sure' if self.sure else 'unsure'}{': ' if self.note else ''}{self.note}"
