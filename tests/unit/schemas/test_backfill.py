"""Plans: their names follow from what they stand on, their parts from what is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from schemas.backfill import FileToRead, Plan, Request

FILE = FileToRead("raw/KZ.csv", "KZ.csv", "KZ", 30, "b" * 16, "a" * 16, ("the declaration changed",))
PLAN = Plan(
    survey_id="small_survey",
    reference_period="2009",
    request=Request(),
    base_release="small_survey-2009-r1",
    base_manifest_sha256="1" * 64,
    declaration_sha256="2" * 64,
    code_sha256="3" * 64,
    files=(FILE,),
    parts=(),
    kept=(),
    standing={"raw/KZ.csv": "a" * 16, "raw/KG.csv": "c" * 16},
)


def test_the_same_plan_has_the_same_name_whatever_the_order_of_its_files() -> None:
    other = replace(PLAN, standing=dict(reversed([*PLAN.standing.items()])))
    assert other.plan_id == PLAN.plan_id
    assert replace(PLAN, seconds=12.0, basis="another machine").plan_id == PLAN.plan_id  # says nothing of the result


@pytest.mark.parametrize(
    "change",
    [
        {"survey_id": "other"},
        {"request": Request(country=("KZ",))},
        {"request": Request(reason="the form says 12")},
        {"base_manifest_sha256": "4" * 64},
        {"declaration_sha256": "4" * 64},
        {"code_sha256": "4" * 64},
        {"files": ()},
        {"standing": {"raw/KZ.csv": "a" * 16}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_world_makes_another_plan(change: dict[str, Any]) -> None:
    assert replace(PLAN, **change).plan_id != PLAN.plan_id


def test_naming_a_load_narrows_the_parts_to_its_country_and_to_all_together() -> None:
    whole = PLAN.selection
    assert whole.takes("KG", "design")
    assert not PLAN.is_narrowed
    narrowed = replace(PLAN, request=Request(load=("aaaa",)))
    assert narrowed.is_narrowed
    assert narrowed.selection.takes("KZ", "design")
    assert narrowed.selection.takes(None, "design")  # any country moves all together
    assert not narrowed.selection.takes("KG", "design")
    by_method = replace(PLAN, request=Request(method=("design",)))
    assert by_method.selection.takes("KG", "design")
    assert not by_method.selection.takes("KG", "poisson")


def test_only_final_numbers_need_a_reason() -> None:
    final = replace(PLAN, final_since=date(2020, 1, 1))
    assert not PLAN.needs_reason
    assert final.needs_reason
    assert not replace(final, request=Request(reason="the form says 12")).needs_reason
