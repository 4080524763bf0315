"""An analyst's query: rows, no rows, no result, and DuckDB's own words when it cannot be run."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from schemas.errors import KinscaleError
from warehouse import query


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "results.duckdb"
    connection = duckdb.connect(str(path))
    connection.execute("CREATE TABLE t AS SELECT 'KZ' AS country, 1.5 AS estimate UNION ALL SELECT 'KG', NULL")
    connection.close()
    return path


def test_rows_come_as_mappings_and_as_a_drawing(file: Path) -> None:
    with query.run(file, "FROM t ORDER BY country") as answer:
        assert answer.records() == [{"country": "KG", "estimate": None}, {"country": "KZ", "estimate": 1.5}]
    with query.run(file, "FROM t") as answer:
        assert "country" in answer.drawn(120)


def test_no_rows_are_an_empty_answer(file: Path) -> None:
    with query.run(file, "FROM t WHERE country = 'UZ'") as answer:
        assert answer.records() == []


def test_a_statement_without_an_answer_has_none(file: Path) -> None:
    with query.run(file, "SET threads = 1") as answer:
        assert answer.records() == []
        assert answer.drawn(80) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT nothing FROM t", "nothing"),
        ("SELEC 1", "syntax error"),
        ("FROM t WHERE estimate > 'x'", "x"),
        ("DELETE FROM t", "read-only"),
    ],
)
def test_duckdbs_own_words_are_kept(file: Path, text: str, words: str) -> None:
    with pytest.raises(KinscaleError, match=words) as caught, query.run(file, text) as answer:
        answer.records()
    assert "SHOW TABLES" in str(caught.value)
