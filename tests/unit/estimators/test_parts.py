"""A country's cells rest on its own rows: parts put together are the cells of one pass over all rows."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import estimators
from estimators import parts
from estimators.estimate_table import in_order
from estimators.parts import TOGETHER, WHOLE, Part, crosses_countries, estimate_parts
from tests.unit.estimators.two_countries import population, survey

DRAWN = {"replicates": 20, "seed": 7}
METHODS: dict[str, dict[str, Any]] = {
    **{name: {} for name in estimators.METHODS},
    "bootstrap": DRAWN,
    "bootstrap_poisson": DRAWN,
    "small_area": DRAWN,
    "pennington": {"cdf_decimals": 4},
}
THRESHOLDS = {"min_cases": 10, "min_base": 10, "max_relative_width": 1.6, "min_df": 8, "max_cv": 0.3}


def settings(methods: dict[str, dict[str, Any]], **rates: Any) -> dict[str, Any]:
    own = {"years": 3, "confidence": 0.95, "lonely_psu": "average", **rates}
    return {"rates": own, "methods": methods, "reliability": THRESHOLDS}


def test_no_country_moves_another() -> None:
    rows, people, told = survey(), population(), settings(METHODS)
    whole = [Part(WHOLE, method) for method in METHODS]
    at_once = in_order(estimate_parts(rows, people, told, whole)[WHOLE])
    in_parts = estimators.estimate(rows, people, told)
    pd.testing.assert_frame_equal(in_parts, at_once, rtol=1e-13, atol=0)
    assert set(in_parts["method"]) == set(METHODS)


def test_a_part_is_the_same_alone_and_with_others() -> None:
    rows, people, told = survey(), population(), settings(METHODS)
    country = str(rows["country"].iloc[0])
    together = estimate_parts(rows, people, told, parts.parts(rows, told))[country]
    for method in ("design", "small_area", "poisson"):
        alone = estimate_parts(rows[rows["country"] == country], people, told, [Part(country, method)])[country]
        own = together[together["method"] == method].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, own, check_exact=True)


@pytest.mark.parametrize(
    ("method", "own", "rates", "crosses"),
    [
        ("jackknife", {}, {}, False),
        ("jackknife", {"centre": "replicates"}, {}, True),  # the mean of all replicates, other countries' among them
        ("design", {"lonely_psu": "adjust"}, {}, True),  # around the mean of all PSUs
        ("design", {}, {"lonely_psu": "collapse", "collapse": {"a": "b"}}, True),
        ("poisson", {}, {}, False),
        ("a_method_of_ones_own", {}, {}, True),
    ],
)
def test_what_may_rest_on_other_countries_is_made_of_all_rows(
    method: str, own: dict[str, Any], rates: dict[str, Any], crosses: bool
) -> None:
    told = settings({method: own}, **rates)
    assert crosses_countries(method, told) == crosses
    rows = pd.DataFrame({"country": ["KZ", "KG", "KZ"]})
    listed = [Part(WHOLE, method)] if crosses else [Part(c, method) for c in (TOGETHER, "KG", "KZ")]
    assert parts.parts(rows, told) == listed


def test_a_rule_of_design_crosses_for_the_methods_it_stands_beside() -> None:
    told = settings({"poisson": {}, "design": {"lonely_psu": "adjust"}})
    assert crosses_countries("poisson", told)
