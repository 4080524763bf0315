"""What the cells of a column say about it: codes, texts that mean no answer, how days are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from schemas.declaration_faults import CHOOSE
from schemas.instrument import Instrument
from sources.finding import Finding
from tasks.scaffold.words import lists, plain

if TYPE_CHECKING:
    import pandas as pd

LONGEST_LIST = 20
"""A column of more different texts than this is no column of codes; its texts are nowhere shown."""
_MOSTLY = 0.95
_FAR = 2.0
"""A number that may mean "no answer" is taken for it when it is so many times the largest other number."""


@dataclass(frozen=True)
class Days:
    """How days are written, with the first and last one; None where that is open."""

    form: Finding
    first: date | None = None
    last: date | None = None


def distinct(cells: pd.Series) -> list[str]:
    """Return the different texts of a column, stripped, sorted, without empty ones."""
    return sorted({text for cell in cells.dropna().unique() if (text := cell.strip())})


def codes(column: str, texts: Sequence[str], instrument: Instrument) -> dict[str, Finding]:
    """Guess the code of each text of a coded column; CHOOSE for those that are not known."""
    known = lists(instrument.NAME)
    words = {plain(str(word)): code for code, said in known["codes"][column].items() for word in said}
    if len(texts) > 1 and not any(plain(text) in words for text in texts):
        for pair in known["as_numbered"][column]:
            numbered = dict(zip(pair, known["codes"][column], strict=True))
            if set(map(plain, texts)) == set(numbered):
                return {text: Finding(numbered[plain(text)], False, "by habit: check it") for text in texts}
    meant = ", ".join(known["codes"][column])
    return {
        text: Finding(words[plain(text)], True) if plain(text) in words else Finding(CHOOSE, False, f"one of {meant}")
        for text in texts
    }


def missing(
    numbers: Mapping[str, Sequence[str]],
    coded: Mapping[str, Sequence[str]],
    named: Iterable[str],
    instrument: Instrument,
) -> dict[str, Finding]:
    """Guess which texts mean "no answer". numbers, coded: the texts of each column; named: texts of all others."""
    known = lists(instrument.NAME)
    words = {plain(str(word)) for word in known["missing"]}
    found: dict[str, Finding] = {}
    for texts in (*numbers.values(), *coded.values()):
        found |= {text: Finding(text, True) for text in texts if plain(text) in words}
    elsewhere = set(named)
    for column, texts in numbers.items():
        values = {text: value for text in texts if (value := _number(text)) is not None}
        for text in set(known["missing_numbers"]) & set(values) - set(found):
            others = [value for other, value in values.items() if other not in known["missing_numbers"]]
            if values[text] >= 0 and values[text] < _FAR * max(others, default=0):
                continue
            if text in elsewhere:
                continue  # it would blank a questionnaire's number or a village as well
            found[text] = Finding(text, False, f"far from the other numbers of {column}")
    return dict(sorted(found.items()))


def days(texts: Sequence[str], instrument: Instrument) -> Days:
    """Guess how days are written. Two ways that fit every cell and read other days leave it open."""
    import pandas as pd

    if not texts:
        return Days(Finding(CHOOSE, False, "no cell is filled"))
    cells = pd.Series(list(texts), dtype="str")
    read = {
        form: pd.to_datetime(cells, format=form, errors="coerce") for form in lists(instrument.NAME)["date_formats"]
    }
    fitting = [form for form, parsed in read.items() if parsed.notna().all()]
    if not fitting:
        best = max(read, key=lambda form: int(read[form].notna().sum()))
        parsed = read[best].dropna()
        if len(parsed) < _MOSTLY * len(cells):
            return Days(Finding(CHOOSE, False, "as in Python's strptime, for example %d.%m.%Y"))
        note = f"does not fit {len(cells) - len(parsed)} of {len(cells)} different cells"
        return Days(Finding(best, False, note), parsed.min().date(), parsed.max().date())
    others = [form for form in fitting[1:] if not read[form].equals(read[fitting[0]])]
    if others:
        return Days(Finding(CHOOSE, False, " or ".join(f'"{form}"' for form in (fitting[0], *others)) + "? all fit"))
    parsed = read[fitting[0]]
    return Days(Finding(fitting[0], True), parsed.min().date(), parsed.max().date())


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def texts_of(frame: pd.DataFrame, headers: Mapping[str, str | None], columns: Iterable[str]) -> dict[str, list[str]]:
    """Return the different texts of those columns of the instrument that have a header. headers: column to header."""
    chosen: dict[str, Any] = {column: headers.get(column) for column in columns}
    return {column: distinct(frame[header]) for column, header in chosen.items() if header is not None}
