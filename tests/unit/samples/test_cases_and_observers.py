"""Reconstructions of cases and of other observers: their sums are the printed ones, their files what is written."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from samples.kyrgyzstan_case_funnel_2018_2020 import intakes, register
from samples.kyrgyzstan_local_government_2009 import officials
from samples.kyrgyzstan_ngo_survey_2009 import organisations

SURVEYS = Path(__file__).parents[3] / "surveys"


@pytest.mark.parametrize(
    "survey",
    ["kyrgyzstan_case_funnel_2018_2020", "kyrgyzstan_ngo_survey_2009", "kyrgyzstan_local_government_2009"],
)
def test_the_files_of_the_survey_are_what_the_builder_writes(survey: str, tmp_path: Path) -> None:
    written = importlib.import_module(f"samples.{survey}").write(tmp_path)
    assert written
    raw = SURVEYS / survey / "raw"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in raw.iterdir())
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (raw / path.name).read_bytes()


def test_the_funnel_has_the_printed_counts() -> None:
    # M-Vector (2021), executive summary: 355 people, 18 organisations, 55 crimes, 31 discontinued, 24 to court.
    people = intakes()
    assert (len(people), len({row["organisation"] for row in people}), len({row["key"] for row in people})) == (
        355,
        18,
        355,
    )
    assert (people[0]["came_on"], people[-1]["came_on"]) == ("2018-01-01", "2020-11-30")
    stages = [(row["что учтено"], row["исход"]) for row in register()]
    assert {stage: stages.count(stage) for stage in set(stages)} == {
        ("преступление", ""): 55,
        ("производство", "прекращено"): 31,
        ("дело", "направлено в суд"): 24,
    }


def test_nothing_is_invented_that_was_not_printed() -> None:
    assert {row[name] for row in intakes() for name in ("sex", "age_recruited", "age_now", "went_to_police")} == {""}
    assert {row[name] for row in register() for name in ("статья при регистрации", "статья ныне", "дата исхода")} == {
        ""
    }
    assert {row["ТЭ за рубежом, всего"] for row in organisations()} == {""}
    assert {row["за последние 3 года"] for row in officials()} == {""}


def test_organisations_report_the_printed_sums() -> None:
    # IOM and RCMRI (2010), 2.2.6: 29 organisations of seven oblasts, 617 cases by sector and by period.
    rows = organisations()
    sectors = ["сельское хозяйство", "строительство", "домохозяйства", "сексуальные услуги"]
    assert (len(rows), len({row["область"] for row in rows})) == (29, 7)
    assert [sum(int(row[name]) for row in rows) for name in sectors] == [333, 185, 80, 19]
    assert [sum(int(row[name]) for row in rows) for name in ("за последние 3 года", "ранее")] == [392, 225]
    for row in rows:
        assert sum(int(row[name]) for name in sectors) == int(row["за последние 3 года"]) + int(row["ранее"])
        assert int(row["ранее"]) >= 0
    assert sum(int(row["лет работы"]) >= 3 for row in rows) * 3 >= 2 * 29


def test_officials_report_the_printed_sums() -> None:
    # IOM and RCMRI (2010), 2.2.6: 86 officials, 52 know of cases, 692 cases, 564 men.
    rows = officials()
    knowing = [row for row in rows if row["1. знает о случаях"] == "a"]
    assert (len(rows), len(knowing)) == (86, 52)
    assert [sum(int(row[name]) for row in knowing) for name in ("2. всего", "2. мужчины")] == [692, 564]
    assert all(int(row["2. всего"]) == int(row["2. женщины"]) + int(row["2. мужчины"]) for row in knowing)
    assert {row["2. всего"] for row in rows if row not in knowing} == {""}
