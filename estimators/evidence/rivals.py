"""The table `evidence_rivals`: figures of one thing side by side, none of them preferred."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from estimators.evidence.register import Figure, found, listed
from schemas.figure_rules import Rival

THING = ("definition_id", "measure_type", "category", "country", "region", "place", "counted", "sex", "age_band")
"""Figures that agree in these, in the moment of the age and in the first year are rivals without being declared so."""
SAID = ("document", "section", "source_organisation", "cited_by")
"""Figures that agree in these are said in one breath: two ends of a range, or a correction, and no rivals."""
DEFINING = ("definition_id", "measure_type", "unit", "age_basis", "category", "place")
"""Where rivals differ in one of these, they are not figures of one definition."""
COLUMNS = [
    "rival", "title", "title_ru", "declared", "figure", "source_organisation", "definition_id", "measure_type", "unit",
    "dates", "comparator", "value", "low", "high", "citation_restriction", "ratio", "same_definition", "differing",
]  # fmt: skip
NAMES = ("article", "date", "rank", "serial", "text", "tier")
"""Units of what is written as a number and is none: nothing can be divided, and none is a rival without saying so."""
YEAR = 4
"""Length of a year at the head of a day."""


def rivals(register: Sequence[Figure], declared: Sequence[Rival]) -> pd.DataFrame:
    """Return COLUMNS, one row per figure of each group of two or more: groups found, then groups declared.

    ratio: the largest number of the group over its smallest, of those that may be shown; empty across units.
    """
    known = {frozenset(one.of) for one in declared}
    groups = [group for group in _found(register) if frozenset(figure.name for figure in group[-1]) not in known]
    rows = [row for group in [*groups, *_declared(register, declared)] for row in _rows(*group)]
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(["value", "low", "high", "ratio"], "float64"))


def _found(register: Sequence[Figure]) -> Iterator[tuple[str, str, str, str, list[Figure]]]:
    groups: dict[tuple[Any, ...], list[Figure]] = {}
    for figure in register:
        if figure["definition_id"] and figure.ends is not None and figure["period_start"]:
            key = (*(figure[column] for column in THING), figure["age_basis"], str(figure["period_start"])[:YEAR])
            groups.setdefault(key, []).append(figure)
    for figures in groups.values():
        units = {figure["unit"] for figure in figures}
        said = {tuple(figure[column] for column in SAID) for figure in figures}
        if len(said) > 1 and len(units) == 1 and units.isdisjoint(NAMES):
            title = str(figures[0]["indicator"])
            yield "_".join(figure.name for figure in figures), title, title, "no", figures


def _declared(register: Sequence[Figure], rules: Sequence[Rival]) -> Iterator[tuple[str, str, str, str, list[Figure]]]:
    for one in rules:
        yield one.id, one.title.en, one.title.ru, "yes", found(register, one.of)[0]


def _rows(name: str, title: str, title_ru: str, declared: str, figures: list[Figure]) -> Iterator[dict[str, Any]]:
    differing = [column for column in DEFINING if len({figure[column] for figure in figures}) > 1]
    ratio = None if "unit" in differing or figures[0]["unit"] in NAMES else _ratio(figures)
    for figure in figures:
        yield {
            "rival": name,
            "title": title,
            "title_ru": title_ru,
            "declared": declared,
            "figure": figure.name,
            **{column: figure[column] for column in ("source_organisation", "definition_id", "measure_type", "unit")},
            "dates": figure.period or None,
            "comparator": figure["comparator"],
            **{column: None if figure.hidden else figure[column] for column in ("value", "low", "high")},
            "citation_restriction": figure["citation_restriction"],
            "ratio": ratio,
            "same_definition": "no" if differing else "yes",
            "differing": listed(differing) or None,
        }


def _ratio(figures: Sequence[Figure]) -> float | None:
    """Divide the largest end of any figure by the smallest; None if fewer than two may be shown, or one is zero."""
    ends = [figure.ends for figure in figures if figure.ends is not None and not figure.hidden]
    smallest = min((low for low, _high in ends), default=0.0)
    return None if len(ends) < 2 or smallest <= 0 else max(high for _low, high in ends) / smallest
