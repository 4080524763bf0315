"""Columns that nobody declared personal and that look so, by their name or by their first cells. No value is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from schemas import phone_numbers
from schemas.declaration import Source
from schemas.personal import LooksPersonal
from schemas.read_yaml import read_yaml
from sources.table import RawTable
from tasks.scaffold.words import holds, plain, tokens

FIRST_ROWS = 500
"""Rows of a file that are looked at: what a column holds, its first pages show."""
FEWEST_CELLS = 5
"""Of fewer filled cells nothing is said by their look."""
CODED = ("country", "region")
_WORD = re.compile(r"[^\W\d_]+(?:['’ʻʼ`-][^\W\d_]+)*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_PHONE = re.compile(r"[\s()+.-]*(?:\d[\s()+.-]*){9,14}")
_DEGREES = re.compile(r"-?\d{1,3}[.,]\d{3,}")
_POINT = re.compile(r"(-?\d{1,3}\.\d{3,})[\s,;]+(-?\d{1,3}\.\d{3,})(?:[\s,;]+-?[\d.]+)*")
_LONG_TEXT, _WORDS_OF_TEXT = 40, 5


def scan(table: RawTable, source: Source) -> tuple[LooksPersonal, ...]:
    """Name the columns that look personal and are not declared so; one without a filled cell never is.

    Of mapped columns only the cells are looked at, and of those with codes nothing.
    """
    mapped = {header: column for column, header in source.columns.items()}
    if sum(header in mapped for header in table.columns) * 2 < len(mapped):
        return ()  # what stands in the header may be anything
    first = table.frame.head(FIRST_ROWS)
    found = []
    for header in table.columns:
        column = mapped.get(header)
        if header in source.personal or (column is not None and not _is_open(column, source)):
            continue
        cells = [text for cell in first[header].dropna() if (text := cell.strip()) and text not in source.missing]
        if cells and (why := looks_like(header if column is None else None, cells)):
            found.append(LooksPersonal(header, why))
    return tuple(found)


def looks_like(header: str | None, cells: Sequence[str]) -> str:
    """Say what a column looks like, by its header if one is given, else by its filled cells; empty when by neither."""
    named = by_name(header) if header and cells else ""
    if named:
        return f"its name says: {named}"
    if len(cells) < FEWEST_CELLS:
        return ""
    for kind, (share, test) in _TESTS.items():
        fitting = sum(map(test, cells))
        if fitting >= share * len(cells):
            return f"{fitting} of the first {len(cells)} cells look like {kind}"
    return "many cells are long texts" if _is_free_text(cells) else ""


@cache
def by_name(header: str) -> str:
    """Return what a header says its column holds, or nothing."""
    words = tokens(header)
    for kind, phrases in _words()["headers"].items():
        for phrase in phrases:
            whole = phrase.startswith("=")
            wanted = phrase.removeprefix("=")
            if (words == tokens(wanted)) if whole else holds(words, wanted):
                return str(kind)
    return ""


@cache
def _words() -> Mapping[str, Any]:
    content: dict[str, Any] = read_yaml(Path(__file__).with_name("personal_words.yaml"))
    return content


def _is_open(column: str, source: Source) -> bool:
    """Tell whether a mapped column may hold any text: one of codes holds what the declaration lists."""
    return column not in (*CODED, *source.values)


def _is_phone(text: str) -> bool:
    if not _PHONE.fullmatch(text):
        return False
    digits = phone_numbers.digits_of(text)
    plans = phone_numbers.plans().values()
    foreign = any(plan.international(digits.removeprefix("00")) for plan in plans)
    dialled = digits != text or digits[0] in "08"  # nine digits alone may be any number
    return foreign or (dialled and any(plan.national(digits) for plan in plans))


def _is_personal_number(text: str) -> bool:
    """Tell whether digits begin as the personal numbers of the region do, with a day of birth.

    Kazakhstan: 12 digits, YYMMDD.  Kyrgyzstan: 14, sex 1 or 2, DDMMYYYY.  Uzbekistan: 14, 3 to 6, DDMMYY.
    """
    if not (text.isascii() and text.isdecimal()):
        return False
    if len(text) == 12:
        return _is_day(text[4:6], text[2:4], text[0:2]) and text[6] in "0123456"
    if len(text) == 14 and text[0] in "12":
        return _is_day(text[1:3], text[3:5], text[5:9]) and "1900" <= text[5:9] <= "2030"
    return len(text) == 14 and text[0] in "3456" and _is_day(text[1:3], text[3:5], text[5:7])


def _is_day(day: str, month: str, year: str) -> bool:
    try:
        date(int(year) if len(year) == 4 else 2000 + int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _is_place(text: str) -> bool:
    point = _POINT.fullmatch(text)
    if point:
        one, other = float(point[1]), float(point[2])
        return (_between("latitude", one) and _between("longitude", other)) or (
            _between("longitude", one) and _between("latitude", other)
        )
    if not _DEGREES.fullmatch(text):
        return False
    value = float(text.replace(",", "."))
    return _between("latitude", value) or _between("longitude", value)


def _between(axis: str, value: float) -> bool:
    low, high = _words()[axis]
    return bool(low <= value <= high)


def _is_name(text: str) -> bool:
    words = _WORD.findall(text)
    if not 2 <= len(words) <= 5 or any(char.isdecimal() for char in text):
        return False
    ends = [plain(word) for word in words]
    fathers = _folded("patronymics")
    if any(word == end or (word.endswith(end) and len(word) > len(end) + 2) for word in ends for end in fathers):
        return True
    capital = sum(word[0].isupper() for word in words)
    return capital >= 2 and any(
        word.endswith(end) and len(word) > len(end) + 2 for word in ends for end in _folded("surnames")
    )


@cache
def _folded(words: str) -> tuple[str, ...]:
    return tuple(map(plain, _words()[words]))


def _is_free_text(cells: Iterable[str]) -> bool:
    texts = list(cells)
    long = [text for text in texts if len(text) >= _LONG_TEXT and len(text.split()) >= _WORDS_OF_TEXT]
    return len(long) * 4 >= len(texts) and len(set(long)) * 2 >= len(long)


_TESTS: dict[str, tuple[float, Callable[[str], bool]]] = {
    "e-mail addresses": (0.2, lambda text: _EMAIL.fullmatch(text) is not None),
    "personal numbers": (0.5, _is_personal_number),
    "telephone numbers": (0.3, _is_phone),
    "places on a map": (0.8, _is_place),
    "names of persons": (0.3, _is_name),
}
"""What cells may look like, the share of the filled ones from which it is said, and how one is told."""
