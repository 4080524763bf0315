"""Articles of criminal codes and when they were in force, as `surveys/registry/legal_articles.csv` says.

Sources often give a year or nothing. Whether an article was in force on a day is then yes, no or unknown, and unknown
never turns into one of the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import DeclarationError, SelectionUnknown
from schemas.period import span
from schemas.survey_folders import CHECKOUT
from schemas.survey_table import read_table

if TYPE_CHECKING:
    import pandas as pd

FILE = CHECKOUT / "surveys" / "registry" / "legal_articles.csv"
COLUMNS = (
    "country", "article", "law", "number", "valid_from", "valid_to", "seen_from", "seen_to", "covers_en", "covers_ru",
    "needs_force", "source", "note",
)  # fmt: skip
_DATES = ("valid_from", "valid_to", "seen_from", "seen_to")


@dataclass(frozen=True)
class Article:
    """One article. It came into force between the first two days and went out of it between the last two."""

    country: str
    article: str
    """The name that records use: country, law and number, because numbers are given anew by each code."""
    from_earliest: date
    from_latest: date
    to_earliest: date
    to_latest: date
    needs_force: bool | None
    """Whether force or fraud had to be shown; None where no source says."""

    def in_force(self, day: date) -> bool | None:
        """Tell whether it was in force on a day; None where the sources do not settle it."""
        if day < self.from_earliest or day > self.to_latest:
            return False
        return True if self.from_latest <= day <= self.to_earliest else None


@cache
def articles(path: Path = FILE) -> Mapping[tuple[str, str], Article]:
    """Read the articles by country and name. Raises DeclarationError naming the row that is wrong."""
    table = read_table(path)
    if tuple(table.columns) != COLUMNS:
        raise DeclarationError("the columns are not those expected.", file=str(path), expected=", ".join(COLUMNS))
    found: dict[tuple[str, str], Article] = {}
    for row, cells in enumerate(table.to_dict("records"), start=2):
        given = {name: cell for name, cell in cells.items() if isinstance(cell, str)}
        article = _article(given, path, row)
        if (article.country, article.article) in found:
            raise DeclarationError(f"{article.article} is there twice.", file=str(path), row=row)
        found[article.country, article.article] = article
    return found


def _article(cells: Mapping[str, str], path: Path, row: int) -> Article:
    try:
        spans = {name: span(cells[name]) for name in _DATES if name in cells}
        country, name = cells["country"], cells["article"]
        force = {None: None, "yes": True, "no": False}[cells.get("needs_force")]
    except (SelectionUnknown, KeyError) as error:
        raise DeclarationError(
            f"the row cannot be read: {error}",
            file=str(path),
            row=row,
            expected="country and article; dates as 2019 or 2019-01-01 or empty; needs_force yes, no or empty",
        ) from error
    begins, ends = spans.get("valid_from", (date.min, date.max)), spans.get("valid_to", (date.min, date.max))
    seen_from = spans["seen_from"][1] if "seen_from" in spans else date.max
    seen_to = spans["seen_to"][0] if "seen_to" in spans else date.min
    article = Article(
        country, name, begins[0], min(begins[1], seen_from), max(ends[0], seen_to), ends[1], force
    )  # fmt: skip
    if article.from_earliest > article.to_latest or seen_to > ends[1] or seen_from < begins[0]:
        raise DeclarationError(f"{name} ends, or is seen in force, outside its own dates.", file=str(path), row=row)
    return article


def in_force(country: str, article: str, day: date) -> bool | None:
    """Tell whether an article was in force on a day; None for an article that the registry does not have."""
    known = articles().get((country, article))
    return known.in_force(day) if known else None


def known_not_in_force(country: pd.Series, article: pd.Series, day: pd.Series) -> pd.Series:
    """Tell which records name an article that was certainly not in force on their day.

    country, article: text; day: datetimes. A record without one of them, with an article that the registry does not
    have, or with a day that its sources do not settle is not among them.
    """
    import pandas as pd

    complete = article.notna() & day.notna()
    wrong = [
        known and in_force(str(where), str(what), when.date()) is False
        for known, where, what, when in zip(complete, country, article, day, strict=True)
    ]
    return pd.Series(wrong, index=article.index, dtype=bool)
