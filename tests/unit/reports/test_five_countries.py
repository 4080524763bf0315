"""The table of countries: ours beside the printed numbers, and a verdict only where all three are printed."""

from __future__ import annotations

import pytest

from reports.five_countries import comparison
from tests.unit.reports import small_release
from tests.unit.reports.small_release import PRINTED, printed


def rows(reproduction: list[dict[str, object]]) -> dict[tuple[str, str], dict[str, object]]:
    tables = small_release.tables(reproduction)
    estimates = tables["estimates"]
    found = comparison(tables["reproduction"], estimates[estimates["release_id"] == small_release.RELEASE])
    return {(row["country"], row["location"]): row for row in found}


def test_countries_inside_and_abroad_then_all_together() -> None:
    assert list(rows([])) == [("KZ", "inside"), ("KZ", "abroad"), ("", "inside"), ("", "abroad"), ("", "both")]


def test_ours_and_theirs_stand_side_by_side() -> None:
    row = rows(PRINTED)[("KZ", "inside")]
    assert (row["estimate"], row["ci_low"], row["ci_high"]) == pytest.approx((100.0, 90.0, 110.0))
    assert (row["printed_estimate"], row["printed_ci_low"], row["printed_ci_high"]) == (100.0, 90.0, 110.0)
    assert row["verdict"] == "equal"


@pytest.mark.parametrize(
    ("reproduction", "verdict"),
    [
        ([], ""),
        (PRINTED[:2], ""),  # the upper limit is not printed
        ([*PRINTED[:2], printed("victims_upper_limit", 111.0, 110.0, "publication_error")], "differs"),
        ([*PRINTED, {**printed("victims", 3.0, 3.0, "match"), "source_table": "2-6a"}], "equal"),  # another table
        ([{**row, "region": "KZ-15"} for row in PRINTED], ""),  # a region's number is not the nation's
        ([{**row, "sex": "women"} for row in PRINTED], ""),
    ],
)
def test_the_verdict(reproduction: list[dict[str, object]], verdict: str) -> None:
    assert rows(reproduction)[("KZ", "inside")]["verdict"] == verdict
    assert rows(reproduction)[("KZ", "abroad")]["verdict"] == ""
