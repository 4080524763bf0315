"""Days and periods: whether a date exists, lies where it can, is the same in two places; whether periods align."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from estimators.reconciliation.finding import DIFFERS, HOLDS, UNDECIDABLE, Outcome
from estimators.reconciliation.selection import Selection
from schemas.finding_messages import Told
from schemas.reconciliation_kinds import Dates, Period

_WRITTEN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True)
class Span:
    """The days that a date can mean: one, or those of its month or year."""

    first: date
    last: date


def span(text: str) -> Span | None:
    """Return the days that YYYY, YYYY-MM or YYYY-MM-DD means, or None if there is no such day."""
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return None
    year, month, day = (int(part) if part else None for part in written.groups())
    if not year or (month is not None and not 1 <= month <= 12):
        return None
    if month is None:
        return Span(date(year, 1, 1), date(year, 12, 31))
    length = calendar.monthrange(year, month)[1]
    if day is None:
        return Span(date(year, month, 1), date(year, month, length))
    return Span(date(year, month, day), date(year, month, day)) if 1 <= day <= length else None


def _judged(wording: str, day: Span, bound: Span) -> tuple[bool | None, int]:
    """Tell whether a day keeps to a bound, None where both are too coarse to tell, and how many days it is off."""
    if wording == "not_before":
        kept = True if day.first >= bound.first else None
        return (False, (day.last - bound.first).days) if day.last < bound.first else (kept, 0)
    if wording == "not_after":
        kept = True if day.last <= bound.last else None
        return (False, (day.first - bound.last).days) if day.first > bound.last else (kept, 0)
    if wording == "before":
        kept = True if day.last < bound.first else None
        return (False, (day.first - bound.first).days) if day.first >= bound.first else (kept, 0)
    apart = day.first > bound.last or day.last < bound.first
    return (True if day == bound else False if apart else None), (bound.first - day.first).days


def dates(rule: Dates, figures: Selection) -> Outcome:
    """A day against the bounds that are declared; the first that it does not keep to is told."""
    text = figures.text("date", rule.date)
    day = span(text)
    if day is None:
        return Outcome(DIFFERS, "impossible", unit="days", told={"date": text})
    coarse = None
    for wording in ("not_before", "not_after", "before", "same_as"):
        declared = getattr(rule, wording)
        if declared is None:
            continue
        bound_text = figures.text(wording, declared)
        bound = span(bound_text)
        told: dict[str, Told] = {"date": text, "bound": bound_text}
        if bound is None:
            return Outcome(DIFFERS, "impossible", unit="days", told={"date": bound_text})
        kept, off = _judged(wording, day, bound)
        if kept is False and abs(off) > (rule.tolerance or -1):
            return Outcome(DIFFERS, wording, difference=float(off), tolerance=rule.tolerance, unit="days", told=told)
        if kept is None:
            coarse = coarse or Outcome(UNDECIDABLE, "precision", unit="days", told=told)
    return coarse or Outcome(HOLDS, HOLDS, unit="days", told={"date": text})


def period(rule: Period, figures: Selection) -> Outcome:
    """Periods of figures that are set against each other."""
    import pandas as pd

    numbers = [number for number in figures.several("figures", rule.figures) if number.row is not None]
    figures.column("start", rule.start), figures.column("end", rule.end)
    unknown, periods = [], []
    for number in numbers:
        cells = [(number.row or {})[name] for name in (rule.start, rule.end)]
        if any(pd.isna(cell) for cell in cells):
            unknown.append(number.name)
        else:
            texts = [str(cell.date()) if hasattr(cell, "date") else str(cell) for cell in cells]
            periods.append("–".join(dict.fromkeys(texts)))
    distinct = sorted(set(periods))
    told: dict[str, Told] = {"periods": distinct, "count": len(distinct), "records": unknown}
    if len(distinct) > 1:
        return Outcome(DIFFERS, DIFFERS, 1, len(distinct), len(distinct) - 1, unit="periods", told=told)
    if unknown or not distinct:
        return Outcome(UNDECIDABLE, "unknown", told=told)
    return Outcome(HOLDS, HOLDS, 1, 1, 0, unit="periods", told=told)
