"""What a check of `./kinscale doctor` comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail", "skipped"]


@dataclass(frozen=True)
class Finding:
    """One check: its name, how it stands, what was seen, and what to do about it (empty when all is well)."""

    name: str
    state: State
    seen: str
    advice: str = ""


def listed(items: list[str], most: int = 5) -> str:
    """Write a list so that it stays readable."""
    return "; ".join(items[:most]) + (f"; and {len(items) - most} more" if len(items) > most else "")
