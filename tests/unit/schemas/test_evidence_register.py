"""The row rules of the instrument `evidence_register`: which figures are not taken in, and what is said of them."""

from __future__ import annotations

import pytest

from schemas import instrument
from schemas.declared_instrument import DeclaredInstrument
from tests.unit.estimators.evidence.small_register import register


def failing(**cells: object) -> set[str]:
    """Name the rules that one figure breaks."""
    kind = instrument.find("evidence_register")
    assert isinstance(kind, DeclaredInstrument)
    frame = register([{"questionnaire_id": "one", "value": 1.0, **cells}])
    return {name for name, _, fails, _ in kind.rules(frame) if fails.any()}


@pytest.mark.parametrize(
    ("cells", "rules"),
    [
        ({}, set()),
        ({"value": None, "low": 10, "high": 15, "comparator": "range"}, set()),
        ({"value": None, "low": 15, "high": 10, "comparator": "range"}, {"range_order"}),
        ({"value": None, "low": 10, "comparator": "range"}, {"range_ends"}),
        ({"comparator": "range"}, {"range_ends"}),
        ({"low": 10, "high": 15}, {"ends_of_range"}),
        ({"unit": "percent", "value": 100}, set()),
        ({"unit": "percent", "value": 100.1}, {"share_high"}),
        ({"unit": "percent", "value": -1}, {"share_low"}),
        ({"unit": "persons", "value": 493800}, set()),
        ({"unit": "percent", "value": None, "low": 20, "high": 120, "comparator": "range"}, {"range_share_high"}),
        ({"measure_type": "stock", "period_start": "2005-01", "period_end": "2005-01"}, set()),
        ({"measure_type": "stock", "period_start": "2005", "period_end": "2006"}, {"stock_one_date"}),
        ({"measure_type": "flow", "period_start": "2005", "period_end": "2006"}, set()),
        ({"period_start": "2006", "period_end": "2005-12"}, {"period_order"}),
        ({"comparator": "none"}, {"statement_without_number"}),
        ({"comparator": "none", "value": None}, set()),
    ],
)
def test_a_row_breaks_the_rules_it_should(cells: dict[str, object], rules: set[str]) -> None:
    assert failing(**cells) == rules
