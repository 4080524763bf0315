"""The cookbook: every query on the page gives what the page shows, on the two releases that it is about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows import cookbook
from warehouse import query, release_names
from warehouse.home import Home

PAGE = cookbook.PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A data folder with the two releases that the page names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_THREADS", "1")
        return cookbook.releases(PAGE, tmp_path_factory.mktemp("cookbook"))


def test_every_query_gives_what_the_page_shows(home: Home) -> None:
    found = list(cookbook.answers(PAGE, home))
    assert [(text, shown) for text, shown, _ in found] == [(text, given) for text, _, given in found], (
        "docs/cookbook.md is stale: .venv/bin/python -m flows.cookbook"
    )


def test_the_page_has_twenty_questions_and_each_is_answered() -> None:
    questions = re.split(r"^### (?=\d+\. )", PAGE.partition("\n## Views and macros")[0], flags=re.MULTILINE)[1:]
    assert [int(question.partition(".")[0]) for question in questions] == list(range(1, 21))
    for question in questions:
        assert "```sql" in question
        assert "\n```text\n┌" in question, question[:60]
    blocks = re.findall(r"^```(?:sql|python)\n", PAGE, flags=re.MULTILINE)
    answered = re.findall(r"^```\n\n```text\n", PAGE, flags=re.MULTILINE)
    assert len(blocks) == len(answered)


def test_what_stands_below_the_correction_asks_the_second_release(home: Home) -> None:
    first, second = (release_names.find(home, name).database for name in ("r1", "r2"))
    with query.run(first, "SELECT count(*) AS n FROM revisions") as answer:
        assert answer.records() == [{"n": 0}]
    with query.run(second, "SELECT DISTINCT reason_code FROM revisions") as answer:
        assert answer.records() == [{"reason_code": "correction"}]


def test_a_wrong_answer_is_seen_and_put_right(home: Home) -> None:
    wrong = "```sql\nSELECT 1 AS one;\n```\n\n```text\n2\n```\n"
    assert [(shown, given.count("1")) for _, shown, given in cookbook.answers(wrong, home)] == [("2\n", 1)]
    assert "│     1 │" in cookbook.renewed(wrong, home)


def test_rates_by_head_are_those_of_estimates_and_hidden_together(home: Home) -> None:
    """The macro pairs rows; the numbers must be those of the table, and none may show what the other hides."""
    asked = """
    SELECT count(*) AS cells, count(c.per_1000_families) AS shown,
           bool_and(c.visibility = visibility(p.estimate, p.conf_status)) AS agree,
           bool_and(c.per_1000_population IS NOT DISTINCT FROM p.estimate) AS same
    FROM per_capita() AS c JOIN estimates AS p ON p.release_id = (FROM latest_release)
     AND p.indicator = 'victims_per_1000_population' AND p.method = 'design' AND p.period = 'annual'
     AND p.level = c.level
     AND p.country IS NOT DISTINCT FROM c.country AND p.region IS NOT DISTINCT FROM c.region
     AND p.exploitation = c.exploitation AND p.location = c.location AND p.sex = c.sex
    """
    rows = """SELECT count(*) AS n FROM estimates WHERE indicator = 'victims_per_1000_families' AND method = 'design'
              AND release_id = (FROM latest_release)"""
    database: Path = release_names.find(home, "r2").database
    with query.run(database, asked) as answer:
        (told,) = answer.records()
    with query.run(database, rows) as answer:
        assert told["cells"] == answer.records()[0]["n"]
    assert 0 < told["shown"] < told["cells"]
    assert told["agree"]
    assert told["same"]
