"""An analyst's query: rows, no rows, no result, and DuckDB's own words when it cannot be run."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
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


def test_a_hidden_number_is_drawn_as_hidden(file: Path) -> None:
    cells = "('KG', NULL::DOUBLE, 'C'), ('KZ', NULL, 'N'), ('TJ', NULL, 'F'), ('UZ', 2.5, 'F')"
    asked = f"SELECT * FROM (VALUES {cells}) AS t(country, estimate, conf_status)"
    with query.run(file, asked) as answer:
        rows = {line.split("│")[1].strip(): line.split("│")[2].strip() for line in answer.drawn(120).splitlines()[4:8]}
        assert rows == {"KG": "hidden", "KZ": "not for publication", "TJ": "NULL", "UZ": "2.5"}
        assert answer.unexplained == 0
    with query.run(file, "SELECT NULL::DOUBLE AS estimate, 'hidden' AS visibility") as answer:
        assert "│ hidden   │ hidden     │" in answer.drawn(120)


@pytest.mark.parametrize("read", [lambda a: a.drawn(80), lambda a: a.records(), lambda a: a.write_csv(io.StringIO())])
def test_unexplained_numbers_are_counted(file: Path, read: Callable[[query.Answer], object]) -> None:
    with query.run(file, "FROM t") as answer:  # one of the two estimates is missing
        read(answer)
        assert answer.unexplained == 1


def test_csv_keeps_text_text_and_numbers_numbers(file: Path) -> None:
    """The apostrophe is written by hand, as docs/security.md names it."""
    asked = "SELECT '=1+1' AS a, -1.5::DOUBLE AS b, NULL AS \"@c\", true AS d, ['=x'] AS e, 'a,b' AS f"
    with query.run(file, asked) as answer:
        out = io.StringIO()
        answer.write_csv(out)
    assert out.getvalue() == 'a,b,\'@c,d,e,f\n\'=1+1,-1.5,,true,"[""=x""]","a,b"\n'


def test_json_holds_numbers_a_program_can_read(file: Path) -> None:
    with query.run(file, "SELECT 1.5 AS a, 'nan'::DOUBLE AS b, 'inf'::DOUBLE AS c, DATE '2009-10-01' AS d") as answer:
        out = io.StringIO()
        answer.write_json(out)
    assert json.loads(out.getvalue()) == [{"a": 1.5, "b": None, "c": None, "d": "2009-10-01"}]


def test_parquet_holds_the_rows(file: Path, tmp_path: Path) -> None:
    with query.run(file, "FROM t ORDER BY country") as answer:
        answer.write_parquet(tmp_path / "t.parquet")
    assert duckdb.read_parquet(str(tmp_path / "t.parquet")).fetchall()[0] == ("KG", None)
    with pytest.raises(KinscaleError, match="no answer"), query.run(file, "SET threads = 1") as answer:
        answer.write_parquet(tmp_path / "none.parquet")


def test_statements_are_answered_one_after_the_other(file: Path) -> None:
    asked = "SET VARIABLE x = 2; SELECT getvariable('x') AS x; FROM t LIMIT 0;"
    with query.session(file) as session:
        answers = [answer.records() for answer in session.answers(asked)]
    assert answers == [[], [{"x": 2}], []]


def test_the_clock_of_a_session_is_utc(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tashkent")
    with query.run(file, "SELECT current_setting('TimeZone') AS zone") as answer:
        assert answer.records() == [{"zone": "UTC"}]
