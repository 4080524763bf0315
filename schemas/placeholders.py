"""Texts that stand in entries which messages write, until somebody fills them in. No entry counts with one."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

PLACEHOLDERS = ("WHO", "WHY", "...")


def not_a_placeholder(text: str) -> str:
    """Return a text that somebody wrote. Raises ValueError for a placeholder."""
    if text.strip() in PLACEHOLDERS:
        raise ValueError(f'"{text}" is not filled in yet')
    return text


Filled = Annotated[str, StringConstraints(min_length=1, pattern=r"\S"), AfterValidator(not_a_placeholder)]
"""Text that answers who, why or what."""
