"""The table of countries: ours beside the printed numbers, and a verdict only where all three are printed."""

from __future__ import annotations

import pandas as pd
import pytest

from reports.five_countries import comparison, leading
from tests.unit.reports import small_release
from tests.unit.reports.small_release import PRINTED, printed


def rows(
    reproduction: list[dict[str, object]], newest: pd.DataFrame | None = None
) -> dict[tuple[str, str], dict[str, object]]:
    tables = small_release.tables(reproduction, newest)
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


def test_design_leads_and_the_2010_rule_stands_beside_the_printed_number() -> None:
    row = rows(PRINTED, small_release.with_design())[("KZ", "inside")]
    assert (row["estimate"], row["ci_low"], row["ci_high"]) == pytest.approx((120.0, 108.0, 132.0))
    assert (row["printed_estimate"], row["reproduced_estimate"], row["verdict"]) == (100.0, 100.0, "equal")
    assert row["reproduced_ci_high"] == pytest.approx(110.0)
    assert row["reliability"] == "publish"


@pytest.mark.parametrize(
    ("methods", "first"),
    [
        (["pennington", "design", "poisson"], "design"),
        (["poisson", "pennington"], "pennington"),
        (["small_area", "poisson"], "poisson"),
        (["small_area", "jackknife"], "jackknife"),
        ([], ""),
    ],
)
def test_the_method_to_lead_with(methods: list[str], first: str) -> None:
    assert leading(pd.DataFrame({"method": pd.Series(methods, dtype="str")})) == first


def test_without_the_2010_rule_nothing_is_reproduced() -> None:
    row = rows(PRINTED, small_release.estimates(method="design"))[("KZ", "inside")]
    assert row["reproduced_estimate"] is None
    assert row["printed_estimate"] == 100.0


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
