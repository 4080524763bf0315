"""Periods as SDMX writes them (2009, 2009-07, 2009-Q3, ...) as spans of days, and whether one lies in a range."""

from __future__ import annotations

import re
from datetime import date, timedelta

from schemas.errors import SelectionUnknown

_FORM = re.compile(r"(\d{4})(?:-(?:(\d\d)(?:-(\d\d))?|([QSTW])(\d\d?)))?")
_MONTHS = {"Q": 3, "T": 4, "S": 6}
_EXPECTED = "a period as surveys write it: 2009, 2009-07, 2009-07-15, 2009-Q3, 2009-S1, 2009-T2 or 2009-W31"


def span(period: str) -> tuple[date, date]:
    """Return the first and the last day of a period. Raises SelectionUnknown for anything else.

    Quarters (Q), terms of four months (T) and halves (S) are of the calendar year; weeks (W) are those of ISO 8601.
    """
    found = _FORM.fullmatch(period)
    if found is None:
        raise SelectionUnknown(f'"{period}" is no period.', expected=_EXPECTED)
    year, month, day, kind, number = found.groups()
    try:
        if kind == "W":
            first = date.fromisocalendar(int(year), int(number), 1)
            return first, first + timedelta(days=6)
        if day:
            only = date(int(year), int(month), int(day))
            return only, only
        length = _MONTHS[kind] if kind else 1 if month else 12
        start = (int(number) - 1) * length + 1 if kind else int(month or 1)
        return date(int(year), start, 1), _month_after(int(year), start + length - 1) - timedelta(days=1)
    except ValueError as error:
        raise SelectionUnknown(f'"{period}" is no period: {error}.', expected=_EXPECTED) from error


def lies_within(period: str, first: str | None, last: str | None) -> bool:
    """Tell whether a period begins no earlier than `first` begins and ends no later than `last` ends; None is open."""
    begins, ends = span(period)
    return (first is None or begins >= span(first)[0]) and (last is None or ends <= span(last)[1])


def _month_after(year: int, month: int) -> date:
    return date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
