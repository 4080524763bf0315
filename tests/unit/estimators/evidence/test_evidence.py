"""Published figures: what is withheld, what is refused, what is set side by side."""

from __future__ import annotations

import pandas as pd
import pytest

from estimators.evidence import as_cells, evidence
from schemas.errors import DeclarationError
from tests.unit.estimators.evidence.small_register import register

TITLE = {"en": "A number", "ru": "Число"}


def figure(name: str, value: float | None = 1.0, **cells: object) -> dict[str, object]:
    return {"questionnaire_id": name, "value": value, "definition_id": "cases", "category": name, **cells}


def summed(*rows: dict[str, object], operation: str = "sums", **more: object) -> pd.Series:
    """Return the one row that adding up all figures gives."""
    rule = {"id": "all", "of": [str(row["questionnaire_id"]) for row in rows], "title": TITLE, **more}
    return evidence(register(rows), {operation: [rule]})["evidence_derived"].iloc[0]


def test_a_figure_under_restriction_leaves_without_its_number() -> None:
    hidden = figure("hidden", 27317, citation_restriction="do_not_cite", denominator=50611, denominator_of="50611",
                    note="27317 of 50611", statement="27317")  # fmt: skip
    rows = [hidden, figure("shown", 5)]
    rules = {
        "sums": [{"id": "all", "of": ["hidden", "shown"], "title": TITLE}],
        "ratios": [{"id": "ratio", "of": ["shown", "hidden"], "title": TITLE}],
        "rivals": [{"id": "both", "of": ["hidden", "shown"], "title": TITLE}],
        "age_bases": [{"id": "ages", "recruitment": "shown", "identification": "hidden", "title": TITLE}],
    }
    made = evidence(register(rows), rules)
    text = "".join(table.to_csv() for table in made.values()) + as_cells(made).to_csv()
    assert "27317" not in text and "50611" not in text
    assert made["evidence"].set_index("figure").loc["hidden", "limits"] == "withheld"
    assert set(made["evidence_derived"]["refusal"]) == {"do_not_cite"}
    assert made["evidence_age_bases"].loc[0, "refusal"] == "do_not_cite"


@pytest.mark.parametrize(
    ("differing", "refusal"),
    [
        ({"measure_type": "investigation"}, "measure_type"),
        ({"unit": "persons"}, "unit"),
        ({"definition_id": "other"}, "definition_id"),
        ({"age_basis": "recruitment"}, "age_basis"),
        ({"period_start": "2004", "period_end": "2004"}, "period"),
        ({"value": None}, "missing"),
        ({"citation_restriction": "do_not_cite"}, "do_not_cite"),
        ({"citation_restriction": "claimed_only"}, "claimed_only"),
        ({"grade": "C"}, "single_informant"),
        ({"category": "first"}, "same_thing"),
    ],
)
def test_a_sum_of_unlike_figures_is_refused(differing: dict[str, object], refusal: str) -> None:
    row = summed(figure("first"), {**figure("second"), **differing})
    assert (row["verdict"], row["refusal"]) == ("refused", refusal)
    assert pd.isna(row["estimate"]) and row["reason"] and row["reason_ru"]


def test_a_missing_number_is_not_zero() -> None:
    assert summed(figure("first", 0), figure("second", 4))["estimate"] == 4
    assert summed(figure("first", None), figure("second", 4))["verdict"] == "refused"


def test_a_place_is_not_added_to_the_region_it_lies_in() -> None:
    town = figure("town", 17, category=None, region="KG-C", place="Tokmok")
    oblast = figure("oblast", 78, category=None, region="KG-C")
    assert summed(town, oblast)["refusal"] == "within"
    nation = figure("nation", 163, category=None)
    assert summed(oblast, nation)["refusal"] == "within"
    both = figure("both", 100, category=None, region="KG-C+KG-GB")
    assert summed(both, oblast)["refusal"] == "within"
    other = figure("other", 40, category=None, region="KG-GB")
    assert summed(other, oblast)["estimate"] == 118


def test_shares_above_a_hundred_are_refused() -> None:
    """99 + 2 = 101, as one of the documents prints."""
    shares = {"unit": "percent", "measure_type": "survey_share"}
    assert summed(figure("here", 99, **shares), figure("elsewhere", 2, **shares))["refusal"] == "above_hundred"
    assert summed(figure("here", 98, **shares), figure("elsewhere", 2, **shares))["estimate"] == 100


def test_a_sum_is_worded_as_loosely_as_its_figures() -> None:
    assert summed(figure("first", 250, comparator="at_least"), figure("second", 80))["comparator"] == "at_least"
    assert summed(figure("first", 250, comparator="approx"), figure("second", 80))["comparator"] == "approx"
    loose = summed(figure("first", None, low=200, high=250, comparator="range"), figure("second", 50))
    assert (loose["low"], loose["high"], loose["comparator"]) == (250, 300, "range")
    assert pd.isna(loose["estimate"])


def test_ranges_of_a_ratio_take_the_farthest_ends() -> None:
    """200 to 300 over 10 to 20: 200/20 and 300/10."""
    row = summed(
        figure("upper", None, low=200, high=300, comparator="range"),
        figure("lower", None, low=10, high=20, comparator="range"),
        operation="ratios",
    )
    assert (row["low"], row["high"]) == (10, 30)


def test_nothing_is_divided_by_zero() -> None:
    assert summed(figure("upper", 3), figure("lower", 0), operation="ratios")["refusal"] == "zero"
    assert summed(figure("before", 0), figure("after", 3), operation="changes")["refusal"] == "zero"


def test_a_change_is_of_the_earlier_figure() -> None:
    """24 investigations, then 39: 15 more, 62.5 percent of 24."""
    same = {"category": None}
    row = summed(
        figure("before", 24, period_start="2005", period_end="2005", **same),
        figure("after", 39, period_start="2006", period_end="2006", **same),
        operation="changes",
    )
    assert row["estimate"] == pytest.approx(62.5)


def test_a_part_is_a_percentage_of_something() -> None:
    share = figure("share", None, unit="percent", low=10, high=15, comparator="range")
    row = summed(share, figure("whole", 200000, unit="persons"), operation="parts")
    assert (row["low"], row["high"], row["unit"]) == (20000, 30000, "persons")
    assert summed(figure("whole"), share, operation="parts")["refusal"] == "not_percent"


def test_overlapping_lists_have_bounds() -> None:
    """Four networks of 31, 18, 10 and 3 organisations: at least 31 of them differ, at most 62."""
    lists = [figure(f"list_{size}", size) for size in (31, 18, 10, 3)]
    row = summed(*lists, operation="bounds")
    assert (row["low"], row["high"], row["verdict"]) == (31, 62, "computed")


def test_a_sum_that_was_made_is_no_list_of_its_own() -> None:
    """The sum of 31 and 3 can be divided by, and is not a third list that overlaps with them."""
    every = "definition_id == 'cases'"
    rules = {
        "sums": [{"id": "all", "where": every, "title": TITLE}],
        "ratios": [{"id": "share", "of": ["small", "all"], "per": 100, "title": TITLE}],
        "bounds": [{"id": "different", "where": every, "title": TITLE}],
    }
    made = evidence(register([figure("large", 31), figure("small", 3)]), rules)["evidence_derived"]
    made = made.set_index("derivation")
    assert made.loc["share", "estimate"] == pytest.approx(100 * 3 / 34)
    assert made.loc["different", ["low", "high"]].tolist() == [31, 34]


def test_figures_of_one_thing_are_rivals() -> None:
    rows = [
        figure("ministry", 17200, category="permanent", period_start="2005-01", period_end="2005-01", section="I"),
        figure("embassy", 7700, category="permanent", period_start="2005", period_end="2005"),
        figure("next_year", 9000, category="permanent", period_start="2006", period_end="2006"),
        figure("elsewhere", 4600, category="permanent", place="abroad:Kazakhstan", period_start="2005"),
        figure("in_one_breath", 40, category="collateral", period_start="2005"),
        figure("the_other_end", 100, category="collateral", period_start="2005"),
    ]
    made = evidence(register(rows), {})["evidence_rivals"]
    assert list(made["figure"]) == ["embassy", "ministry"]
    assert set(made["declared"]) == {"no"} and set(made["same_definition"]) == {"yes"}
    assert made["ratio"].tolist() == pytest.approx([17200 / 7700] * 2)


def test_declared_rivals_say_in_what_they_differ() -> None:
    rows = [figure("cases", 50), figure("investigations", 24, measure_type="investigation", unit="investigations")]
    rules = {"rivals": [{"id": "both", "of": ["cases", "investigations"], "title": TITLE}]}
    made = evidence(register(rows), rules)["evidence_rivals"]
    assert set(made["differing"]) == {"measure_type;unit;category"}
    assert made["ratio"].isna().all(), "numbers in different units have no ratio"


def test_articles_of_law_are_not_divided() -> None:
    rows = [figure("old", 123, unit="article"), figure("new", 171, unit="article")]
    rules = {"rivals": [{"id": "both", "of": ["old", "new"], "title": TITLE}]}
    assert evidence(register(rows), rules)["evidence_rivals"]["ratio"].isna().all()


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ({"sum": []}, "figures.sum"),
        ({"sums": [{"id": "a", "title": TITLE}]}, "figures.sums"),
        ({"ratios": [{"id": "a", "of": ["one"], "title": TITLE}]}, "figures.ratios"),
        ({"sums": [{"id": "a", "where": "no_column == 1", "title": TITLE}]}, "figures, a"),
        ({"sums": [{"id": "a", "of": ["one"], "title": TITLE}] * 2}, "two numbers are called a"),
    ],
)
def test_a_wrong_declaration_is_named(rules: dict[str, object], named: str) -> None:
    with pytest.raises(DeclarationError, match=named):
        evidence(register([figure("one")]), rules)


def test_an_empty_register_gives_empty_tables() -> None:
    made = evidence(register([figure("one")]).head(0), {})
    assert [len(table) for table in made.values()] == [0, 0, 0, 0]
    assert as_cells(made).empty


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"measure_type": "survey_part", "value": 2, "denominator": 12}, "wilson"),
        ({"measure_type": "survey_count", "value": 2, "denominator": 12}, "not_a_share"),
        ({"measure_type": "survey_part", "value": 35, "denominator": 17}, "not_a_share"),
        ({"measure_type": "survey_part", "value": 2, "denominator": 0}, "not_a_share"),
        ({"measure_type": "survey_share", "unit": "percent", "value": 2, "denominator": 0}, "no_base"),
        ({"measure_type": "finance", "unit": "percent", "value": 2, "denominator": 12}, "not_a_sample"),
    ],
)
def test_only_a_part_of_its_base_is_a_share(cells: dict[str, object], code: str) -> None:
    """Persons that organisations state have the organisations for a base, and are no part of them."""
    made = evidence(register([{**figure("one"), **cells}]), {})["evidence"].iloc[0]
    assert made["limits"] == code
    assert pd.isna(made["share"]) == (code != "wilson")
