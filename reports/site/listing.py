"""Tables of a release that are shown as they are: sections of rows in words, found by words and by a choice.

The pages of findings, evidence, scenarios, definitions and comparability are made of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from reports.site.chart import Chart

Form = Literal["text", "prose", "english", "number"]
"""How a column is set: words, sentences, words that are in English whatever the page is in, figures."""


@dataclass(frozen=True)
class Line:
    """One row. cells: as many as headings, the first is its name.  key: what the choice filters by.  mark: its look."""

    cells: Sequence[str]
    key: str = ""
    mark: Literal["", "refused", "noted"] = ""
    """Whether the row is a difference, or something to be noted."""


@dataclass(frozen=True)
class Listing:
    """One section: a table with its title and what a reader must know of it.

    choices: key to its name, for a list to choose from; empty where rows are not told apart.  is_folded: the table is
    long and of secondary interest.  file: the table of the release that holds the same.
    """

    id: str
    title: str
    about: Sequence[str]
    headings: Sequence[tuple[str, Form]]
    lines: Sequence[Line]
    file: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    figures: Sequence[Chart] = ()
    caption: str = ""
    is_folded: bool = False


def values(
    intro: Sequence[str],
    listings: Sequence[Listing],
    counts: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Return what `listing.html.j2` is given: sentences at the top, headline counts, and the sections with rows."""
    return {"intro": intro, "counts": counts, "listings": [one for one in listings if one.lines]}


def records(rows: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the rows of a table with None where there is nothing; none for a table that the release lacks."""
    if rows is None or rows.empty:
        return []
    found: list[dict[str, Any]] = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return found
