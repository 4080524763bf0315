"""Do 95 % limits hold the truth in 95 % of repeated surveys? A fast slice always, the whole table with --slow.

The truth is what the generator was told: victims per relative, and a design effect set by formula.
"""

from __future__ import annotations

import sys

import pandas as pd
import pytest

from tests.simulation import coverage
from tests.simulation.repeated_surveys import Scenario

LIMITS = "steadied"
SLICE = [
    Scenario("five strata of four PSUs", effect, count, coverage.replicates(effect, count), 5, 4)
    for effect, count in ((1, 2), (1, 10), (1, 200), (5, 5), (5, 50), (12, 20), (12, 200))
]
"""Surveys of 240 families: quick to draw, and with few degrees of freedom the harder ones."""


@pytest.fixture(scope="module")
def quick() -> pd.DataFrame:
    return coverage.table(SLICE, processes=1)


def test_limits_cover_in_a_slice_of_the_simulation(quick: pd.DataFrame) -> None:
    assert coverage.failures(quick, LIMITS).empty


def test_limits_do_not_cover_too_much_where_most_is_sampled() -> None:
    """Four of five PSUs of each stratum: the variance of independent cases is a fifth of a Poisson count's."""
    most = coverage.table([Scenario("four of five PSUs", 1, 50, coverage.REPLICATES, 5, 4, frame=5)], processes=1)
    assert coverage.failures(most, LIMITS).empty
    assert most["garwood_own_coverage"].iloc[0] > 0.98  # a design effect below 1 is taken as 1


def test_design_effects_are_those_set(quick: pd.DataFrame) -> None:
    # From error variance and counts alone; no variance estimator is asked. 15 %: kurtosis of rare counts.
    common = quick[quick["effective_count"] >= 10]
    assert ((common["found_design_effect"] / common["design_effect"] - 1).abs() < 0.15).all()


def test_a_domain_on_its_own_covers_too_little_when_cases_are_few(quick: pd.DataFrame) -> None:
    """Why design effects are steadied: in 5 cases of design effect 5 the domain's own variance is no guide."""
    rare = quick[(quick["design_effect"] == 5) & (quick["mean_count"] == 5)].iloc[0]
    assert rare["garwood_own_coverage"] < 0.92 < rare[f"{LIMITS}_coverage"]


def test_a_wrong_standard_error_would_be_seen(quick: pd.DataFrame) -> None:
    assert len(coverage.failures(quick.assign(se_ratio=0.85), LIMITS)) == len(quick)
    assert len(coverage.failures(quick.assign(bias=0.5), LIMITS)) == len(quick)
    assert len(coverage.failures(quick.assign(**{f"{LIMITS}_coverage": 0.9}), LIMITS)) == len(quick)


@pytest.mark.slow
def test_limits_cover_in_the_whole_table(capsys: pytest.CaptureFixture[str]) -> None:
    found = coverage.table(coverage.scenarios(), processes=2)
    with capsys.disabled():
        sys.stdout.write("\n" + found.round(3).to_string(index=False) + "\n")
    assert coverage.failures(found, LIMITS).empty
    cited = pd.read_csv(coverage.TABLE)
    # Another version of numpy may draw other numbers: four Monte-Carlo errors of a difference of 20,000 replicates.
    assert (found[f"{LIMITS}_coverage"] - cited[f"{LIMITS}_coverage"]).abs().max() < 0.007
