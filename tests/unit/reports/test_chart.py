"""A chart refuses rows that would be drawn as what they are not, and hands over text that does no harm."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
import pytest

from reports.site.chart import STATUSES, Chart, Column, Reference, cell, status_of

COLUMNS = (
    Column("label", "Country", "text"),
    Column("value", "Estimate", "whole"),
    Column("status", "Reliability", "status"),
)
ROW: dict[str, Any] = {"label": "Kazakhstan", "value": 100.0, "low": 90.0, "high": 110.0, "n": 60, "status": "publish"}
HIDDEN: dict[str, Any] = {"label": "Kyrgyzstan", "value": None, "low": None, "high": None, "n": 9, "status": "hidden"}
EMPTY = {"value": None, "low": None, "high": None}
WORDS = {status: status.upper() for status in STATUSES}


def chart(*rows: dict[str, Any], kind: Any = "forest", **more: Any) -> Chart:
    given = {"unit": "persons", "n": 60, "confidence": 0.95, "columns": COLUMNS, **more}
    return Chart("victims", kind, "Victims", rows=rows or (ROW,), **given)


def test_json_has_the_rows_as_they_are() -> None:
    drawn = json.loads(chart(ROW, HIDDEN, reference=Reference(95.0, "printed")).as_json())
    assert drawn["rows"] == [ROW, HIDDEN]
    assert drawn["form"] == "whole"
    assert drawn["reference"] == {"value": 95.0, "label": "printed"}


def test_json_ends_no_script_element() -> None:
    text = chart({**ROW, "label": "</script><b>&\u2028"}).as_json()
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text)["rows"][0]["label"] == "</script><b>&\u2028"


def test_numbers_of_numpy_and_nan_become_plain() -> None:
    (row,) = chart({**HIDDEN, "value": np.float64("nan"), "n": np.int64(9)}).rows
    assert row["value"] is None
    assert type(row["n"]) is int


def test_csv_keeps_numbers_leaves_hidden_ones_empty_and_says_why() -> None:
    rows = list(csv.reader(io.StringIO(chart(ROW, HIDDEN).csv_text(WORDS))))
    assert rows[0] == ["Country", "Estimate", "Reliability"]
    assert rows[1:] == [["Kazakhstan", "100.0", "PUBLISH"], ["Kyrgyzstan", "", "HIDDEN"]]


def test_csv_holds_no_formula() -> None:
    assert "'=1+1" in chart({**ROW, "label": "=1+1"}).csv_text(WORDS)
    assert json.loads(chart({**ROW, "label": "=1+1"}).csv_json(WORDS)).splitlines()[1].startswith("'=1+1,")


@pytest.mark.parametrize(
    ("conf_status", "reliability", "value", "status"),
    [
        ("F", "publish", 1.0, "publish"),
        ("F", "caution", 1.0, "caution"),
        ("F", "suppress", 1.0, "suppress"),
        ("F", float("nan"), 1.0, "caution"),
        ("C", None, float("nan"), "hidden"),
        ("D", None, float("nan"), "hidden"),
        ("N", None, float("nan"), "no_limits"),
        ("F", None, float("nan"), "no_limits"),
    ],
)
def test_a_cell_of_a_release_has_one_status(conf_status: str, reliability: Any, value: float, status: str) -> None:
    assert status_of(conf_status, reliability, value) == status


def test_a_row_of_a_chart_from_a_row_of_a_release() -> None:
    shown = {"estimate": 100.0, "ci_low": 90.0, "ci_high": 110.0, "n_respondents": np.int64(60)}
    assert cell({**shown, "conf_status": "F", "reliability": "publish"}) == {
        key: value for key, value in ROW.items() if key != "label"
    }
    assert cell({**shown, "conf_status": "D", "reliability": None}) == {**EMPTY, "n": 60, "status": "hidden"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**HIDDEN, "value": 0.0}, "contradict"),
        ({**ROW, "value": None}, "contradict"),
        ({**HIDDEN, "high": 3.0}, "limits of a number that is not shown"),
        ({**ROW, "low": 101.0}, "not within its limits"),
        ({**ROW, "status": "good"}, 'no status "good"'),
        ({**ROW, "label": ""}, "label missing"),
    ],
)
def test_a_row_that_would_mislead_is_refused(row: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        chart(row)


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("pie", {}, 'no kind "pie"'),
        ("map", {}, "needs shapes"),
        ("forest", {"confidence": None}, "with which confidence"),
        ("forest", {"unit": ""}, "its unit"),
    ],
)
def test_a_chart_that_says_too_little_is_refused(kind: str, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        chart(kind=kind, **more)


def test_n_stands_on_the_chart_or_on_every_row() -> None:
    chart(ROW, n=None)
    with pytest.raises(ValueError, match="number of interviews"):
        chart({key: value for key, value in ROW.items() if key != "n"}, n=None)


def test_one_mark_has_one_row() -> None:
    with pytest.raises(ValueError, match="two rows for"):
        chart(ROW, ROW)


def test_headings_stand_over_all_rows_or_none() -> None:
    with pytest.raises(ValueError, match="under a heading"):
        chart({**ROW, "group": "Inside"}, HIDDEN)


def test_more_series_than_colours_are_refused() -> None:
    rows = [{**ROW, "series": str(number)} for number in range(8)]
    chart(*rows[:7], kind="dots")
    with pytest.raises(ValueError, match="more than 7 series"):
        chart(*rows, kind="dots")


def test_shares_are_parts_of_one() -> None:
    part = {"label": "Kazakhstan", "n": 60, "status": "publish"}
    chart({**part, "series": "women", "value": 0.4}, {**part, "series": "men", "value": 0.6}, kind="bars")
    with pytest.raises(ValueError, match=r"add up to 1\.100"):
        chart({**part, "series": "women", "value": 0.5}, {**part, "series": "men", "value": 0.6}, kind="bars")
