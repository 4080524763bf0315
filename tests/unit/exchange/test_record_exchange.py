"""Releases of records for other programs: names and identifiers of indicators, sheets by question and by place."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from exchange import release_codes, workbook
from exchange.headline_tables import sheets
from schemas.result_tables import conform
from schemas.result_tables import tables as result_tables
from tests.unit.exchange import small_edition

KEYS = {"exploitation": "all", "location": "all", "sex": "all", "period": "survey", "method": "tally"}
REST = {"unit": "organisations", "obs_status": "A", "conf_status": "F"}


def estimate(indicator: str, number: float | None, **more: object) -> dict[str, object]:
    mark = {"release_id": small_edition.RELEASE, "survey_id": "s", "wave": "2009"}
    return {
        **mark,
        "level": "national",
        "country": "KZ",
        **KEYS,
        **REST,
        "indicator": indicator,
        "estimate": number,
        "n_respondents": 36,
        **more,
    }


def indicator(name: str, title: str, answer: str | None, position: int) -> dict[str, object]:
    texts = {"title": title, "title_ru": f"{title} ru", "code_name": answer, "code_name_ru": answer and f"{answer} ru"}
    rest = {
        "topic": name.partition(".")[0],
        "kind": "tally",
        "unit": "organisations",
        "additive": "no",
        "limits": "none",
    }
    return {"survey_id": "s", "position": position, "indicator": name, **texts, **rest, "missing": 2}


def tables() -> dict[str, pd.DataFrame]:
    hidden = {"conf_status": "C", "obs_status": "M", "n_respondents": None}
    rows = [
        estimate("kind.women", 20.0),
        estimate("kind.women-led", 3.0),
        estimate("all", 36.0),
        estimate("all", None, level="regional", region=small_edition.MERGED, **hidden),
    ]
    about = [
        indicator("all", "Organisations", None, 1),
        indicator("kind.women", "Kind", "Women's", 2),
        indicator("kind.women-led", "Kind", "Led by women", 3),
    ]
    names = {name: table.names for name, table in result_tables().items()}
    made = {"estimates": rows, "indicators": about}
    return {
        **small_edition.tables(),
        **{name: conform(name, pd.DataFrame(given).reindex(columns=names[name])) for name, given in made.items()},
    }


def test_indicators_are_named_as_they_were_asked_and_have_identifiers_that_sdmx_allows() -> None:
    given = tables()
    lists = release_codes.lists(given["estimates"], given["indicators"])
    assert [(code.sdmx, code.en, code.ru) for code in lists["indicator"].codes] == [
        ("all", "Organisations", "Organisations ru"),
        ("kind-women", "Kind: Women's", "Kind ru: Women's ru"),
        ("kind-women-led", "Kind: Led by women", "Kind ru: Led by women ru"),
    ]
    assert [code.value for code in lists["unit"].codes] == ["organisations"]
    assert [code.value for code in lists["method"].codes] == ["tally"]


def test_identifiers_that_would_be_one_are_told_apart() -> None:
    names = result_tables()["estimates"].names
    rows = pd.DataFrame([estimate("a.b", 1.0), estimate("a-b", 1.0)]).reindex(columns=names)
    about = pd.DataFrame([indicator("a.b", "A", "b", 1), indicator("a-b", "A-b", None, 2)])
    lists = release_codes.lists(rows, about)
    assert [code.sdmx for code in lists["indicator"].codes] == ["a-b", "a-b_2"]


def test_families_keep_the_lists_of_the_vocabulary() -> None:
    given = small_edition.tables()
    lists = release_codes.lists(given["estimates"], given["indicators"])
    assert "victims" in [code.value for code in lists["indicator"].codes]
    assert "jackknife" in [code.value for code in lists["method"].codes]


def test_numbers_stand_by_question_and_by_place_and_a_hidden_one_has_its_flag() -> None:
    found = {sheet.name: sheet for sheet in sheets(tables(), small_edition.ABOUT)}
    assert list(found) == ["Indicators", "Places", "Reproduction", "Quality"]
    whole = found["Indicators"].rows
    assert list(whole["title"]) == ["Organisations", "Kind", "Kind"]
    assert list(whole["estimate"]) == [36.0, 20.0, 3.0]
    assert list(whole["missing"]) == [2, 2, 2]
    place = found["Places"].rows.iloc[0]
    assert (place["region"], place["flag"], pd.isna(place["estimate"])) == ("KZ-11+KZ-71", "c", True)


def test_the_workbook_of_records_is_written_with_the_units_it_has(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    workbook.write(tmp_path / "book.xlsx", tables(), small_edition.ABOUT)
    book = load_workbook(tmp_path / "book.xlsx")
    assert book.sheetnames[:4] == ["Cover", "Notes", "Indicators", "Places"]
    notes = [row[:2] for row in book["Notes"].iter_rows(values_only=True) if row[0] == "Unit"]
    assert notes == [("Unit", "organisations")]
