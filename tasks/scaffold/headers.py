"""Which delivered header is which column of the instrument: by whole names, by words, by the form's numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.instrument import Instrument
from tasks.scaffold.words import holds, lists, longest, tokens

_WHOLE, _PARTS, _WEAK = 100.0, 10.0, 0.5
"""How much a fit counts: the column's own name, all its parts named, a word that may mean something else."""


@dataclass(frozen=True)
class Match:
    """The header of one column, None when none fits. also: headers, or columns, that fit as well or nearly."""

    header: str | None
    sure: bool
    note: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Fit:
    column: str
    score: float
    note: str = ""


def match(headers: Sequence[str], labels: Mapping[str, str], instrument: Instrument) -> dict[str, Match]:
    """Find the header of every column of an instrument. labels: longer names that some formats hold beside a header.

    A header serves one column only. Two headers that fit a column equally well leave it open. A column that no source
    need name is left out where no header fits.
    """
    fits = {header: _best(header, labels.get(header, ""), instrument) for header in headers}
    out = {}
    for column in instrument.COLUMNS:
        found = [(fit, header) for header in headers for fit in fits[header] if fit.column == column]
        if not found and column in instrument.PARADATA:
            continue
        out[column] = _choose(sorted(found, key=lambda pair: -pair[0].score), fits)
    return out


def _choose(found: list[tuple[_Fit, str]], fits: Mapping[str, list[_Fit]]) -> Match:
    if not found:
        return Match(None, False)
    (best, header), others = found[0], found[1:]
    also = tuple(other for _, other in others)
    if others and others[0][0].score == best.score:
        return Match(None, False, "several fit", (header, *also))
    rivals = [fit.column for fit in fits[header] if fit.column != best.column]
    if rivals:
        return Match(None, False, f"it may also be {', '.join(rivals)}", (header,))
    return Match(header, not best.note and not also, best.note, also)


def _best(header: str, label: str, instrument: Instrument) -> list[_Fit]:
    """Return the columns that a header fits best; its label is asked when it does not say, or weakly."""
    fits = _fits(header, instrument)
    if label and not any(fit.score >= 1 and not fit.note for fit in fits):
        fits = _fits(label, instrument) or fits
    top = max((fit.score for fit in fits), default=0.0)
    return [fit for fit in fits if fit.score == top]


def _fits(text: str, instrument: Instrument) -> list[_Fit]:
    words = tokens(text)
    known = lists(instrument.NAME)
    whole = "_".join(words)
    if whole in instrument.COLUMNS:
        return [_Fit(whole, _WHOLE)]
    fits = [_Fit(column, float(longest(words, phrases))) for column, phrases in known["columns"].items()]
    fits = [_Fit(fit.column, _WHOLE) if words in map(tokens, known["columns"][fit.column]) else fit for fit in fits]
    fits += _from_parts(words, known, instrument)
    if not any(fit.score for fit in fits):
        fits = [
            _Fit(column, _WEAK * longest(words, phrases), "a word of many meanings")
            for column, phrases in known["weak"].items()
        ]
    return [fit for fit in fits if fit.score]


def _from_parts(words: Sequence[str], known: Mapping[str, Any], instrument: Instrument) -> list[_Fit]:
    """Put a column together from what the words say of form, place, who and window."""
    numbered, rest = _question(words, known)
    said = {
        part: {value for value, phrases in values.items() if any(holds(rest, phrase) for phrase in phrases)}
        for part, values in known["parts"].items()
    }
    notes: list[str] = []
    if len(said["form"]) > 1:
        # beside a window, relatives and migrants are those exploited; without one, they are what is asked about
        said["form"] -= {"relatives", "migrant"} if said["window"] else {"labour", "sexual", "relatives"}
    if {"women", "men"} <= said["who"]:
        said["who"] = {"total"}
    if len(said["window"]) > 1:
        said["window"] = {"earlier"}
        notes.append("it names both windows")
    if not (said["form"] or said["place"] or said["who"]) and numbered.get("form"):
        notes.append("by the number of the question alone")
    for part, value in numbered.items():
        said[part] = said.get(part) or {value}
    if any(len(values) > 1 for values in said.values()):
        return []
    one = {part: next(iter(values), "") for part, values in said.items()}
    if not one["form"] and one["who"] and one["window"]:
        one["form"] = "labour"
        notes.append("it does not say which exploitation")
    column, note = _column(one)
    notes += [note] if note else []
    return [_Fit(column, _PARTS, "; ".join(notes))] if column in instrument.COLUMNS else []


def _column(part: Mapping[str, str]) -> tuple[str, str]:
    form, place, who, window = (part[name] for name in ("form", "place", "who", "window"))
    if form == "relatives" and not window:
        return "relatives", ""
    if form == "migrant" and not window:
        return f"migrant_{place}", ""
    if form == "labour":
        return f"labour_{place}_{who}_{window}", ""
    if form == "sexual":
        return f"sexual_{place}_{window}", f"asked of {who} only" if who in ("women", "men") else ""
    return "", ""


def _question(words: Sequence[str], known: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Read a question's number (q3a, В3, 3а): returns what it says of the parts, and the words without it."""
    prefixes = "|".join(sorted(known["question_prefixes"], key=len, reverse=True))
    numbers = "".join(str(number) for number in known["questions"])
    for at, word in enumerate(words):
        seen = re.fullmatch(rf"({prefixes})?0?([{numbers}])(\D*)", word)
        if not seen:
            continue
        prefix, number, tail = seen.groups()
        if not prefix and not tail and (at or len(words) == 1):
            continue  # a number inside a header, as in "3 years"
        if not prefix and len(tail) != 1 and at:
            continue
        question = dict(known["questions"][int(number)])
        letters = question.pop("letters", {})
        rest = [*words[:at], *words[at + 1 :]]
        letter = _letter(tail)
        told = {part: values[letter] for part, values in letters.items() if letter in values}
        if tail and not told:
            if not prefix:
                continue
            rest.append(f"_{tail}")
        return {**question, **told}, rest
    return {}, list(words)


def _letter(tail: str) -> str:
    """Return which answer a letter names, as a, b or c; Cyrillic а, б, в count as the same places of the alphabet."""
    return {"а": "a", "б": "b", "в": "c", "с": "c"}.get(tail, tail)
