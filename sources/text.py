"""How a stored number, day or truth value is written as text: as a person would read it, exactly."""

from __future__ import annotations

import datetime
from decimal import Decimal

EXACT = 2**53
"""Whole numbers beyond this are not exact in a double."""


def of_number(value: float) -> str:
    """Write 13.0 as "13", 12.5 as "12.5" and 1e22 without an exponent; never more digits than are stored."""
    if value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    return format(Decimal(repr(value)), "f") if value - value == 0 else repr(value)


def of_moment(value: datetime.datetime) -> str:
    """Write a date and time as ISO text; midnight is left out: formats store a plain day as one."""
    midnight = value.hour == value.minute == value.second == value.microsecond == 0
    return value.date().isoformat() if midnight else value.isoformat()


def of_span(value: int, unit: int) -> str:
    """Write a length of time as hours, minutes and seconds: 36:00:00. unit: how many of `value` make a second."""
    seconds, rest = divmod(abs(value), unit)
    fraction = f".{rest:0{len(str(unit)) - 1}d}".rstrip("0") if rest else ""
    return f"{'-' if value < 0 else ''}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


def of(value: object) -> str:
    """Write one stored value as text. A truth value is TRUE or FALSE, as spreadsheets show it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return of_number(float(value))
    if isinstance(value, datetime.date | datetime.time):
        return of_moment(value) if isinstance(value, datetime.datetime) else value.isoformat()
    if isinstance(value, datetime.timedelta):
        return of_span(value // datetime.timedelta(microseconds=1), 10**6)
    return str(value)


def said(error: BaseException) -> str:
    """Return what a library says, as a quotation: it may hold text of a cell, which is not shown of personal files."""
    lines = str(error).splitlines() or [type(error).__name__]
    return '"' + lines[0][:200].replace('"', "'") + '"'
