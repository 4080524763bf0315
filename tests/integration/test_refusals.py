"""Deliveries that are not as declared: the message names file, row and column, and the good files still land."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import yaml

from flows import direct
from flows.night import Outcome
from schemas import declaration
from tests import small_survey
from warehouse import build, quarantined
from warehouse.home import Home


def run(home: Home) -> Outcome:
    return direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info)


def vanish(path: Path) -> None:
    path.rename(path.with_name("KZ_2009_final.csv"))


def extra_column(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0] + ";телефон", *(x + ";1" for x in lines[1:])]) + "\n", encoding="utf-8")


def renamed_column(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("relatives", "relatives_n", 1), encoding="utf-8")


def other_encoding(path: Path) -> None:
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1251"))


def other_delimiter(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(";", ","), encoding="utf-8")


def other_country(path: Path) -> None:
    path.write_bytes(path.with_name("KG.csv").read_bytes())


def nothing_in_it(path: Path) -> None:
    path.write_bytes(b"")


def mostly_wrong(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace(";да;", ";кажется;").replace(";нет;", ";может быть;")
    path.write_text(text, encoding="utf-8")


FILE_FAULTS: list[tuple[Callable[[Path], None], str, list[str]]] = [
    (vanish, "source_missing", ["KZ", "KZ_2009_final.csv"]),
    (extra_column, "unknown_column", ["KZ.csv", "телефон", "ignore:"]),
    (renamed_column, "missing_column", ["KZ.csv", '"relatives"', "relatives_n"]),
    (other_encoding, "encoding_mismatch", ["KZ.csv", "utf-8", "cp1251"]),
    (other_delimiter, "delimiter_mismatch", ["KZ.csv"]),
    (other_country, "wrong_country", ["KZ.csv", "KG", "swapped"]),
    (nothing_in_it, "format_damaged", ["KZ.csv", "empty"]),
    (mostly_wrong, "too_many_bad_rows", ["KZ.csv", "migrant_inside_code", "40%"]),
]


@pytest.mark.parametrize(("fault", "code", "words"), FILE_FAULTS, ids=[code for _, code, _ in FILE_FAULTS])
def test_a_damaged_file_is_refused_and_the_other_one_lands(
    survey: Path, home: Home, fault: Callable[[Path], None], code: str, words: list[str]
) -> None:
    fault(survey / "raw" / "KZ.csv")
    outcome = run(home)
    first = outcome.errors[0]
    assert first.code == code
    for word in words:
        assert word in str(first)
    assert [load.country for load in outcome.landed] == ["KG"]
    assert outcome.exit_code == 3  # without Kazakhstan the region set is not complete, so the gate refuses as well


@pytest.mark.parametrize(("fault", "code", "words"), FILE_FAULTS, ids=[code for _, code, _ in FILE_FAULTS])
def test_the_rows_a_file_brought_before_stay_when_its_next_version_is_damaged(
    survey: Path, home: Home, fault: Callable[[Path], None], code: str, words: list[str]
) -> None:
    first = run(home)
    fault(survey / "raw" / "KZ.csv")
    outcome = run(home)
    assert outcome.errors[0].code == code
    assert outcome.exit_code == 1
    assert {load.country: load.rows_accepted for load in outcome.loads} == {
        load.country: load.rows_accepted for load in first.loads
    }
    again = run(home)  # the same fault, another night: told again, and nothing else happens
    assert again.exit_code == 1
    assert len(again.errors) == 1


ROW_FAULTS = [
    ({"relatives": "двенадцать"}, "relatives_integer", "relatives"),
    ({"relatives": "12,5"}, "relatives_integer", "relatives"),
    (
        {"labour_abroad_men_earlier": "-1"},
        "labour_abroad_men_earlier_greater_than_or_equal_to",
        "labour_abroad_men_earlier",
    ),
    ({"region": "Актюбинскя"}, "region_unknown", "region"),
    ({"region": "Чуйская"}, "country", "country"),
    ({"questionnaire_id": "KZ-001"}, "duplicate_questionnaire", "questionnaire_id"),
    ({"questionnaire_id": ""}, "questionnaire_id_not_nullable", "questionnaire_id"),
    ({"migrant_abroad": "не знаю"}, "migrant_abroad_code", "migrant_abroad"),
    ({"migrant_abroad": "нет"}, "skip_abroad", "migrant_abroad"),
    ({"interview_date": "31.02.2009"}, "interview_date_format", "interview_date"),
    ({"interview_date": "01.01.2010"}, "outside_fieldwork", "interview_date"),
    ({"relatives": ""}, "relatives_missing", "relatives"),
    ({"relatives": "31"}, "relatives_above_limit", "relatives"),
    ({"relatives": "1"}, "cases_above_relatives", "relatives"),
    ({"labour_abroad_men_earlier": "7"}, "count_above_relatives", "labour_abroad_men_earlier"),
]


@pytest.mark.parametrize(
    ("cells", "rule", "column"), ROW_FAULTS, ids=[f"{r}-{n}" for n, (_, r, _) in enumerate(ROW_FAULTS)]
)
def test_a_bad_row_is_quarantined_with_its_reason_and_nothing_else_is_lost(
    survey: Path, home: Home, cells: dict[str, str], rule: str, column: str
) -> None:
    small_survey.change(survey / "raw" / "KZ.csv", 0, cells)
    outcome = run(home)
    assert outcome.exit_code == 0
    with build.read(home) as warehouse:
        assert warehouse is not None
        rows = warehouse.rows("SELECT * FROM quarantine WHERE country = 'KZ'")
        kept = warehouse.rows(
            "SELECT count(*) AS n FROM interviews JOIN loads USING (load_id) WHERE loads.country = 'KZ'"
        )
    assert [(row["rule"], row["column_name"]) for row in rows] == [(rule, column)]
    assert kept[0]["n"] == small_survey.ROWS_PER_COUNTRY - 1
    assert rows[0]["source_row"] == (3 if rule == "duplicate_questionnaire" else 2)
    for text in cells.values():
        assert text in rows[0]["raw_row"]
    name = f"{rows[0]['load_id'][:4]}-{rows[0]['source_row']}"
    assert [row["rule"] for row in quarantined.find(home, name)] == [rule]


def test_an_unknown_spelling_names_the_nearest_alias_and_is_not_guessed(survey: Path, home: Home) -> None:
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"region": "Актюбинскя"})
    run(home)
    with build.read(home) as warehouse:
        assert warehouse is not None
        message = warehouse.rows("SELECT message FROM quarantine")[0]["message"]
    assert "актюбинская" in message
    assert "KZ-15" in message


def test_a_questionnaire_that_another_file_has_brought_is_refused_in_the_second_file(survey: Path, home: Home) -> None:
    rows = small_survey.interviews("KZ")
    more = [{**row, "questionnaire_id": f"KZ-9{number}"} for number, row in enumerate(rows[1:4])]
    small_survey.write_rows(survey / "raw" / "KZ_more.csv", [rows[0], *more])
    path = survey / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["sources"][0]["path"] = "raw/KZ*.csv"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    outcome = run(home)
    loads = {load.file: (load.rows_accepted, load.reasons) for load in outcome.loads}
    assert loads["KZ.csv"] == (30, {})
    assert loads["KZ_more.csv"] == (3, {"duplicate_questionnaire": 1})


def test_a_truncated_workbook_is_refused_with_its_name(survey: Path, home: Home) -> None:
    rows = small_survey.interviews("KZ")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Анкеты"
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    whole = survey / "raw" / "KZ.xlsx"
    book.save(whole)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    path = survey / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["sources"][0] |= {
        "path": "raw/KZ.xlsx",
        "reader": {"format": "xlsx", "sheet": "Анкеты", "header_rows": [1]},
    }
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    outcome = run(home)
    assert outcome.errors[0].code == "format_damaged"
    assert "KZ.xlsx" in str(outcome.errors[0])
    assert [load.country for load in outcome.landed] == ["KG"]
