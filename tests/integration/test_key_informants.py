"""The roster of 2007 and the cases told, as they ship: what their releases show, hide and count."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows import direct
from schemas import declaration
from tests.unit.disclosure.counts_attacker import bounds_of_hidden
from warehouse import results
from warehouse.home import Home

GOLDEN = Path(__file__).parents[1] / "golden"
NUMBERS = ["estimate", "std_error", "cv", "ci_low", "ci_high", "n_cases", "n_respondents"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A data folder in which both surveys were run once."""
    folder = Home(tmp_path_factory.mktemp("key_informants") / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("KINSCALE_SURVEYS", raising=False)
        for name in ("kyrgyzstan_roster_2007", "kyrgyzstan_case_mentions_2007"):
            assert direct.run(declaration.load(name), folder, logging.getLogger("test").info).exit_code == 0
    return folder


def table(home: Home, survey: str, name: str) -> pd.DataFrame:
    return results.read(home.root / "releases" / f"{survey}-2007-r1" / "results.duckdb", name)


def test_every_printed_number_of_the_roster_matches(home: Home) -> None:
    printed = table(home, "kyrgyzstan_roster_2007", "reproduction")
    assert set(printed["verdict"]) == {"match"}
    assert printed["computed"].notna().all()


def test_nobody_can_compute_a_hidden_kind_of_office_from_the_release(home: Home) -> None:
    """The release alone, solved by an attacker's own programmes; golden counts serve to compare."""
    cells = pd.read_csv(GOLDEN / "count_tables" / "roster_region_by_type.csv")
    estimates = table(home, "kyrgyzstan_roster_2007", "estimates")
    shown = estimates[estimates["indicator"].str.startswith("organisation_type.")].copy()
    shown["code"] = shown["indicator"].str.removeprefix("organisation_type.")
    both = cells.merge(shown[["code", "region", "conf_status", "n_cases", "n_respondents"]], on=["code", "region"])
    assert len(both) == len(cells) == 180
    assert list(both["conf_status"]) == list(both["expected"])
    free = both["conf_status"] == "F"
    assert (both.loc[free, "n_cases"] == both.loc[free, "count"]).all()
    bounds = bounds_of_hidden(both)
    assert len(bounds) == 90
    assert (bounds["count"] - bounds["low"] > 1 - 1e-6).all()
    assert (bounds["high"] - bounds["count"] > 1 - 1e-6).all()


def test_a_hidden_row_has_no_number_in_any_table(home: Home) -> None:
    estimates = table(home, "kyrgyzstan_roster_2007", "estimates")
    hidden = estimates[estimates["conf_status"] != "F"]
    assert len(hidden) >= 90
    assert hidden[NUMBERS].isna().all().all()
    indicators = table(home, "kyrgyzstan_roster_2007", "indicators").set_index("indicator")
    nations = hidden.loc[hidden["region"].isna(), "indicator"]
    assert indicators.loc[nations, ["numerator", "base", "missing"]].isna().all().all()
    quality = table(home, "kyrgyzstan_roster_2007", "quality").set_index("check_id")
    assert quality.loc["no_hidden_count_can_be_computed", "verdict"] == "passed"


def test_the_release_holds_the_interval_of_the_studys_definition(home: Home) -> None:
    found = table(home, "kyrgyzstan_case_mentions_2007", "definitions")
    assert len(found) == 6 * 3 * 3 * 2  # definitions, practices, borders, mentions and cases
    key = ["definition", "practice", "border", "counted_by"]
    one = found.set_index(key).loc["unicef_analytic", "include", "all", "cases"]
    assert (one["n"], one["certain"], one["possible"], one["excluded"]) == (24, 5, 13, 6)
    np.testing.assert_allclose([one["share_low"], one["share_high"]], [5 / 24, 18 / 24])
