"""great_expectations' own pages: what it would write itself of the same results, less every value that it looked at."""

from __future__ import annotations

import html
import logging
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import yaml

from flows import direct
from reports.site.data_docs_files import TEMPLATES
from schemas import declaration, instrument
from schemas.expectation import Finding, Validation
from tests import small_survey
from warehouse import checkpoint, data_docs
from warehouse.build import Warehouse
from warehouse.home import Home

RUN = data_docs.Run("s-2009-r1", datetime(2026, 11, 22, 13, 59, 28))
POISON, NUMBER = "Poison-7f3-Street", 918273.5
TOLD: list[tuple[str, dict[str, Any]]] = [
    ("expect_column_values_to_be_in_set", {"column": "text", "value_set": ["x"]}),
    ("expect_column_distinct_values_to_contain_set", {"column": "text", "value_set": ["x"]}),
    ("expect_column_distinct_values_to_be_in_set", {"column": "text", "value_set": ["x"]}),
    ("expect_column_distinct_values_to_equal_set", {"column": "number", "value_set": [1]}),
    ("expect_column_most_common_value_to_be_in_set", {"column": "text", "value_set": ["x"]}),
    ("expect_column_values_to_match_regex", {"column": "text", "regex": "^x$"}),
    ("expect_column_values_to_be_unique", {"column": "text"}),
    ("expect_column_values_to_be_null", {"column": "text"}),
    ("expect_column_values_to_be_between", {"column": "number", "max_value": 1}),
    ("expect_column_max_to_be_between", {"column": "number", "max_value": 1}),
    ("expect_column_mean_to_be_between", {"column": "number", "max_value": 1}),
    ("expect_column_sum_to_be_between", {"column": "number", "max_value": 1}),
    ("expect_column_median_to_be_between", {"column": "number", "max_value": 1}),
    ("expect_column_pair_values_to_be_equal", {"column_A": "text", "column_B": "other"}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["text", "number"]}),
    ("expect_multicolumn_sum_to_equal", {"column_list": ["number", "number"], "sum_total": 1}),
    ("expect_column_mean_to_be_between", {"column": "object", "max_value": 1}),  # pandas quotes what it cannot add
    ("expect_column_values_to_be_between", {"column": "text", "max_value": 1}),
]
"""Expectations that all fail on `poisoned`, each in another way in which great_expectations tells what it saw."""


def poisoned() -> pd.DataFrame:
    """Return two equal rows, in which every cell is one that nobody may read."""
    row = {"text": POISON, "other": f"{POISON} 2", "number": NUMBER}
    return pd.DataFrame([row, row]).assign(object=pd.Series([POISON, POISON], dtype=object))


def validate(folder: Path, frame: pd.DataFrame, told: list[tuple[str, dict[str, Any]]]) -> Validation:
    """Run one suite, written into a folder, on a result table."""
    listed = [{"type": kind, "kwargs": kwargs, "meta": {"why": "a test"}} for kind, kwargs in told]
    suite = {"name": "regions", "meta": {"about": "a test"}, "expectations": listed}
    (folder / "regions.yaml").write_text(yaml.safe_dump(suite), encoding="utf-8")
    (folder / "regions.sql").write_text("SELECT * FROM regions", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "SUITES", folder)
        patch.setattr(checkpoint, "_result", lambda *_: frame)  # DuckDB would make texts of objects
        (found,) = checkpoint.run(Warehouse(duckdb.connect()), {"regions": frame}, instrument.find("family_survey"), {})
    return found


def page(validation: Validation) -> str:
    """Return its page as great_expectations writes it."""
    return data_docs.pages([validation], RUN, TEMPLATES)[validation.suite]


def rows(text: str) -> list[list[str]]:
    """Return the cells of every row of a page's tables as one reads them."""
    found = re.findall(r"(?s)<tr>(.*?)</tr>", text)
    cells = [re.findall(r"(?s)<td[^>]*>(.*?)</td>", row) for row in found]
    return [[html.unescape(" ".join(re.sub(r"<[^>]+>", " ", cell).split())) for cell in row] for row in cells if row]


def test_no_value_of_any_row_is_written_whatever_fails(tmp_path: Path) -> None:
    found = validate(tmp_path, poisoned(), TOLD)
    assert [finding.type for finding in found.findings if finding.success] == []
    kept = repr(found.as_record())
    written = page(found)
    for text in (kept, written):
        assert "Poison" not in text
        assert "918273" not in text and "918,273" not in text
    assert written.count("fa-times") + written.count("fa-exclamation-triangle") == len(TOLD) + 1  # one for the suite


def test_an_error_that_quotes_a_value_is_withheld_and_another_is_told(tmp_path: Path) -> None:
    absent: tuple[str, dict[str, Any]] = ("expect_column_values_to_be_unique", {"column": "absent"})
    found = validate(tmp_path, poisoned(), [TOLD[-2], absent])
    with pytest.raises(TypeError, match=POISON):  # what great_expectations was told
        poisoned()["object"].mean()
    assert [finding.error for finding in found.findings] == [
        checkpoint.WITHHELD,
        'Error: The column "absent" in BatchData does not exist.',
    ]
    assert html.escape(checkpoint.WITHHELD, quote=False) in page(found)


@pytest.fixture
def live(survey: Path, home: Home, all_suites: None) -> list[Any]:
    """Run a night with every suite; return what great_expectations itself found, before it is cut down to counts."""
    seen: list[Any] = []
    kept = checkpoint._finding

    def finding(result: Any, frame: pd.DataFrame) -> Finding:
        seen.append(result)
        return kept(result, frame)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "_finding", finding)
        direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info)
    return seen


def test_the_pages_are_those_that_the_live_results_give(
    live: list[Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The other side is rendered by great_expectations from the objects that its own checkpoint returned."""
    findings = tuple(checkpoint._finding(result, pd.DataFrame()) for result in live)
    together = Validation("together", "every suite of the night", "", 2, findings)  # two files, the one row count
    ours = page(together)
    results = iter(live)
    monkeypatch.setattr(data_docs, "_one", lambda *_: next(results))
    assert len(findings) > 60
    assert len([row for row in rows(ours) if len(row) == 3]) == len(findings)
    assert rows(ours) == rows(page(together))
    assert caplog.records == []


def test_what_is_written_is_text_and_the_same_each_time() -> None:
    kwargs = {"column": "a", "regex": "(?<!x)$y"}
    failed = Finding("expect_column_values_to_match_regex", kwargs, "why", "warning", False, {}, "e<r>r $x")
    met = replace(failed, success=True, error="", counts={"element_count": 5, "unexpected_percent": 0.0})
    told = Validation("loads", "about", "SELECT 1", 5, (failed, met))
    written = page(told)
    assert "e&lt;r&gt;r $x" in written and "(?&lt;!x)$y" in written
    assert "<r>" not in written
    assert data_docs.NO_TRACEBACK in written
    assert "Validations / loads / loads / s-2009-r1 / 2026-11-22T13:59:28Z" in written
    assert page(told) == written


def test_a_row_count_is_a_count_and_shown() -> None:
    kwargs = {"min_value": 1}
    found = Finding("expect_table_row_count_to_be_between", kwargs, "why", "critical", True)
    assert rows(page(Validation("loads", "about", "", 12345, (found,))))[-1][2] == "12345"
