"""The register of printed figures: its file is what the builder writes, and its rules find every known inconsistency.

The list of items in the survey's README.md was made by reading the two documents; its numbers are those of their pages.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd
import pytest

from estimators.reconciliation import findings
from samples.kyrgyzstan_figures_2003_2005 import COLUMNS, figures, write
from schemas.declaration import Declaration, load
from schemas.declared_instrument import DeclaredInstrument
from schemas.instrument import find

SURVEY = "kyrgyzstan_figures_2003_2005"
ITEM = re.compile(r"^\| ([ABC]\d+) \| .* \| (.*) \|$", re.MULTILINE)
RULE = re.compile(r"`(\w+)` (\w+)")
FACTS = Path(__file__).parents[3] / "samples" / SURVEY / "figures.csv"


@pytest.fixture(scope="module")
def survey() -> Declaration:
    return load(SURVEY)


@pytest.fixture(scope="module")
def found(survey: Declaration) -> pd.DataFrame:
    records = pd.read_csv(survey.folder / "raw" / "KG_figures_2003_2005.csv", dtype="str")
    kind = find(survey.instrument)
    records["region"] = records["region"].map(lambda name: (survey.region_names.find(name) or ("", ""))[1], "ignore")
    records = records.astype(dict.fromkeys(kind.NUMBERS, "float64"))
    records["implied_count"] = pd.to_numeric(records["implied_count"]).astype("Int64")
    return findings(records, survey.reconciliations, SURVEY, list(survey.regions["region"])).set_index("finding")


def items(survey: Declaration) -> dict[str, list[tuple[str, str]]]:
    """Return the items of README.md with the rules that find each, and the verdict it names."""
    text = (survey.folder / "README.md").read_text(encoding="utf-8")
    return {item: RULE.findall(rules) for item, rules in ITEM.findall(text)}


def test_the_raw_file_is_what_the_builder_writes(tmp_path: Path, survey: Declaration) -> None:
    for path in write(tmp_path):
        for name in (path.name, path.name + ".source.yaml"):
            assert (tmp_path / name).read_bytes() == (survey.folder / "raw" / name).read_bytes(), name


def test_every_fact_is_one_row_with_its_number_as_printed() -> None:
    with FACTS.open(newline="", encoding="utf-8") as handle:
        facts = list(csv.DictReader(handle))
    rows = figures()
    assert len(facts) == 374 and len({row["questionnaire_id"] for row in rows}) == len(rows)
    assert [row["value"] for row in rows[: len(facts)]] == [fact["value"] for fact in facts]
    assert [row["indicator"] for row in rows[: len(facts)]] == [fact["indicator"] for fact in facts]
    assert all(set(row) == set(COLUMNS) for row in rows)


def test_codes_are_those_of_the_instrument(survey: Declaration) -> None:
    kind = find(survey.instrument)
    assert isinstance(kind, DeclaredInstrument)
    assert set(COLUMNS) == set(kind.columns)
    for row in figures():
        for column, codes in kind.CODES.items():
            assert row[column] in ("", *codes), (row["questionnaire_id"], column)


def test_the_thirty_three_items_are_each_found_by_a_rule(survey: Declaration, found: pd.DataFrame) -> None:
    known = items(survey)
    arithmetic = [f"A{number}" for number in range(1, 18)]
    contradictions = [f"B{number}" for number in range(18, 26)]
    assert list(known) == [*arithmetic, *contradictions, *(f"C{number}" for number in range(26, 34))]
    for item, rules in known.items():
        assert rules, item
        for rule, verdict in rules:
            assert verdict in ("differs", "undecidable")
            assert found.loc[rule, "verdict"] == verdict, (item, rule, found.loc[rule, "reason"])


@pytest.mark.parametrize(
    ("rule", "stated", "number"),
    [
        ("roundtables_total_stated", 88, 84),
        ("roundtables_total_listed", 88, 81),
        ("roundtable_naryn", 17, 16),
        ("roundtable_issyk_kul", 12, 11),
        ("roundtable_talas", 11, 10),
        ("forecast_base", 36, 110),
        ("population_scope_hundred", 100, 99.4),
        ("internet_role_hundred", 100, 80.4),
        ("medical_hundred", 100, 77.6),
        ("funding_route_hundred", 100, 69.4),
        ("activity_overwhelming_majority", 66.7, 61.2),
        ("government_programmes", 36, 44.4),
        ("employed_by_sector", 1807100, 1727000),
        ("active_population", 1976600, 1979000),
        ("naryn_hostages", 3, 100),
        ("pangea_programmes", 17, 41),
        ("chuy_cases", 0, 6),
        ("security_service_cases", 0, 7),
        ("osh_destinations", 10, 11),
        ("visited_grantees", 18, 7),
        ("panel_by_roundtable", 18, 10),
        ("crimes_by_kind", 23, 23),
        ("crimes_by_region", 23, 23),
        ("sum_training_events", 300, 300),
        ("sum_training_participants", 5589, 5589),
        ("sum_hotline_consultations", 953, 953),
        ("sum_job_placements", 241, 241),
    ],
)
def test_numbers_are_those_of_the_documents(found: pd.DataFrame, rule: str, stated: float, number: float) -> None:
    assert (found.loc[rule, "stated"], found.loc[rule, "found"]) == (stated, pytest.approx(number))


def test_thirty_one_of_forty_percentages_are_whole_numbers_of_36(found: pd.DataFrame) -> None:
    shares = [row for row in figures() if row["measure_type"] == "survey_share"]
    fits = [row["fit"] for row in shares]
    assert (fits.count("round"), fits.count("truncate"), fits.count("none")) == (18, 13, 9)
    assert found.loc["shares_of_36", "verdict"] == "holds"
    others = found[(found["rule"] == "integer_base") & (found["verdict"] == "differs")]
    assert len(others) == 7  # the forecast is one rule for three of the nine


def test_places_without_a_visit_or_a_meeting_are_named(found: pd.DataFrame) -> None:
    assert "none has KG-B." in found.loc["roundtables_coverage", "reason"]
    assert "none has KG-B, KG-GB." in found.loc["officials_coverage", "reason"]
    assert "none has KG-B, KG-C, KG-N, KG-T." in found.loc["visits_coverage", "reason"]


def test_what_nobody_counted_is_empty_and_not_zero() -> None:
    people_in_naryn = [
        row for row in figures() if row["section"] == "II Tendesh" and row["definition_id"] == "training_participants"
    ]
    assert people_in_naryn == []
    (unknown,) = (row for row in figures() if row["questionnaire_id"] == "S31")
    assert (unknown["value"], unknown["comparator"]) == ("", "none")
