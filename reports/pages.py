"""How every page of a release is rendered: the templates, and how numbers are written."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pandas as pd

TEMPLATES = Path(__file__).parent / "templates"


def environment() -> jinja2.Environment:
    """Return the templates with the filters they use."""
    found = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True)
    found.filters.update(whole=whole, rate=rate, share=share, text=text)
    return found


def whole(value: float | None, to: float | None = None) -> str:
    """Write persons: 132,486; with a second number limits: 118,769 – 186,273; one dash if a number is missing."""
    return _written(value, to, ",.0f")


def rate(value: float | None, to: float | None = None) -> str:
    """Write a rate per 1,000: 71.9; with a second number limits: 62.1 – 83.0."""
    return _written(value, to, ",.1f")


def share(value: float | None) -> str:
    """Write a share in per cent: 31.5 %."""
    return "–" if value is None or pd.isna(value) else f"{value:.1%}"


def text(value: str | None) -> str:
    """Write a word; a missing one is a dash."""
    return value if isinstance(value, str) else "–"


def _written(value: float | None, to: float | None, form: str) -> str:
    if value is None or pd.isna(value):
        return "–"
    return format(value, form) if to is None or pd.isna(to) else f"{value:{form}} – {to:{form}}"
