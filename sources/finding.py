"""What was guessed of a file, and how surely: a guess is never passed on without its confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One guess. sure: nothing else fits as well. note: what else would, or why, for a person to read.

    confidence: a share between 0 and 1 where the guess was measured: how much of what was looked at speaks for it.
    """

    value: Any
    sure: bool
    note: str = ""
    confidence: float | None = None

    @property
    def mark(self) -> str:
        """Return the guess's confidence as it is written behind it."""
        measured = "" if self.confidence is None else f", {self.confidence:.2f}"
        return f"{'sure' if self.sure else 'unsure'}{measured}{': ' if self.note else ''}{self.note}"
