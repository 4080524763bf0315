"""Every kind of rule on scenario files: records and rules in, findings out, with the arithmetic that gives them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from estimators.reconciliation import findings
from estimators.reconciliation.kinds import KINDS
from schemas.errors import DeclarationError
from schemas.reconciliation import Rule, declared, read
from schemas.result_tables import conform, tables

GOLDEN = Path(__file__).parents[2] / "golden" / "reconciliation"
SCENARIOS = sorted(path.name.removesuffix("_records.csv") for path in GOLDEN.glob("*_records.csv"))
REGIONS = ["KG-B", "KG-C", "KG-GB", "KG-N", "KG-T", "KG-Y"]
NUMBERS = ["stated", "found", "difference"]
SUBJECT = {"en": "subject", "ru": "предмет"}


def records(scenario: str) -> pd.DataFrame:
    """Read the records of a scenario: keys are text."""
    return pd.read_csv(GOLDEN / f"{scenario}_records.csv", dtype={"questionnaire_id": "str", "period_start": "str"})


def found(scenario: str) -> pd.DataFrame:
    """Apply the rules of a scenario to its records."""
    rules = read([GOLDEN / f"{scenario}_rules.yaml"])
    return findings(records(scenario), rules, "invented", REGIONS).set_index("finding")


def rule(**keys: object) -> Rule:
    """Declare one rule."""
    return next(iter(declared([{"id": "one", "subject": SUBJECT, **keys}], Path("reconciliations.yaml"))))


def one(rows: pd.DataFrame, **keys: object) -> pd.Series:
    """Return the finding of one rule."""
    return findings(rows, [rule(**keys)], "invented", REGIONS).iloc[0]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_findings_are_those_of_the_arithmetic(scenario: str) -> None:
    got = found(scenario)
    expected = pd.read_csv(GOLDEN / f"{scenario}_findings.csv").set_index("finding")
    assert list(got.index) == list(expected.index)
    for name, wanted in expected.iterrows():
        row = got.loc[name]
        assert row["verdict"] == wanted["verdict"], (name, row["reason"])
        assert str(wanted["reason"]) in row["reason"], (name, row["reason"])
        for number in NUMBERS:
            if pd.isna(wanted[number]):
                assert pd.isna(row[number]), (name, number)
            else:
                assert row[number] == pytest.approx(wanted[number], abs=1e-9), (name, number)
        assert (row["unit"] if pd.notna(row["unit"]) else "") == (wanted["unit"] if pd.notna(wanted["unit"]) else "")


def test_every_kind_has_a_scenario() -> None:
    used = {one.kind for scenario in SCENARIOS for one in read([GOLDEN / f"{scenario}_rules.yaml"])}
    assert used == set(KINDS)


def test_findings_fit_their_table() -> None:
    column = next(column for column in tables()["findings"].columns if column.name == "rule")
    assert set(column.isin or ()) == set(KINDS)
    for scenario in SCENARIOS:
        assert len(conform("findings", found(scenario).reset_index())) == len(found(scenario))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_order_of_records_does_not_matter(scenario: str) -> None:
    rules = read([GOLDEN / f"{scenario}_rules.yaml"])
    rows = records(scenario)
    backwards = findings(rows.iloc[::-1].reset_index(drop=True), rules, "invented", REGIONS)
    pd.testing.assert_frame_equal(backwards, findings(rows, rules, "invented", REGIONS))


def test_records_stay_as_they_are() -> None:
    rows = records("rival_sources")
    before = rows.copy()
    findings(rows, read([GOLDEN / "rival_sources_rules.yaml"]), "invented", REGIONS)
    pd.testing.assert_frame_equal(rows, before)


def test_what_is_known_stands_after_what_was_found() -> None:
    explained = one(
        records("rival_sources"),
        kind="equal",
        stated=1,
        found=2,
        explains={"en": "They were counted twice.", "ru": "Их считали дважды."},
    )
    assert explained["reason"] == "1 in one place, 2 in the other (+1). They were counted twice."
    assert explained["reason_ru"] == "В одном месте 1, в другом 2 (+1). Их считали дважды."


def test_numbers_are_written_as_each_language_writes_them() -> None:
    gap = one(records("rival_sources"), kind="sum", total=1807100, parts=[626000, 877000, 224000.5])
    assert "626,000, 877,000, 224,000.5 make 1,727,000.5" in gap["reason"]
    assert "1\u00a0727\u00a0000,5" in gap["reason_ru"] and "−80\u00a0099,5" in gap["reason_ru"]


def test_source_and_region_are_those_of_the_records_used() -> None:
    rows = records("a_total_and_parts_that_changed_places").assign(region="KG-N")
    got = one(rows, kind="sum", total="indicator == 'crimes'", parts="indicator in ['kind of crime', 'outcome']")
    assert (got["region"], got["source"]) == ("KG-N", "D, 4, 5")
    declared_ones = one(rows, kind="sum", total=1, parts=1, region="KG-T", source="elsewhere", unit="cases")
    assert list(declared_ones[["region", "source", "unit"]]) == ["KG-T", "elsewhere", "cases"]


def test_a_figure_that_may_not_be_cited_gives_its_verdict_and_no_number() -> None:
    rows = records("a_total_and_parts_that_changed_places").assign(citation_restriction="none")
    rows.loc[rows["questionnaire_id"] == "5", "citation_restriction"] = "do_not_cite"
    hidden = one(rows, kind="sum", total="indicator == 'crimes'", parts="indicator == 'kind of crime'")
    assert hidden["verdict"] == "holds"
    assert hidden[NUMBERS].isna().all()
    assert not any(number in hidden["reason"] for number in ("23", "16", "7"))


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"kind": "equal", "stated": "indicator == 'hostages'", "found": 3}, "stated"),
        ({"kind": "equal", "stated": "no_such_column == 3", "found": 3}, "stated"),
        ({"kind": "equal", "stated": "value + 1", "found": 3, "tolerance": 1}, "stated"),
        ({"kind": "equal", "stated": {"where": "value == 3", "of": "weight"}, "found": 3}, "stated"),
        ({"kind": "equal", "stated": {"where": "value == 3", "of": "indicator"}, "found": 3}, "stated"),
        ({"kind": "dates", "date": "indicator == 'hostages'", "not_before": "2003"}, "date"),
        ({"kind": "coverage", "where": "value > 0", "of": "town"}, "of"),
    ],
)
def test_a_rule_that_the_records_cannot_answer_is_named(keys: dict[str, object], key: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        one(records("rival_sources"), **keys)
    assert raised.value.facts == {"rule": "one", "key": key}
    assert raised.value.where.file == "reconciliations.yaml"
