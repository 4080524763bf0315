"""What a release gives away: the bundled survey by the default rules, solved as an outsider would, and later nights."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from flows import direct
from flows.night import Outcome
from schemas import declaration
from tests import small_survey
from warehouse import results
from warehouse.home import CHECKOUT, Home

SURVEY = "central_asia_2009"
STREAMS = (("labour", "women"), ("labour", "men"), ("sexual", "women"))
PLACES, WINDOWS = ("inside", "abroad"), ("last_3_years", "earlier")
RATES = ("victims", "victims_per_1000_families", "victims_per_1000_population")
ONE_SAMPLE = ("pennington", "poisson", "poisson_ppf", "design_pooled")
NUMBERS = ["estimate", "std_error", "cv", "ci_low", "ci_high", "n_cases", "df", "deff"]


def night(name: str, home: Home) -> Outcome:
    return direct.run(declaration.load(name), home, logging.getLogger("test").info)


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A data folder in which the bundled survey was run once, as it ships."""
    home = Home(tmp_path_factory.mktemp("disclosure") / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("KINSCALE_SURVEYS", raising=False)
        assert night(SURVEY, home).exit_code == 0
    return home


def table(home: Home, name: str) -> pd.DataFrame:
    return results.read(home.latest / "results.duckdb", name)


def verdicts(home: Home) -> dict[str, tuple[float, str]]:
    quality = table(home, "quality")
    rows = quality[quality["dimension"] == "confidentiality"]
    return {row.check_id: (row.value, row.verdict) for row in rows.itertuples()}


def test_the_audit_passes_and_cells_of_both_kinds_are_hidden(bundled: Home) -> None:
    found = verdicts(bundled)
    assert found["cells_hidden_primary"][0] > 0
    assert found["cells_hidden_complementary"][0] > 0
    for check in ("hidden_cells_recovered", "hidden_cells_closer_than_bound", "cells_exposed_across_releases"):
        assert found[check] == (0, "passed")
    actions = set(table(bundled, "disclosure")["action"])
    assert {"hidden_primary", "hidden_complementary", "exempt_publication"} <= actions


def vector(
    regions: list[str], weights: dict[str, float], form: str, location: str, sex: str, period: str
) -> np.ndarray:
    """Write a count as a sum of what each region's families answered: one unknown per stream, place and window."""
    windows = {"annual": ("last_3_years",), "all_time": WINDOWS}.get(period, (period,))
    return np.array(
        [
            weights.get(region, 0.0)
            * (form in (stream, "all"))
            * (sex in (who, "all") or (stream, sex) == ("sexual", "women"))
            * (location in (place, "both"))
            * (window in windows)
            for region in regions
            for stream, who in STREAMS
            for place in PLACES
            for window in WINDOWS
        ]
    )


def shown_sums(estimates: pd.DataFrame, country: str, regions: list[str]) -> Iterator[np.ndarray]:
    """Every sum of answers that the published rows of a country show, nations under both of their weightings."""
    rows = estimates[(estimates["country"] == country) & estimates["level"].isin(["regional", "national"])]
    families = rows[(rows["level"] == "regional") & (rows["indicator"] == "families") & (rows["method"] == "design")]
    stands_for = dict(zip(families["region"], families["estimate"] / families["n_respondents"], strict=True))
    plain = dict.fromkeys(regions, 1.0)
    shown = rows[rows["estimate"].notna() & rows["indicator"].isin([*RATES, "share_women", "share_last_3_years"])]
    columns = ["level", "region", "indicator", "exploitation", "location", "sex", "period", "method"]
    for level, region, indicator, form, place, sex, period, method in (
        shown[columns].drop_duplicates().itertuples(index=False)
    ):
        if level == "regional":
            weightings = [{region: 1.0}]
        else:
            weightings = [plain] if method in ONE_SAMPLE else [plain, stands_for]
        for weights in weightings:
            if indicator == "share_women":
                cells = [(form, place, who, period) for who in ("women", "men", "all")]
            elif indicator == "share_last_3_years":
                cells = [(form, place, "all", window) for window in ("last_3_years", "all_time")]
            else:
                cells = [(form, place, sex, period)]
            for cell in cells:
                yield vector(regions, weights, *cell)


@pytest.mark.parametrize("country", ["KZ", "KG", "TJ", "TM", "UZ"])
def test_solving_the_published_sums_recovers_no_hidden_cell(bundled: Home, country: str) -> None:
    """From the published tables alone, by the rank of what they show: numpy, and no code of disclosure control."""
    estimates, log = table(bundled, "estimates"), table(bundled, "disclosure")
    regions = sorted(estimates.loc[estimates["country"] == country, "region"].dropna().unique())
    shown = np.unique(np.round(np.stack(list(shown_sums(estimates, country, regions))), 9), axis=0)
    shown = shown / np.linalg.norm(shown, axis=1, keepdims=True).clip(min=1e-9)
    basis = np.linalg.svd(shown, full_matrices=False)
    span = basis.Vh[1e-9 * basis.S[0] < basis.S]
    hidden = log[(log["country"] == country) & (log["level"] == "regional") & log["action"].str.startswith("hidden_")]
    assert len(hidden) > 20
    columns = ["region", "exploitation", "location", "sex", "period"]
    targets = np.stack([vector(regions, {r: 1.0}, *cell) for r, *cell in hidden[columns].itertuples(index=False)])
    left = np.linalg.norm(targets - targets @ span.T @ span, axis=1)
    assert left.min() > 1e-4
    # The test can fail: with all rows shown every cell follows.
    everything = np.stack([vector(regions, {r: 1.0}, "all", "both", "all", w) for r in regions for w in WINDOWS])
    assert np.linalg.matrix_rank(np.vstack([span, everything])) > len(span)


@pytest.mark.parametrize("country", ["KZ", "KG", "TJ", "TM", "UZ"])
def test_solving_the_rows_of_the_2010_rule_recovers_no_hidden_cell(bundled: Home, country: str) -> None:
    """Its rows count by the total question: unknowns of their own, one a region, form and place."""
    estimates = table(bundled, "estimates")
    rows = estimates[(estimates["country"] == country) & estimates["method"].isin(["pennington", "poisson_ppf"])]
    rows = rows[rows["indicator"].isin(RATES) & (rows["sex"] == "all")]
    regions = sorted(rows["region"].dropna().unique())

    def sums(chosen: pd.DataFrame) -> np.ndarray:
        cells = chosen[["region", "exploitation", "location"]].drop_duplicates().itertuples(index=False)
        found = [
            [
                (pd.isna(region) or r == region) * (form in (e, "all")) * (place in (p, "both"))
                for r in regions for e in ("labour", "sexual") for p in PLACES
            ]
            for region, form, place in cells
        ]  # fmt: skip
        return np.array(found, dtype=float)

    shown, hidden = sums(rows[rows["estimate"].notna()]), sums(rows[rows["estimate"].isna()])
    assert len(hidden) > 5
    left = hidden - hidden @ np.linalg.pinv(shown) @ shown
    assert np.linalg.norm(left, axis=1).min() > 1e-4


def test_a_hidden_row_keeps_its_place_and_none_of_its_numbers(bundled: Home) -> None:
    estimates = table(bundled, "estimates")
    hidden = estimates[estimates["conf_status"] != "F"]
    assert len(hidden) > 1000
    assert hidden[NUMBERS].isna().all(axis=None)
    assert hidden["reliability"].isna().all()
    assert set(hidden["obs_status"]) == {"M"}
    assert hidden[["n_respondents", "n_psu"]].notna().all(axis=None)
    log = table(bundled, "disclosure")
    primary = log[(log["action"] == "hidden_primary") & (log["period"] == "last_3_years")]
    key = ["level", "country", "region", "exploitation", "location", "sex"]
    rows = estimates[estimates["period"] == "annual"].merge(primary[key], on=key)
    assert len(rows) > 500
    assert set(rows["conf_status"]) == {"C"}  # in every method and indicator


def test_nations_stand_in_the_release_as_the_publication_printed_them(bundled: Home) -> None:
    estimates = table(bundled, "estimates")
    nations = estimates[(estimates["level"] == "national") & (estimates["method"] == "pennington")]
    assert set(nations["conf_status"]) == {"F"}
    leading = estimates[(estimates["level"] == "national") & (estimates["method"] == "design")]
    assert set(leading.loc[leading["exploitation"] == "all", "conf_status"][leading["period"] == "annual"]) == {"F"}


def test_exempt_cells_are_shown_and_logged(bundled: Home) -> None:
    """The study prints regional counts, as 16 victims of sexual exploitation inside Kazakhstan from Almaty."""
    log = table(bundled, "disclosure")
    exempt = log[log["action"] == "exempt_publication"]
    assert len(exempt) > 5
    assert exempt["reason"].str.contains("publication printed").all()
    estimates = table(bundled, "estimates")
    annual = exempt[(exempt["period"] == "last_3_years") & (exempt["level"] == "regional")]
    key = ["level", "country", "region", "exploitation", "location", "sex"]
    rows = estimates[(estimates["method"] == "design") & estimates["indicator"].eq("victims")].merge(
        annual[key], on=key
    )
    assert len(rows)
    assert (rows["conf_status"] == "F").all()


def test_a_printed_number_of_a_hidden_cell_shows_ours_only_where_equal(bundled: Home) -> None:
    reproduction = table(bundled, "reproduction")
    silent = reproduction[reproduction["reason"].fillna("").str.contains("cell is hidden")]
    assert silent["computed"].isna().all()
    assert silent["difference"].isna().all()
    assert (silent["verdict"] != "match").all()


def test_no_check_and_no_page_tells_the_sums_of_hidden_regions(bundled: Home) -> None:
    quality = json.loads((bundled.latest / "quality.json").read_text(encoding="utf-8"))
    gaps = [row for row in quality if row["check_id"] == "regions_less_nation"]
    assert gaps
    assert all(row["value"] is None for row in gaps)
    assert not any(character.isdigit() for row in gaps for character in row["detail"])


def test_the_log_does_not_say_how_much(bundled: Home) -> None:
    log = table(bundled, "disclosure")
    assert not log.select_dtypes("number").shape[1]
    assert log["reason"].nunique() <= 8  # one sentence a rule, none of a cell's own


def small(survey: Path, **rules: object) -> None:
    path = survey / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**content, "disclosure": rules}, allow_unicode=True), encoding="utf-8")


def test_a_cell_that_an_earlier_release_shows_is_hidden_from_now_on_and_said_to_be_public(
    survey: Path, home: Home
) -> None:
    assert night(small_survey.ID, home).exit_code == 0  # disclosure control is off there
    small(survey, min_families=4)
    outcome = night(small_survey.ID, home)
    assert outcome.exit_code == 0
    assert outcome.is_new_release
    log = table(home, "disclosure")
    shown = log[log["action"] == "shown_in_earlier_release"]
    assert len(shown)
    estimates = table(home, "estimates")
    now = estimates[estimates["release_id"] == "small_survey-2009-r2"]
    key = ["level", "country", "region", "exploitation", "location", "sex"]
    rows = now[now["period"] == "annual"].merge(shown.loc[shown["period"] == "last_3_years", key], on=key)
    assert len(rows)
    assert rows["estimate"].isna().all()
    assert verdicts(home)["cells_shown_in_earlier_release"][0] > 0


def test_a_pattern_stays_when_the_data_stay(survey: Path, home: Home) -> None:
    small(survey, min_families=4)
    assert night(small_survey.ID, home).exit_code == 0
    before = table(home, "disclosure").drop(columns="release_id")
    assert len(before)
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": "20"})
    assert night(small_survey.ID, home).is_new_release
    pd.testing.assert_frame_equal(before, table(home, "disclosure").drop(columns="release_id"))
    found = verdicts(home)
    assert found["cells_exposed_across_releases"] == (0, "passed")
    assert found["hidden_cells_recovered"] == (0, "passed")


def test_a_night_that_is_worked_through_again_hides_the_same(
    bundled: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A delivery is refused, so the rows in force stay, and all is decided again beside a release that shows it."""
    home = Home(tmp_path / "home")
    shutil.copytree(bundled.root, home.root, symlinks=True)
    surveys = tmp_path / "surveys"
    shutil.copytree(CHECKOUT / "surveys" / SURVEY, surveys / SURVEY)
    delivery = surveys / SURVEY / "raw" / "KG_2009.csv"
    delivery.write_bytes(delivery.read_bytes() + b"x")  # not what its delivery note describes
    monkeypatch.setenv("KINSCALE_SURVEYS", str(surveys))
    outcome = night(SURVEY, home)
    assert [type(error).__name__ for error in outcome.errors] == ["FormatDamaged"]
    assert outcome.news and not outcome.is_new_release


def test_rules_are_the_surveys_own(survey: Path, home: Home) -> None:
    small(survey, min_families=1, min_settlements=1, largest_share=1.0)
    assert night(small_survey.ID, home).exit_code == 0
    assert table(home, "disclosure").empty
    assert set(table(home, "estimates")["conf_status"]) == {"F"}


@pytest.mark.parametrize("method", ["small_area", "jackknife"])
def test_every_method_hides_the_same_cells(method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "surveys"
    shutil.copytree(CHECKOUT / "surveys" / SURVEY, folder / SURVEY)
    path = folder / SURVEY / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["methods"] = {"design": {}, "pennington": {"cdf_decimals": 4}, method: {}}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    monkeypatch.setenv("KINSCALE_SURVEYS", str(folder))
    home = Home(tmp_path / "home")
    assert night(SURVEY, home).exit_code == 0
    estimates = table(home, "estimates")
    rows = estimates[(estimates["level"] == "regional") & (estimates["period"] == "annual")]
    key = ["region", "indicator", "exploitation", "location", "sex"]
    hidden = {
        name: set(
            rows.loc[(rows["method"] == name) & (rows["conf_status"] == "C"), key].itertuples(index=False, name=None)
        )
        for name in ("design", method)
    }
    assert len(hidden["design"]) > 500
    assert hidden[method] >= hidden["design"]
    models = table(home, "small_area_models")
    if method == "small_area":
        gone = models.merge(rows.loc[rows["method"].eq("design") & rows["conf_status"].ne("F"), key[:1] + key[2:]],
                            on=["region", "exploitation", "location", "sex"])  # fmt: skip
        assert gone[["direct_rate", "model_rate", "rate", "effective_cases", "shrinkage"]].isna().all(axis=None)
