"""How the pages that stand by themselves are rendered: the templates, and how numbers are written."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pandas as pd

TEMPLATES = Path(__file__).parent / "templates"


def environment() -> jinja2.Environment:
    """Return the templates with the filters they use."""
    found = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True)
    found.filters.update(whole=whole, share=share)
    return found


def whole(value: float | None) -> str:
    """Write a count: 132,486; a dash if it is missing."""
    return "–" if value is None or pd.isna(value) else f"{value:,.0f}"


def share(value: float | None) -> str:
    """Write a share in per cent: 31.5 %."""
    return "–" if value is None or pd.isna(value) else f"{value:.1%}"
