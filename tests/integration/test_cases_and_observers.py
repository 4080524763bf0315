"""Nights of the registers of cases and of the observers beside the family survey: bundled ones, and an invented one."""

from __future__ import annotations

import logging
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

from flows import direct
from flows.night import Outcome
from schemas import declaration, instrument
from schemas.errors import DeclarationError
from tasks import declaration_check
from tests.small_survey import write_rows
from warehouse import build
from warehouse.home import Home

BUNDLED = {
    "kyrgyzstan_case_funnel_2018_2020": (465, 52),
    "kyrgyzstan_ngo_survey_2009": (29, 13),
    "kyrgyzstan_local_government_2009": (86, 5),
}
"""Records, and printed numbers: 355 + 55 + 31 + 24, 29 organisations, 86 officials; lines of published.csv."""
SAY = logging.getLogger("test").info


def run(survey: str, home: Home) -> Outcome:
    outcome = direct.run(declaration.load(survey), home, SAY)
    assert outcome.exit_code == 0
    return outcome


def table(outcome: Outcome, name: str) -> pd.DataFrame:
    assert outcome.release is not None
    with duckdb.connect(outcome.release.folder / "results.duckdb", read_only=True) as connection:
        return connection.sql(f"SELECT * FROM {name}").df()


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    home = Home(tmp_path_factory.mktemp("home"))
    return {survey: run(survey, home) for survey in BUNDLED}


FINDINGS = {
    "kyrgyzstan_case_funnel_2018_2020": {
        "every_intake_has_its_own_key": "holds",
        "one_unit": "differs",  # persons, crimes, proceedings, cases
        "outcomes_leave_some_pending": "differs",  # 31 + 24 = 55
        "periods_align": "undecidable",  # which of the counts ends in November 2020 is not printed
    },
    "kyrgyzstan_ngo_survey_2009": {"respondents_of_the_last_3_years": "differs"},
    "kyrgyzstan_local_government_2009": {},
}
"""Rules and their verdicts, of two surveys those that do not hold: section 2.7 (003) of the study's list of faults."""


@pytest.mark.parametrize("survey", BUNDLED)
def test_what_does_not_agree_is_found(survey: str, bundled: dict[str, Outcome]) -> None:
    found = table(bundled[survey], "findings").set_index("finding")["verdict"].to_dict()
    expected = FINDINGS[survey]
    assert found
    assert {name: found[name] for name in expected} == expected
    assert [name for name, verdict in found.items() if verdict != "holds" and name not in expected] == []


@pytest.mark.parametrize("survey", BUNDLED)
def test_every_printed_number_is_reproduced_and_no_record_is_lost(survey: str, bundled: dict[str, Outcome]) -> None:
    records, printed = BUNDLED[survey]
    loads = bundled[survey].loads
    assert (sum(load.rows_accepted for load in loads), sum(load.rows_quarantined for load in loads)) == (records, 0)
    verdicts = table(bundled[survey], "reproduction")["verdict"]
    assert (len(verdicts), set(verdicts)) == (printed, {"match"})


@pytest.mark.parametrize("survey", BUNDLED)
def test_a_survey_of_records_is_checked_without_populations(survey: str) -> None:
    assert declaration_check.check(survey).faults == ()


def test_what_was_not_printed_is_missing_and_never_zero(bundled: dict[str, Outcome]) -> None:
    funnel = table(bundled["kyrgyzstan_case_funnel_2018_2020"], "estimates").set_index("indicator")["estimate"]
    assert funnel[["requalified", "requalification_rate", "applied_to_police", "sex.women"]].isna().all()
    organisations = table(bundled["kyrgyzstan_ngo_survey_2009"], "estimates")
    unknown = organisations[
        (organisations["indicator"] == "cases_abroad") | organisations["sex"].isin(["women", "men"])
    ]
    assert len(unknown) and unknown["estimate"].isna().all()
    officials = table(bundled["kyrgyzstan_local_government_2009"], "estimates")
    assert set(officials["level"]) == {"national"}  # no region is known, so none has a row that says none


def test_other_observers_stand_beside_the_family_survey(bundled: dict[str, Outcome]) -> None:
    for survey in ("kyrgyzstan_ngo_survey_2009", "kyrgyzstan_local_government_2009"):
        about = table(bundled[survey], "indicators")
        persons = about["unit"] == "persons"
        assert set(about.loc[persons, "beside"]) == {"central_asia_2009"}
        assert about.loc[persons, ["beside_reason", "beside_reason_ru"]].notna().all(axis=None)
        assert about.loc[~persons, "beside"].isna().all()


def test_the_scenarios_of_the_funnel_say_where_its_claim_breaks(bundled: dict[str, Outcome]) -> None:
    cells = table(bundled["kyrgyzstan_case_funnel_2018_2020"], "scenarios").set_index(["scenario", "assumptions"])
    assert cells.loc[("claim_break_even", "overlap=0"), "estimate"] == pytest.approx(355 / 55 / 2)
    assert cells.loc[("under_registration", "victims_per_crime=5;overlap=0.3"), "feasible"] == "no"
    lists = cells.loc[("people_on_lists", "not_estimable")]
    assert pd.isna(lists["estimate"]) and (lists["ci_low"], lists["ci_high"]) == (20, 355)  # 355 = 18 x 19 + 13


CRIMES = [
    ("2018-05-01", "KG-2019-171", "KG-2019-171"),  # refused: 171 came in 2019
    ("2020-06-01", "KG-2019-171", "KG-2019-171"),
    ("2020-06-01", "KG-2019-171", "KG-2019-173"),  # requalified
    ("2019-06-01", "KG-2019-171", ""),  # whether 171 was in force that day is unknown, and so is its article now
    ("2020-06-01", "KG-1997-124", "KG-2019-171"),  # refused: 124 went in 2019
]
PEOPLE = [*((f"x{n}", "X") for n in range(4)), ("y0", "Y"), ("y1", "Y"), *((f"b{n}", o) for n in (0, 1) for o in "XY")]
"""Four people on list X alone, two on Y alone, two on both."""
COLUMNS = [
    "questionnaire_id",
    "stage_unit",
    "record_date",
    "organisation",
    "person",
    "article_initial",
    "article_current",
]


def write_register(folder: Path, disclosure: dict[str, object]) -> None:
    """Write a survey `register` whose one file has the crimes and people above."""
    survey = folder / "register"
    (survey / "raw").mkdir(parents=True)
    crimes = [(f"C{n}", "crime", day, "", "", first, now) for n, (day, first, now) in enumerate(CRIMES)]
    people = [(f"P{n}", "person", "2020-01-01", place, key, "", "") for n, (key, place) in enumerate(PEOPLE)]
    write_rows(survey / "raw" / "cases.csv", [dict(zip(COLUMNS, row, strict=True)) for row in (*crimes, *people)])
    place = {
        "country": "KG",
        "region": "KG-B",
        "name_en": "Batken",
        "name_ru": "Баткен",
        "aliases": "",
        "surveyed": "yes",
    }
    write_rows(survey / "regions.csv", [place])
    said = {
        "id": "register", "title": "An invented register", "instrument": "case_register", "wave": "2020",
        "reference_period": "2020", "countries": {"KG": "Kyrgyzstan"},
        "fieldwork": {"first_day": "2018-01-01", "last_day": "2020-12-31"},
        "acceptance": {"largest_invalid_share": 0.4}, "disclosure": disclosure,
        "sources": [{
            "country": "KG", "path": "raw/cases.csv", "missing": [""],
            "reader": {"format": "csv", "encoding": "utf-8", "delimiter": ";"},
            "columns": {name: name if name in COLUMNS else None for name in instrument.find("case_register").COLUMNS},
        }],
    }  # fmt: skip
    (survey / "survey.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")


@pytest.fixture
def register_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "surveys"))
    return Home(tmp_path / "home")


def test_an_article_out_of_force_is_refused_and_requalification_is_counted(tmp_path: Path, register_home: Home) -> None:
    write_register(tmp_path / "surveys", {"enabled": False})
    outcome = run("register", register_home)
    with build.read(register_home) as warehouse:
        assert warehouse is not None
        refused = warehouse.rows("SELECT questionnaire_id, rule FROM quarantine ORDER BY questionnaire_id")
    assert [tuple(row.values()) for row in refused] == [("C0", "article_in_force"), ("C4", "article_in_force")]
    found = table(outcome, "estimates").set_index("indicator")["estimate"]
    assert (found["crimes_registered"], found["articles_compared"], found["requalified"]) == (3, 2, 1)
    assert found["requalification_rate"] == 0.5


def test_people_on_overlapping_lists_are_estimated(tmp_path: Path, register_home: Home) -> None:
    write_register(tmp_path / "surveys", {"enabled": False})
    outcome = run("register", register_home)
    found = table(outcome, "estimates").set_index("indicator")["estimate"]
    assert (found["assisted"], found["persons"]) == (10, 8)
    cells = table(outcome, "scenarios").set_index("assumptions")
    listed = cells.loc["one key is one person"]
    assert (listed["estimate"], listed["ci_low"], listed["ci_high"]) == (8, 6, 10)
    # Independent lists: 4 x 2 / 2 = 4 on neither, 12 people.
    assert cells.loc["main_effects:wald", "estimate"] == pytest.approx(12, rel=1e-6)


def test_scenarios_of_a_hidden_count_show_no_number(tmp_path: Path, register_home: Home) -> None:
    write_register(tmp_path / "surveys", {"enabled": True, "min_units": 4})  # three crimes are fewer
    outcome = run("register", register_home)
    crimes = table(outcome, "estimates").set_index("indicator").loc["crimes_registered"]
    assert crimes["conf_status"] == "C" and pd.isna(crimes["estimate"])
    cells = table(outcome, "scenarios")
    assert len(cells) and cells[["estimate", "std_error", "ci_low", "ci_high"]].isna().all(axis=None)


def test_a_survey_beside_another_promises_no_sum(tmp_path: Path, register_home: Home) -> None:
    write_register(tmp_path / "surveys", {"enabled": False})
    path = tmp_path / "surveys" / "register" / "survey.yaml"
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    beside = {"survey": "central_asia_2009", "reason": "the same people", "reason_ru": "те же люди"}
    path.write_text(yaml.safe_dump({**said, "beside": beside}, allow_unicode=True), encoding="utf-8")
    loaded = declaration.load("register")
    assert loaded.beside is not None and loaded.beside.survey == "central_asia_2009"
    path.write_text(yaml.safe_dump({**said, "beside": {"survey": "central_asia_2009"}}), encoding="utf-8")
    with pytest.raises(DeclarationError, match="reason"):
        declaration.load("register")
