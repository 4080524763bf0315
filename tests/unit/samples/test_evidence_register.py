"""The register of 2007-2021: its raw file, its rows under the instrument's rules, and where its figures come from."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from samples.kyrgyzstan_evidence_2007_2021 import COLUMNS, figures, register, write

CHECKOUT = Path(__file__).resolve().parents[3]
SURVEY = CHECKOUT / "surveys" / "kyrgyzstan_evidence_2007_2021"


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, str]]:
    return {row["questionnaire_id"]: row for row in figures()}


def test_the_bundled_file_is_what_the_builder_writes(tmp_path: Path) -> None:
    (path,) = write(tmp_path)
    for name in (path.name, f"{path.name}.source.yaml"):
        assert (tmp_path / name).read_bytes() == (SURVEY / "raw" / name).read_bytes(), name


def test_every_figure_has_one_row_with_every_column(rows: dict[str, dict[str, str]]) -> None:
    assert len(rows) == len(figures()) == 297
    assert all(set(row) == set(COLUMNS) for row in rows.values())


def test_numbers_are_those_of_the_facts(rows: dict[str, dict[str, str]]) -> None:
    """218 facts that are not derived make 208 rows: ten pairs of them are the two ends of a range."""
    facts = register.facts()
    stated = [fact for fact in facts.values() if not fact["note"].startswith("[D]")]
    assert len(stated) == 218
    with (register.HERE / "coding.csv").open(newline="", encoding="utf-8") as handle:
        coded = list(csv.DictReader(handle))
    assert len(coded) == 208
    for code in coded:
        row, lines = rows[code["questionnaire_id"]], [int(line) for line in code["line"].split(";")]
        numbers = [row["value"]] if row["value"] else [row["low"], row["high"]]
        printed = "-".join(facts[line]["value"] for line in lines)
        if row["comparator"] != "none":
            assert [float(part) for part in printed.lstrip(">").split("-")] == [float(n) for n in numbers], code
        else:
            assert printed == "not reported" and numbers == ["", ""]


def test_a_fact_that_is_not_coded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = register.facts()
    more = {**whole, max(whole) + 1: {**whole[2], "indicator": "forgotten"}}
    monkeypatch.setattr(register, "facts", lambda: more)
    with pytest.raises(ValueError, match=str(max(more))):
        figures()


def test_what_may_not_be_cited_is_marked(rows: dict[str, dict[str, str]]) -> None:
    marked = {name: row["citation_restriction"] for name, row in rows.items() if row["citation_restriction"] != "none"}
    assert marked == {
        "child_labour_sample": "do_not_cite",
        "child_labour_migrants": "do_not_cite",
        "violence_callers": "claimed_only",
    }


def test_missing_is_not_zero(rows: dict[str, dict[str, str]]) -> None:
    assert rows["convictions_2006"]["value"] == "" and rows["organisations_frame"]["value"] == ""
    zeros = {name for name, row in rows.items() if row["value"] == "0"}
    assert zeros == {name for name in rows if name.startswith("rostered_") and "chui" not in name} | {
        "respondents_raising_sexual_exploitation"
    }


def test_ranges_shares_and_stocks_are_coded_as_such(rows: dict[str, dict[str, str]]) -> None:
    for name, row in rows.items():
        assert (row["comparator"] == "range") == bool(row["low"]) == bool(row["high"]), name
        assert not row["value"] or not row["low"], name
        if row["unit"] == "percent" and row["value"]:
            assert 0 <= float(row["value"]) <= 100, name
        if row["measure_type"] == "stock":
            assert row["period_start"] == row["period_end"], name
    assert Counter(row["grade"] for row in rows.values()) == {"B": 136, "A": 129, "C": 32}


def test_printed_numbers_name_what_is_computed() -> None:
    published = pd.read_csv(SURVEY / "published.csv", dtype="str").fillna("")
    assert not published.duplicated(["source", "source_table", "source_cell"]).any()
    assert len(published) == 130
    assert set(published["quantity"]) == {"estimate", "percent", "percent_low", "percent_high"}
    assert (published["verdict"] == "").all(), "every printed number is expected to match"
