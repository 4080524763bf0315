"""Countries and regions by their spellings: what is known matches exactly, what is only near is said, never taken."""

from __future__ import annotations

import csv
import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from schemas.declaration_faults import CHOOSE
from schemas.read_yaml import read_yaml
from schemas.region_names import fold
from sources.finding import Finding
from tasks.scaffold.words import WORDS

MOST_REGIONS = 100
"""A column of more spellings than this is no column of regions; its texts are nowhere shown."""
_KIND = re.compile(
    r"\b(область|обл|г|город|oblast|oblysy|облысы|облусу|viloyati|вилояти|region|province|city|velayat|велаят)\b\.?"
)


@dataclass(frozen=True)
class Region:
    """One row of regions.csv. region: ISO 3166-2 code, or CHOOSE. note: for people."""

    country: str
    region: str
    name_en: str
    name_ru: str
    aliases: tuple[str, ...] = ()
    note: str = ""


@cache
def country_names() -> dict[str, str]:
    """Return the name to show of each country whose spellings are known, by code."""
    return {code: spellings[0] for code, spellings in read_yaml(WORDS / "country_names.yaml").items()}


@cache
def _countries() -> dict[str, str]:
    known = read_yaml(WORDS / "country_names.yaml")
    spelled = {fold(spelling): code for code, spellings in known.items() for spelling in (code, *spellings)}
    return {**spelled, **{spelling.replace("'", ""): code for spelling, code in spelled.items()}}


@cache
def _regions() -> tuple[Region, ...]:
    with (WORDS / "known_regions.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(
            Region(row["country"], row["region"], row["name_en"], row["name_ru"], tuple(row["aliases"].split(";")))
            for row in csv.DictReader(handle)
        )


def country(texts: Iterable[str], regions: Iterable[str], given: str | None) -> Finding:
    """Name the country of a file: as given, else by the spellings of its column `country`, else by its regions."""
    if given:
        return Finding(given, True)
    named = Counter(code for text in texts if (code := _countries().get(fold(text))))
    placed = Counter(code for text in regions for code in {row.country for row in _fitting(text, None)})
    for found in (named, placed):
        ranked = found.most_common(2)
        if len(ranked) == 1:
            return Finding(ranked[0][0], True, "" if found is named else "by the names of its regions")
        if ranked:
            return Finding(CHOOSE, False, f"it holds {ranked[0][0]} and {ranked[1][0]}; a source has one country")
    return Finding(CHOOSE, False, "ISO 3166-1 code of the country; new-survey takes it as --country")


def country_codes(texts: Iterable[str], own: str) -> dict[str, Finding]:
    """Guess the code of each text of the column `country`; a single unknown one is the file's own country, marked."""
    wanted = list(texts)
    found = {text: _countries().get(fold(text)) for text in wanted}
    if len(wanted) == 1 and own != CHOOSE and found[wanted[0]] is None:
        return {wanted[0]: Finding(own, False, "the only country in the file")}
    return {
        text: Finding(code, True) if code else Finding(CHOOSE, False, "ISO 3166-1 code") for text, code in found.items()
    }


def regions(spellings: Mapping[str, Iterable[str]]) -> list[Region]:
    """Make the rows of regions.csv. spellings: those delivered, by country. Unknown ones get a row with CHOOSE each."""
    known: dict[tuple[str, str], Region] = {}
    open_rows: list[Region] = []
    for owner, texts in spellings.items():
        for text in sorted(set(texts)):
            hits = _fitting(text, owner)
            if len(hits) != 1:
                open_rows.append(Region(owner, CHOOSE, text, text, note=_advice(text, hits, owner)))
                continue
            row = known.setdefault((owner, hits[0].region), replace(hits[0], aliases=(), note="guessed (sure)"))
            if fold(text) not in map(fold, (row.name_en, row.name_ru)):
                known[owner, row.region] = replace(row, aliases=(*row.aliases, text))
    return [*known.values(), *open_rows]


def _fitting(text: str, owner: str | None) -> list[Region]:
    wanted = fold(text)
    return [
        row
        for row in _regions()
        if owner in (None, row.country) and wanted in map(fold, (row.region, row.name_en, row.name_ru, *row.aliases))
    ]


def _advice(text: str, hits: list[Region], owner: str) -> str:
    if hits:
        return "it may be " + " or ".join(f"{row.region} ({row.name_en})" for row in hits)
    known = {
        _KIND.sub("", fold(name)).strip(): (name, row.region)
        for row in _regions()
        if row.country == owner
        for name in (row.name_en, row.name_ru, *row.aliases)
    }
    near = difflib.get_close_matches(_KIND.sub("", fold(text)).strip(), known, n=1, cutoff=0.6)
    suggestion = f'near to "{known[near[0]][0]}" ({known[near[0]][1]}), which is not taken; ' if near else ""
    return f"{suggestion}code by ISO 3166-2; spellings of one region belong into one row, under aliases"
