"""Whether figures may be put together: the first reason why not, or None."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from estimators.evidence.register import HUNDRED, PERCENT, Figure, listed

ALIKE = ("measure_type", "unit", "definition_id", "age_basis")
"""What parts of a sum have in common; their period comes after."""
APART = ("category", "region", "place", "counted", "sex", "age_band")
"""In one of these, two parts of a sum differ, or they are figures of the same thing."""
SLACK = 0.5
"""Points by which rounding may carry single answers above a hundred."""


@dataclass(frozen=True)
class Refusal:
    """Why a number is not made. code: of schemas/figure_reasons.yaml."""

    code: str
    figures: str = ""
    values: str = ""


Check = Callable[[Sequence[Figure]], Refusal | None]


def usable(figures: Sequence[Figure]) -> Refusal | None:
    """Refuse what may not be cited, what nobody could check, what one informant said, and what is missing."""
    reasons: dict[str, Callable[[Figure], bool]] = {
        "do_not_cite": lambda figure: figure.hidden,
        "claimed_only": lambda figure: figure.claimed,
        "single_informant": lambda figure: figure.single,
        "missing": lambda figure: figure.ends is None,
    }
    for code, holds in reasons.items():
        if named := [figure.name for figure in figures if holds(figure)]:
            return Refusal(code, listed(named))
    return None


def same(columns: Sequence[str]) -> Check:
    """Refuse figures that differ in one of some columns."""

    def check(figures: Sequence[Figure]) -> Refusal | None:
        for column in columns:
            values = {_shown(figure, column) for figure in figures}
            if len(values) > 1:
                return Refusal(column, values=", ".join(sorted(values)))
        return None

    return check


def parts_of_one(figures: Sequence[Figure]) -> Refusal | None:
    """Refuse figures that are not parts of one whole: rivals, and a place beside the region it lies in."""
    for one, other in combinations(figures, 2):
        if all(one[column] == other[column] for column in APART):
            return Refusal("same_thing", listed((one.name, other.name)))
        for inner, outer in ((one, other), (other, one)):
            if _lies_within(inner, outer):
                return Refusal("within", listed((inner.name, outer.name)))
    return None


def not_above_hundred(figures: Sequence[Figure]) -> Refusal | None:
    """Refuse shares of one whole that make more than all of it."""
    total = math.fsum(figure.ends[0] for figure in figures if figure.ends is not None)
    if figures[0]["unit"] == PERCENT and total > HUNDRED + SLACK:
        return Refusal("above_hundred", values=f"{total:g}")
    return None


def first(figures: Sequence[Figure], *checks: Check) -> Refusal | None:
    """Return the first refusal of some checks."""
    for check in checks:
        if refusal := check(figures):
            return refusal
    return None


SUM: tuple[Check, ...] = (usable, same((*ALIKE, "period")), parts_of_one, not_above_hundred)
OVERLAP: tuple[Check, ...] = (usable, same(("unit", "period")))
CHANGE: tuple[Check, ...] = (usable, same(ALIKE))


def _shown(figure: Figure, column: str) -> str:
    value = figure.period if column == "period" else figure[column]
    return str(value) if value else "not stated"


def _lies_within(inner: Figure, outer: Figure) -> bool:
    """Tell whether one figure's place is a part of the other's, all else being equal."""
    others = [column for column in APART if column not in ("region", "place")]
    if any(inner[column] != outer[column] for column in others):
        return False
    whole = outer["region"] is None and outer["place"] is None
    inside = inner["region"] is not None or (inner["place"] is not None and not _abroad(inner["place"]))
    if whole:
        return inside
    if outer["place"] is not None or inner["region"] is None:
        return False
    codes, around = set(str(inner["region"]).split("+")), set(str(outer["region"] or "").split("+"))
    return codes < around or (codes == around and inner["place"] is not None)


def _abroad(place: str) -> bool:
    return "abroad" in place
