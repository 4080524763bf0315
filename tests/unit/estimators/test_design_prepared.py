"""What the design methods share: one object for equal rules, another one where a rule differs."""

from __future__ import annotations

import numpy as np

from estimators.design_prepared import prepared
from estimators.domain_totals import survey_totals
from tests.unit.estimators.two_countries import RATES, population, survey


def test_methods_with_the_same_rules_share_one_object() -> None:
    totals = survey_totals(survey(), population())
    one = prepared(totals, {**RATES, "limits": "log_t"})
    assert prepared(totals, {**RATES, "limits": "wald", "publish_levels": ["national"]}) is one
    assert prepared(totals, {**RATES, "combination": "pooled"}) is not one
    assert prepared(totals, {**RATES, "years": 4}) is not one
    assert prepared(survey_totals(survey(), population()), RATES) is not one


def test_a_rule_that_differs_changes_what_is_shared() -> None:
    totals = survey_totals(survey(), population())
    (three, _), (four, _) = (prepared(totals, {**RATES, "years": years}).linearised for years in (3, 4))
    victims = slice(0, 24)  # rates per 1,000 families come first
    np.testing.assert_allclose(three[:, victims] * 3, four[:, victims] * 4, rtol=1e-12)
