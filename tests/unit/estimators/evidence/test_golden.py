"""Small registers and what is made of them; where the numbers come from: tests/golden/evidence/README.md."""

from __future__ import annotations

import pandas as pd

from estimators.evidence import evidence
from tests.unit.estimators.evidence.small_register import expected, golden

TITLE = {"en": "A number", "ru": "Число"}


def assert_golden(made: pd.DataFrame, name: str) -> None:
    """Assert that a table has the golden rows, to two decimals."""
    wanted = expected(name)
    found = made[wanted.columns].round(2)
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False)


def test_a_restricted_sample_has_no_number() -> None:
    assert_golden(evidence(golden("restricted_sample"), {})["evidence"], "restricted_sample")


def test_stages_are_not_added() -> None:
    rules = {
        "sums": [
            {"id": "articles", "of": ["kidnapping", "exploitation", "children"], "title": TITLE},
            {"id": "sources", "of": ["kidnapping", "other_source"], "title": TITLE},
            {"id": "years", "of": ["kidnapping", "later"], "title": TITLE},
            {"id": "outcomes", "of": ["proceedings", "cases"], "title": TITLE},
            {"id": "nobody", "of": ["kidnapping", "not_there"], "title": TITLE},
        ],
        "ratios": [{"id": "of_articles", "of": ["exploitation", "articles"], "per": 100, "title": TITLE}],
        "bounds": [{"id": "both_sources", "of": ["kidnapping", "other_source"], "title": TITLE}],
    }
    assert_golden(evidence(golden("three_stages"), rules)["evidence_derived"], "three_stages")


def test_two_ages_of_one_population() -> None:
    rules = {
        "age_bases": [
            {
                "id": name,
                "recruitment": recruitment,
                "identification": identification,
                "base": "victims",
                "title": TITLE,
            }
            for name, recruitment, identification in (
                ("minors", "recruited", "identified"),
                ("impossible", "recruited", "later_identified"),
                ("others", "recruited", "elsewhere"),
                ("exchanged", "identified", "recruited"),
            )
        ]
    }
    assert_golden(evidence(golden("two_ages"), rules)["evidence_age_bases"], "two_ages")
