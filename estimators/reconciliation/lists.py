"""Lists of records: gaps in serial numbers, likely duplicates, concentration, places without a record, broken texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import combinations
from typing import TYPE_CHECKING

from estimators.reconciliation.finding import DIFFERS, HOLDS, UNDECIDABLE, Outcome, Undecidable, exact, shortened
from estimators.reconciliation.selection import Number, Selection
from schemas.finding_messages import Told
from schemas.reconciliation_kinds import Concentration, Coverage, EachGroup, LikelyDuplicates, SerialGaps, TextDefects

if TYPE_CHECKING:
    import pandas as pd


def serial_gaps(rule: SerialGaps, figures: Selection) -> Outcome:
    """Serial numbers from the first to the last: which are missing, which are there twice."""
    there = [int(value) for value in figures.values("serials", rule.serials)]
    last = max(there) if rule.last is None else int(figures.value("last", rule.last))
    missing = sorted(set(range(rule.first, last + 1)) - set(there))
    repeated = sorted({serial for serial in there if there.count(serial) > 1})
    expected, found = last - rule.first + 1, len({serial for serial in there if rule.first <= serial <= last})
    verdict = DIFFERS if missing or repeated else HOLDS
    told: dict[str, Told] = {"first": str(rule.first), "last": str(last)}
    listed = {"missing": [str(one) for one in missing], "repeated": [str(one) for one in repeated]}
    return Outcome(verdict, verdict, expected, found, found - expected, told={**told, **listed})


def likely_duplicates(rule: LikelyDuplicates, figures: Selection) -> Outcome:
    """Records that say the same in some columns; the texts of the first column may differ by a little."""
    rows = figures.rows("where", rule.where)
    for name in (*rule.columns, rule.label):
        figures.column("columns", name)
    told_apart = [tuple(_plain(cell) for cell in row) for row in rows[list(rule.columns)].itertuples(index=False)]
    labels = [str(label) for label in rows[rule.label]]
    groups: dict[tuple[str, ...], list[int]] = {}
    for position, (_, *others) in enumerate(told_apart):
        groups.setdefault(tuple(others), []).append(position)
    first = {position: position for position in range(len(rows))}
    pairs = []
    for members in groups.values():
        for one, other in combinations(members, 2):
            if _alike(told_apart[one][0], told_apart[other][0], rule.similarity):
                first[_root(first, other)] = _root(first, one)
                pairs.append(f"{labels[one]} = {labels[other]}")
    distinct = len({_root(first, position) for position in first})
    verdict = DIFFERS if pairs else HOLDS
    told: dict[str, Told] = {"columns": rule.columns, "pairs": pairs}
    return Outcome(verdict, verdict, len(rows), distinct, distinct - len(rows), told=told)


def _plain(cell: object) -> str:
    return " ".join(str(cell).casefold().split())


def _alike(one: str, other: str, similarity: float) -> bool:
    return one == other or (similarity < 1 and SequenceMatcher(None, one, other, autojunk=False).ratio() >= similarity)


def _root(first: dict[int, int], position: int) -> int:
    while first[position] != position:
        position = first[position]
    return position


def concentration(rule: Concentration, figures: Selection) -> Outcome:
    """Shares of a count against shares of its frame, group by group: the largest ratio of the two."""
    counts = _by_group(figures.known("counts", rule.counts), rule.by, figures)
    frame = _by_group(figures.known("frame", rule.frame), rule.by, figures)
    counted, framed = sum(counts.values()), sum(frame.values())
    if counted <= 0 or framed <= 0:
        raise Undecidable("nothing")
    ratios = {
        group: (count / counted) / (frame[group] / framed) if frame.get(group) else float("inf")
        for group, count in counts.items()
        if count > 0
    }
    group = max(sorted(ratios), key=lambda one: ratios[one])
    found, stated = 100 * counts[group] / counted, 100 * frame.get(group, 0.0) / framed
    verdict = HOLDS if ratios[group] <= rule.at_most else DIFFERS
    wording = "no_frame" if not frame.get(group) else verdict
    told: dict[str, Told] = {"group": group, "ratio": round(ratios[group], 2)}
    numbers = (exact(stated), exact(found), exact(found - stated))
    return shortened(Outcome(verdict, wording, *numbers, tolerance=rule.at_most, unit="percent", told=told), 2)


def _by_group(numbers: Sequence[Number], by: str, figures: Selection) -> dict[str, float]:
    import pandas as pd

    figures.column("by", by)
    sums: dict[str, float] = {}
    for number in numbers:
        cell = None if number.row is None else number.row[by]
        name = "–" if pd.isna(cell) else str(cell)
        sums[name] = exact(sums.get(name, 0.0) + float(number.value or 0.0))
    return sums


def coverage(rule: Coverage, figures: Selection) -> Outcome:
    """Places that have a record, and those that have none; a composite place covers its parts."""
    import pandas as pd

    places = _smallest(rule.places or figures.regions)
    rows = figures.rows("where", rule.where)
    cells = figures.column("of", rule.of)[rows.index]
    numbers: pd.Series | None = None
    if rule.positive is not None:
        numbers = figures.column("positive", rule.positive)[rows.index]
    covered: set[str] = set()
    unknown: set[str] = set()
    for position, cell in cells.items():
        parts = set() if pd.isna(cell) else set(str(cell).split("+"))
        if numbers is None or (not pd.isna(numbers[position]) and numbers[position] > 0):
            covered |= parts
        elif pd.isna(numbers[position]):
            unknown |= parts
    without = [place for place, parts in places.items() if not parts <= covered | unknown]
    open_places = [place for place, parts in places.items() if place not in without and not parts <= covered]
    found = len(places) - len(without) - len(open_places)
    numbers_told = (len(places), found, found - len(places))
    if not without and open_places:
        told: dict[str, Told] = {"places": open_places}
        return Outcome(UNDECIDABLE, "unknown", *numbers_told, unit="places", of_one_region=False, told=told)
    verdict = DIFFERS if without else HOLDS
    told = {"places": without}
    return Outcome(verdict, verdict, *numbers_told, unit="places", of_one_region=False, told=told)


def _smallest(codes: Sequence[str]) -> dict[str, set[str]]:
    """Return the places with their parts, in order, without those that are made up of others."""
    parts = {code: set(code.split("+")) for code in sorted(codes)}
    return {
        code: own
        for code, own in parts.items()
        if own != {part for other in parts.values() if other < own for part in other}
    }


def text_defects(rule: TextDefects, figures: Selection) -> Outcome:
    """Texts in which a regular expression finds what conversion leaves behind."""
    rows = figures.rows("where", rule.where)
    texts = figures.column("of", rule.of)[rows.index].dropna()
    if texts.empty:
        raise Undecidable("no_record", key="where", where=rule.where)
    defects, broken = [], set()
    for name, pattern in rule.patterns.items():
        found = [position for position, text in texts.items() if re.search(pattern, str(text))]
        broken |= set(found)
        if found:
            defects.append(f"{name} ({len(found)})")
    verdict = DIFFERS if broken else HOLDS
    told: dict[str, Told] = {"defects": defects, "texts": len(texts)}
    return Outcome(verdict, verdict, 0, len(broken), len(broken), unit="texts", told=told)


def each_group(rule: EachGroup, figures: Selection) -> Outcome:
    """Groups of records with enough different values, of all groups. No group is named: it can be a small place."""
    rows = figures.rows("where", rule.where)
    for name in (*rule.groups, rule.of):
        figures.column("groups", name)
    if rows.empty:
        raise Undecidable("no_record", key="where", where=rule.where)
    found = rows.groupby(list(rule.groups), dropna=False)[rule.of].nunique()
    groups, enough = len(found), int((found >= rule.at_least).sum())
    verdict = HOLDS if enough == groups else DIFFERS
    told: dict[str, Told] = {"at_least": str(rule.at_least), "smallest": str(int(found.min()))}
    return Outcome(verdict, verdict, groups, enough, enough - groups, unit="groups", of_one_region=False, told=told)
