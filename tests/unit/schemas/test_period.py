"""Periods as spans of days, against the calendar."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.errors import SelectionUnknown
from schemas.period import lies_within, span


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2009", "2009-01-01", "2009-12-31"),
        ("2009-02", "2009-02-01", "2009-02-28"),
        ("2008-02", "2008-02-01", "2008-02-29"),
        ("2009-12", "2009-12-01", "2009-12-31"),
        ("2009-07-15", "2009-07-15", "2009-07-15"),
        ("2009-Q1", "2009-01-01", "2009-03-31"),
        ("2009-Q4", "2009-10-01", "2009-12-31"),
        ("2009-S2", "2009-07-01", "2009-12-31"),
        ("2009-T2", "2009-05-01", "2009-08-31"),
        ("2009-W01", "2008-12-29", "2009-01-04"),  # ISO 8601: the week with the year's first Thursday
        ("2009-W53", "2009-12-28", "2010-01-03"),
    ],
)
def test_a_period_is_a_span_of_days(period: str, first: str, last: str) -> None:
    assert span(period) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "period", ["", "09", "2009-13", "2009-Q5", "2009-T4", "2009-S3", "2009-02-30", "2010-W53", "2009/1"]
)
def test_what_is_no_period_is_refused_with_what_is_one(period: str) -> None:
    with pytest.raises(SelectionUnknown, match="2009-Q3"):
        span(period)


@pytest.mark.parametrize(
    ("period", "first", "last", "inside"),
    [
        ("2009", None, None, True),
        ("2009", "2009", "2009", True),
        ("2009", "2009-02", None, False),  # it begins in January
        ("2009", None, "2009-Q3", False),  # it ends in December
        ("2009", "2008-Q4", "2010-01", True),
        ("2009-07", "2009-Q3", "2009-Q3", True),
        ("2009-07", "2009-08", "2010", False),
        ("2009-Q3", "2009-07-01", "2009-09-30", True),
        ("2009-Q3", "2009-07-02", "2009-09-30", False),
    ],
)
def test_a_period_lies_in_a_range_with_all_its_days(
    period: str, first: str | None, last: str | None, inside: bool
) -> None:
    assert lies_within(period, first, last) is inside
