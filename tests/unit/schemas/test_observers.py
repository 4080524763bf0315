"""Row rules of the instruments of cases and of other observers: what is refused, and what is unknown and passes."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from schemas import instrument
from schemas.declared_instrument import DeclaredInstrument, Rule


def broken(name: str, **cells: Any) -> set[str]:
    """Return the rules that one record breaks; columns that are not given are missing."""
    kind = instrument.find(name)
    assert isinstance(kind, DeclaredInstrument)
    types = {"count": "Int64", "number": "float64", "date": "datetime64[us]"}
    frame = pd.DataFrame({"country": pd.array(["KG"], dtype="str")})
    for column, about in kind.columns.items():
        frame[column] = pd.Series([cells.get(column)]).astype(types.get(about.type, "str"))
    return {rule for rule, _, failing, _ in kind.rules(frame) if bool(failing.iloc[0])}


@pytest.mark.parametrize(
    ("cells", "rules"),
    [
        ({"labour_abroad": 5, "labour_abroad_women": 2, "labour_abroad_men": 3}, set()),
        ({"labour_abroad": 5, "labour_abroad_women": 2, "labour_abroad_men": 2}, {"labour_abroad_by_sex"}),
        ({"agriculture": 5, "agriculture_women": 2}, set()),  # how many men is not known
        (
            {"labour_abroad": 1, "sexual_abroad": 0, "agriculture": 2, "construction": 0, "households": 0,
             "sexual_inside": 3, "last_3_years": 4, "earlier": 2},
            set(),
        ),
        (
            {"labour_abroad": 1, "sexual_abroad": 0, "agriculture": 2, "construction": 0, "households": 0,
             "sexual_inside": 3, "last_3_years": 4, "earlier": 3},
            {"periods_make_the_cases"},
        ),
        (
            {"agriculture": 2, "construction": 0, "households": 0, "sexual_inside": 3, "last_3_years": 3, "earlier": 1},
            {"periods_hold_the_sectors"},
        ),
        # cases abroad are not known: two periods may hold more than the sectors inside the country
        (
            {"agriculture": 2, "construction": 0, "households": 0, "sexual_inside": 3, "last_3_years": 9, "earlier": 1},
            set(),
        ),
    ],
)  # fmt: skip
def test_what_an_organisation_states_adds_up(cells: dict[str, int], rules: set[str]) -> None:
    assert broken("ngo_survey", **cells) == rules


@pytest.mark.parametrize(
    ("cells", "rules"),
    [
        ({"knows_cases": "no"}, set()),
        ({"knows_cases": "no", "cases": 3}, {"knows_of_none"}),
        ({"knows_cases": "no", "settlement_population": 900}, {"knows_of_none"}),
        ({"knows_cases": "yes", "cases": 0, "cases_women": 0, "cases_men": 0}, {"knows_of_one"}),
        ({"knows_cases": "yes"}, set()),  # how many is not known
        ({"knows_cases": "yes", "cases": 3, "cases_women": 1, "cases_men": 1}, {"women_and_men"}),
        ({"knows_cases": "yes", "cases": 3, "last_3_years": 1, "earlier": 1}, {"periods"}),
        ({"knows_cases": "yes", "cases": 3, "cases_women": 1, "cases_men": 2, "last_3_years": 1, "earlier": 2}, set()),
    ],
)
def test_what_an_official_states_adds_up(cells: dict[str, Any], rules: set[str]) -> None:
    assert broken("local_government_survey", **cells) == rules


@pytest.mark.parametrize(
    ("cells", "rules"),
    [
        ({"stage_unit": "person", "organisation": "X", "person": "A"}, set()),
        ({"stage_unit": "person", "age_at_recruitment": 17, "age_at_intake": 19}, set()),
        ({"stage_unit": "person", "age_at_recruitment": 20, "age_at_intake": 19}, {"recruited_before_intake"}),
        ({"stage_unit": "person", "applied_to_police": "yes", "why_not_reported": "distrust"}, {"reported"}),
        ({"stage_unit": "person", "status": "pending"}, {"crimes_only"}),
        ({"stage_unit": "crime", "person": "A"}, {"persons_only"}),
        (
            {"stage_unit": "case", "record_date": "2020-05-02", "status": "pending", "status_date": "2020-05-01"},
            {"outcome_after_registration"},
        ),
        ({"stage_unit": "crime", "record_date": "2018-05-01", "article_initial": "KG-2019-171"}, {"article_in_force"}),
        ({"stage_unit": "crime", "record_date": "2019-05-01", "article_initial": "KG-2019-171"}, set()),
        ({"stage_unit": "crime", "period_start": "2020-01-01", "period_end": "2019-01-01"}, {"period_runs_forward"}),
    ],
)  # fmt: skip
def test_a_record_of_a_register_has_what_its_stage_has(cells: dict[str, Any], rules: set[str]) -> None:
    assert broken("case_register", **cells) == rules


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"holds": "a == b", "in_force_on": "day"},
        {"empty": ["a"], "in_force_on": "day"},
        {"empty": ["a"]},
        {"unless": "a == 1"},
    ],
)
def test_a_rule_has_one_form(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a rule says one of"):
        Rule.model_validate({"column": "a", "message": "m", **said})
