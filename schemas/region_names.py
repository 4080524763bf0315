"""Region names: every spelling a declaration knows, matched exactly after folding case; never by likeness."""

from __future__ import annotations

import difflib
import re
import unicodedata

import pandas as pd


def fold(name: str) -> str:
    """Fold what carries no meaning in a name: case, width, kinds of dashes and apostrophes, repeated spaces."""
    text = unicodedata.normalize("NFKC", name).casefold()
    text = re.sub(r"[‐-―−-]", "-", text)
    text = re.sub(r"[ʻʼ‘’`´]", "'", text)
    return re.sub(r"\s+", " ", text).strip()


class RegionNames:
    """The spellings of a survey's regions, as one look-up from folded spelling to (country, code)."""

    def __init__(self, regions: pd.DataFrame) -> None:
        """Index names and aliases of `regions` (country, region, name_en, name_ru, aliases separated by `;`)."""
        self._known: dict[str, tuple[str, str]] = {}
        for row in regions.fillna("").to_dict("records"):
            spellings = [row["region"], row["name_en"], row["name_ru"], *row["aliases"].split(";")]
            for spelling in filter(None, map(fold, spellings)):
                self._known[spelling] = (row["country"], row["region"])

    def find(self, spelling: str) -> tuple[str, str] | None:
        """Return (country, region code) of a spelling, or None when no alias is equal to it."""
        return self._known.get(fold(spelling))

    def suggestion(self, spelling: str, country: str) -> str:
        """Name the alias of the same country that looks most like an unknown spelling, or nothing."""
        known = [alias for alias, (owner, _) in self._known.items() if owner == country]
        near = difflib.get_close_matches(fold(spelling), known, n=1, cutoff=0.6)
        if not near:
            return "no alias of this country is near to it"
        return f'the nearest alias is "{near[0]}" ({self._known[near[0]][1]})'
