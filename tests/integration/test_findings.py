"""Whole nights of a small register: what rules find is published, and moves with the records and with the rules."""

from __future__ import annotations

import csv
import logging
from pathlib import Path

import pandas as pd
import pytest
import yaml

from flows import direct
from flows.night import Outcome
from schemas import declaration
from schemas.errors import DeclarationError
from schemas.instrument import find
from warehouse.home import Home

ID = "invented_register"
COLUMNS = [name for name in find("evidence_register").COLUMNS if name != "country"]
PLAIN = {"document": "D", "section": "1", "measure_type": "case", "unit": "cases", "comparator": "exact", "grade": "B"}
STATED = {"citation_restriction": "none", "status": "published"}
SUBJECT = {"en": "crimes", "ru": "преступления"}
RULES = [
    {"id": "by_kind", "kind": "sum", "subject": SUBJECT, "total": "indicator == 'all'", "parts": "indicator == 'kind'"},
    {"id": "regions", "kind": "coverage", "subject": SUBJECT, "where": "indicator == 'kind'"},
]


def write_survey(folder: Path, total: str, rules: object = RULES) -> None:
    """Write a register of three figures: a total, and two kinds of 16 and 7, one of them in Chuy."""
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    figures = [("1", "all", "", total), ("2", "kind", "Chuy", "16"), ("3", "kind", "", "7")]
    with (folder / "raw" / "register.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, COLUMNS, restval="")
        writer.writeheader()
        for number, indicator, region, value in figures:
            own = {"questionnaire_id": number, "indicator": indicator, "region": region, "value": value}
            writer.writerow({**PLAIN, **STATED, **own})
    source = {
        "country": "KG",
        "path": "raw/register.csv",
        "reader": {"format": "csv", "encoding": "utf-8", "delimiter": ","},
        "columns": {**{name: name for name in COLUMNS}, "country": None},
    }
    content = {
        "id": ID,
        "title": "Invented register",
        "instrument": "evidence_register",
        "wave": "2003",
        "reference_period": "2003",
        "countries": {"KG": "Kyrgyzstan"},
        "fieldwork": {"first_day": "2003-01-01", "last_day": "2003-12-31"},
        "acceptance": {"largest_invalid_share": 0.1},
        "disclosure": {"enabled": False},
        "sources": [source],
    }
    (folder / "survey.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    regions = (
        "country,region,name_en,name_ru,aliases,surveyed\nKG,KG-C,Chuy,Чуй,Chuy,yes\nKG,KG-B,Batken,Баткен,B,yes\n"
    )
    (folder / "regions.csv").write_text(regions, encoding="utf-8")
    (folder / "reconciliations.yaml").write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")


@pytest.fixture
def survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "surveys" / ID
    monkeypatch.setenv("KINSCALE_SURVEYS", str(folder.parent))
    write_survey(folder, "23")
    return folder


def run(home: Home) -> Outcome:
    return direct.run(declaration.load(ID), home, logging.getLogger("test").info)


def published(home: Home, number: int) -> pd.DataFrame:
    """Return the table of a release."""
    path = home.releases / f"{ID}-2003-r{number}" / "tables" / "findings.parquet"
    return pd.read_parquet(path).set_index("finding")


def test_findings_move_with_the_records_and_with_the_rules(survey: Path, home: Home) -> None:
    """16 + 7 = 23; a total of 25 is two too many; within a tolerance of 2 it holds again. Batken has no record."""
    assert run(home).is_new_release
    first = published(home, 1)
    assert list(first.loc["by_kind", ["stated", "found", "verdict"]]) == [23, 23, "holds"]
    assert list(first.loc["regions", ["stated", "found", "verdict"]]) == [2, 1, "differs"]
    assert "KG-B" in first.loc["regions", "reason_ru"]
    assert not run(home).is_new_release

    write_survey(survey, "25")
    assert run(home).is_new_release
    second = published(home, 2).loc["by_kind"]
    assert list(second[["stated", "found", "difference", "verdict"]]) == [25, 23, -2, "differs"]

    write_survey(survey, "25", [{**RULES[0], "tolerance": 2}, RULES[1]])
    outcome = run(home)
    assert outcome.is_new_release
    assert list(published(home, 3).loc["by_kind", ["tolerance", "verdict"]]) == [2, "holds"]

    write_survey(survey, "", RULES)
    run(home)
    assert published(home, 4).loc["by_kind", "verdict"] == "undecidable"


def test_a_wrong_rule_stops_the_night_before_a_file_is_read(survey: Path, home: Home) -> None:
    write_survey(survey, "23", [{**RULES[0], "kind": "addition"}])
    with pytest.raises(DeclarationError) as raised:
        run(home)
    assert raised.value.facts == {"rule": "by_kind", "key": "kind"}
    assert not home.releases.exists() or not list(home.releases.iterdir())
