"""What findings say, as `finding_messages.yaml` words it, with the numbers written as each language writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from schemas.read_yaml import read_yaml
from schemas.reconciliation_figures import Words

_FILE = Path(__file__).with_suffix(".yaml")
LANGUAGES = ("en", "ru")
SHOWN = 12
"""Numbers of a list that are written out; the rest is counted."""
Told = float | int | str | Words | Sequence[float] | Sequence[str] | None
"""What can stand in a message."""


@cache
def templates() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return the templates: kind of rule, or `common`, to outcome to language."""
    content: dict[str, dict[str, dict[str, str]]] = read_yaml(_FILE)
    return content


def message(kind: str, outcome: str, told: Mapping[str, Told], language: str) -> str:
    """Write what was found in a language. told: the names in braces. Raises KeyError for a name that is not told."""
    template = templates().get(kind, {}).get(outcome) or templates()["common"][outcome]
    shown = {name: _signed(value, language) if name == "difference" else written(value, language)
             for name, value in told.items()}  # fmt: skip
    return template[language].format_map(shown)


def written(value: Told, language: str) -> str:
    """Write a number, a text or a list of them: 1,727,000.5 in English, 1 727 000,5 in Russian."""
    if value is None:
        return "–"
    if isinstance(value, Words):
        return value.ru if language == "ru" else value.en
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        if not value:
            return "–"
        rest = len(value) - SHOWN
        listed = (", " if language == "en" else "; ").join(written(one, language) for one in value[:SHOWN])
        return f"{listed} … (+{rest})" if rest > 0 else listed
    return _number(float(value), language)


def _number(value: float, language: str) -> str:
    if not math.isfinite(value):
        return "∞"
    text = f"{value:,.6f}".rstrip("0").rstrip(".").replace("-", "−")
    return text if language == "en" else text.replace(",", "\u00a0").replace(".", ",")


def _signed(value: Told, language: str) -> str:
    text = written(value, language)
    return f"+{text}" if isinstance(value, (int, float)) and value > 0 else text
