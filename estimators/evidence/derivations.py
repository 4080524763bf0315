"""The table `evidence_derived`: numbers made of several figures where they may be put together, and refusals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from estimators.evidence.comparability import CHANGE, OVERLAP, SUM, Check, Refusal, first, usable
from estimators.evidence.register import (
    APPROX,
    AT_LEAST,
    AT_MOST,
    EXACT,
    FIGURE,
    HUNDRED,
    PERCENT,
    RANGE,
    SEPARATOR,
    Figure,
    found,
    listed,
)
from schemas.errors import DeclarationError
from schemas.figure_reasons import worded
from schemas.figure_rules import FigureRules, Made, Pair, Scaled

COLUMNS = [
    "derivation", "operation", "title", "title_ru", "figures", "measure_type", "unit", "country", "region", "dates",
    "comparator", "estimate", "low", "high", "verdict", "refusal", "reason", "reason_ru",
]  # fmt: skip
COMPUTED, REFUSED = "computed", "refused"
Ends = tuple[float, float]


def derivations(register: Sequence[Figure], rules: FigureRules) -> pd.DataFrame:
    """Return COLUMNS, one row per declared sum, difference, product, ratio, change, part and bounds, in that order.

    A sum that was made can be named by the operations after it, as if it were a figure.
    """
    rows = [_row("sum", one, _named(register, one), SUM) for one in rules.sums]
    more = [*register, *(_figure_of(row, register) for row in rows if row["verdict"] == COMPUTED)]
    rows += [_row("difference", one, found(more, one.of), CHANGE) for one in rules.differences]
    rows += [_row("product", one, found(more, one.of), (usable,)) for one in rules.products]
    rows += [_row("ratio", one, found(more, one.of), (usable, _divisible)) for one in rules.ratios]
    rows += [_row("change", one, found(more, one.of[::-1]), (*CHANGE, _divisible)) for one in rules.changes]
    rows += [_row("part", one, found(more, one.of), (usable, _percentage)) for one in rules.parts]
    rows += [_row("bounds", one, _named(register, one), OVERLAP) for one in rules.bounds]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype(dict.fromkeys(["estimate", "low", "high"], "float64"))


def _named(register: Sequence[Figure], one: Made) -> tuple[list[Figure], list[str]]:
    """Look up the figures of a sum, by name or by what is true of them."""
    if one.where is None:
        return found(register, one.of)
    records = pd.DataFrame([figure.cells for figure in register])
    try:
        true = records.eval(one.where, engine="python").astype("boolean").fillna(False).astype(bool)
    except Exception as error:  # pandas lets through whatever the columns' own operations raise
        raise DeclarationError(f"figures, {one.id}: {one.where}: {error}", facts={"key": one.id}) from error
    chosen = [figure for figure, taken in zip(register, true, strict=True) if taken]
    return chosen, [] if chosen else [one.where]


def _row(
    operation: str, one: Made | Pair, figures: tuple[list[Figure], list[str]], checks: Iterable[Check]
) -> dict[str, Any]:
    parts, absent = figures
    refusal = Refusal("unknown_figure", listed(absent)) if absent else first(parts, *checks)
    row: dict[str, Any] = {
        "derivation": one.id,
        "operation": operation,
        "title": one.title.en,
        "title_ru": one.title.ru,
        "figures": listed([*(figure.name for figure in parts), *absent]),
        "measure_type": _common(parts, "measure_type"),
        "country": _common(parts, "country"),
        "region": _common(parts, "region"),
        "dates": next(iter({figure.period for figure in parts}), None) if _alike(parts) else None,
    }
    if refusal is not None:
        told = worded("refused", refusal.code, figures=refusal.figures, values=refusal.values)
        return row | {"verdict": REFUSED, "refusal": refusal.code, **told}
    low, high = _OPERATIONS[operation]([figure.ends for figure in parts if figure.ends], one)
    return row | {
        "unit": _unit(operation, parts),
        "comparator": _comparator(operation, parts, low, high),
        "estimate": low if low == high else None,
        "low": None if low == high else low,
        "high": None if low == high else high,
        "verdict": COMPUTED,
        **worded("made", operation),
    }


def _figure_of(row: dict[str, Any], register: Sequence[Figure]) -> Figure:
    """Return a sum as a figure: what its parts have in common, and the number."""
    parts = found(register, row["figures"].split(SEPARATOR))[0]
    shared = {name: _common(parts, name) for name in parts[0].cells}
    numbers = {"value": row["estimate"], "low": row["low"], "high": row["high"]}
    return Figure(shared | {FIGURE: row["derivation"], "comparator": row["comparator"]} | numbers)


def _sum(ends: Sequence[Ends], _: Made | Pair) -> Ends:
    return _exact(math.fsum(low for low, _high in ends)), _exact(math.fsum(high for _low, high in ends))


def _difference(ends: Sequence[Ends], _: Made | Pair) -> Ends:
    return _exact(ends[0][0] - ends[1][1]), _exact(ends[0][1] - ends[1][0])


def _product(ends: Sequence[Ends], _: Made | Pair) -> Ends:
    return _exact(ends[0][0] * ends[1][0]), _exact(ends[0][1] * ends[1][1])


def _ratio(ends: Sequence[Ends], one: Made | Pair) -> Ends:
    per = one.per if isinstance(one, Scaled) else 1.0
    return ends[0][0] / ends[1][1] * per, ends[0][1] / ends[1][0] * per


def _change(ends: Sequence[Ends], _: Made | Pair) -> Ends:
    """Change in percent; the later figure comes first, as in a ratio."""
    return (ends[0][0] / ends[1][1] - 1) * HUNDRED, (ends[0][1] / ends[1][0] - 1) * HUNDRED


def _part(ends: Sequence[Ends], _: Made | Pair) -> Ends:
    return _exact(ends[0][0] * ends[1][0] / HUNDRED), _exact(ends[0][1] * ends[1][1] / HUNDRED)


def _bounds(ends: Sequence[Ends], _: Made | Pair) -> Ends:
    return max(low for low, _high in ends), _exact(math.fsum(high for _low, high in ends))


_OPERATIONS: dict[str, Callable[[Sequence[Ends], Made | Pair], Ends]] = {
    "sum": _sum,
    "difference": _difference,
    "product": _product,
    "ratio": _ratio,
    "change": _change,
    "part": _part,
    "bounds": _bounds,
}


def _exact(number: float) -> float:
    """Take the last binary digits off an operation on decimals."""
    return float(f"{number:.12g}")


def _divisible(figures: Sequence[Figure]) -> Refusal | None:
    divisor = figures[1]
    return Refusal("zero", divisor.name) if divisor.ends is not None and 0 in divisor.ends else None


def _percentage(figures: Sequence[Figure]) -> Refusal | None:
    return None if figures[0]["unit"] == PERCENT else Refusal("not_percent", figures[0].name)


def _alike(figures: Sequence[Figure]) -> bool:
    return len({figure.period for figure in figures}) == 1


def _common(figures: Sequence[Figure], column: str) -> Any:
    values = {figure[column] for figure in figures}
    return next(iter(values)) if len(values) == 1 else None


_UNITS = {"product": "count", "ratio": "ratio", "change": "percent_change"}
"""Units of what is in no unit of its figures."""


def _unit(operation: str, figures: Sequence[Figure]) -> Any:
    if operation in _UNITS:
        return _UNITS[operation]
    return figures[1]["unit"] if operation == "part" else _common(figures, "unit")


def _comparator(operation: str, figures: Sequence[Figure], low: float, high: float) -> str:
    """Say how the result is to be read: as loosely as the loosest of its figures."""
    words = {figure["comparator"] for figure in figures}
    if low != high:
        return RANGE
    for bound in (AT_LEAST, AT_MOST):
        # Only what grows with every figure stays a bound; a quotient of two lower bounds can lie on either side.
        if bound in words and words <= {bound, EXACT} and operation in ("sum", "product", "part"):
            return bound
    return EXACT if words == {EXACT} else APPROX
