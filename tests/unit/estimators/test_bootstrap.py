"""The two bootstraps: draws that depend on names alone, variances beside the linearised ones."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from estimators import bootstrap
from estimators.bootstrap import counted_sums, key, psu_names, redrawn_sums, stratum_draws
from estimators.domain_totals import survey_totals
from estimators.quotients import ratio
from estimators.replication import percentiles, spread
from estimators.sampling_design import Design, sampling_design
from tests.unit.estimators.invented_survey import codes, design_of, error, ratios, rows_by
from tests.unit.estimators.two_countries import population, run, survey

ROWS = ["victims", "relatives"]


@pytest.mark.parametrize("under", ["strata_cluster", "strata_cluster_fpc"])
def test_rao_wu_errors_are_those_of_linearisation(under: str) -> None:
    rows = rows_by(["country"])
    design = design_of(under, rows)
    code, n = codes(rows, ["country"])
    sums = redrawn_sums(design, code, rows[ROWS].to_numpy(float), n, 4000, 11)
    got = np.sqrt(spread(ratio(sums[..., 0], sums[..., 1])))
    # Monte-Carlo error of 4,000 replicates is about 1 %; ratios of few PSUs spread a little more than their tangent
    np.testing.assert_allclose(got, error(design, ratios(rows, "victims", "relatives", ["country"])), rtol=0.08)


def test_each_replicate_draws_one_psu_less_than_the_stratum_has() -> None:
    design = design_of("strata_cluster", rows_by([]))
    drawn = np.stack([stratum_draws(design, h, 50, 3).sum(axis=1) for h in range(len(design.drawn))], axis=1)
    assert (drawn == design.drawn - 1).all()


def test_draws_of_a_stratum_do_not_depend_on_other_strata() -> None:
    rows = rows_by([])
    some = rows[rows["country"] == 2].reset_index(drop=True)
    whole, part = design_of("strata_cluster", rows), design_of("strata_cluster", some)
    mine = np.flatnonzero((rows["country"] == 2).to_numpy())
    sums = rows[ROWS].to_numpy(float)
    alone = redrawn_sums(part, np.zeros(len(some), int), sums[mine], 1, 20, 5)
    beside = redrawn_sums(whole, (rows["country"] == 2).to_numpy(int), sums, 2, 20, 5)
    np.testing.assert_array_equal(alone[:, 0], beside[:, 1])
    assert (alone != redrawn_sums(part, np.zeros(len(some), int), sums[mine], 1, 20, 6)).any()


def test_poisson_replicates_of_parts_add_up_to_those_of_the_whole() -> None:
    psu = survey()
    halves = [psu[psu["psu"].isin(["s0", "s1"])], psu[psu["psu"].isin(["s2", "s3"])]]
    sums = []
    for frame in (psu, *halves):
        totals = survey_totals(frame, population())
        design = sampling_design(totals.psu, {})
        names = psu_names(totals, design)
        rows = totals.psu[["n_respondents", "relatives"]].to_numpy(float)
        sums.append(counted_sums(design, np.zeros(len(rows), int), rows, 1, names, 30, 9))
    np.testing.assert_array_equal(sums[0], sums[1] + sums[2])


def test_poisson_counts_are_drawn_in_blocks_that_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    totals = survey_totals(survey(psus=5), population())
    design = sampling_design(totals.psu, {})
    rows = totals.psu[["n_respondents", "relatives"]].to_numpy(float)
    domain = np.arange(len(rows)) % 3
    names = psu_names(totals, design)
    # All PSUs' counts in one matrix, by the key that each PSU has.
    generators = [np.random.default_rng(key(9, *name)) for name in names]
    counts = np.stack([generator.poisson(1.0, size=40) for generator in generators], axis=1)
    expected = np.stack([counts[:, design.psu[domain == d]] @ rows[domain == d] for d in range(3)], axis=1)
    for size in (1, 4, 1000):
        monkeypatch.setattr(bootstrap, "PSUS_AT_A_TIME", size)
        np.testing.assert_array_equal(counted_sums(design, domain, rows, 3, names, 40, 9), expected)


def test_poisson_memory_does_not_grow_with_the_number_of_psus() -> None:
    def peak(psus: int) -> int:
        everyone = np.arange(psus)
        none = np.zeros(psus)
        design = Design(everyone, none.astype(int), np.array([psus]), np.zeros(1), none.astype(bool))
        names = np.array([("KZ", "a", f"{psu}") for psu in everyone])
        tracemalloc.start()
        counted_sums(design, none.astype(int), np.ones((psus, 1)), 1, names, 2_000, 1)
        largest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return largest

    peak(10)
    assert peak(2_048) < 1.5 * peak(512)  # one matrix of all would be four times larger


def test_poisson_errors_contain_what_differs_between_strata() -> None:
    psu = survey(psus=12)
    far = psu["region"].str.endswith("1")
    psu.loc[far, "sexual_abroad_last_3_years"] += 40
    table = run(psu, bootstrap_poisson={"replicates": 800, "seed": 1}, bootstrap={"replicates": 800, "seed": 1})
    rows = table.query("country == 'KZ' and level == 'national' and indicator == 'victims' and sex == 'all'")
    errors = rows.query("exploitation == 'sexual' and location == 'abroad'").set_index("method")["std_error"]
    assert errors["bootstrap_poisson"] > 0.9 * errors["bootstrap"]


def test_percentiles_are_numpys_and_leave_nulls_out() -> None:
    values = np.random.default_rng(0).normal(size=(101, 3))
    values[50:, 2] = np.nan
    low, high = percentiles(values, 0.95)
    np.testing.assert_allclose(low[:2], np.quantile(values[:, :2], 0.025, axis=0))
    np.testing.assert_allclose(high[2], np.quantile(values[:50, 2], 0.975))
    assert spread(values)[2] == pytest.approx(values[:50, 2].var(ddof=1))


def test_limits_are_percentiles_or_what_is_asked_for() -> None:
    own = {"replicates": 100, "seed": 1}
    percentile, student = (run(survey(), bootstrap={**own, **more}) for more in ({}, {"limits": "wald"}))
    np.testing.assert_array_equal(percentile["std_error"], student["std_error"])
    assert (percentile["ci_high"] != student["ci_high"]).any()
    with pytest.raises(ValueError, match="known are percentile, garwood_effective"):
        run(survey(), bootstrap={**own, "limits": "bca"})


def test_seeds_come_from_names() -> None:
    # sha256("7\0KZ-1 (KZ)"), first eight bytes: the same on every machine
    import hashlib

    digest = hashlib.sha256(b"7\x00KZ-1 (KZ)").hexdigest()
    assert key(7, "KZ-1 (KZ)") == int(digest[:16], 16)
    assert isinstance(run(survey(), bootstrap={"replicates": 10, "seed": 1}), pd.DataFrame)
