"""Three releases in a row: vintages stay, changes are listed once, and each release knows its neighbours."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from schemas import declaration, result_tables
from tasks import revise
from tests import small_survey
from tests.unit.tasks import small_tables
from warehouse import release as folders
from warehouse import results
from warehouse.home import Home
from warehouse.release import Published

KZ = {"level": "regional", "region": "KZ-15", "exploitation": "labour", "location": "inside", "sex": "women"}


def vintage(number: int, value: float) -> pd.DataFrame:
    """Cells of release `number` in which one cell of Kazakhstan is `value`."""
    frame = small_tables.estimates(f"small_survey-2009-r{number}")
    chosen = pd.Series(True, index=frame.index)
    for name, wanted in KZ.items():
        chosen &= frame[name] == wanted
    assert chosen.sum() == 1
    return frame.assign(estimate=frame["estimate"].mask(chosen, value))


def publish(home: Home, number: int, value: float, same_inputs: bool) -> dict[str, pd.DataFrame]:
    """Make release `number` on disk from what stands there, as the step `release` does."""
    chosen = declaration.load(small_survey.ID)
    previous = folders.published(home, small_survey.ID)
    release_id = f"small_survey-2009-r{number}"
    cells = vintage(number, value)
    now = datetime(2026, number, 28, 1, 30)
    tables = {name: small_tables.empty(name) for name in result_tables.tables()} | {
        "estimates": revise.with_vintages(cells, previous),
        "revisions": revise.revisions(cells, previous, release_id, same_inputs),
        "releases": revise.releases(chosen, previous, release_id, str(number) * 64, None, now),
    }
    folder = folders.begin(home, release_id)
    results.write(folder, tables)
    manifest = {"release_id": release_id, "created_at": folders.stamp(now), "content_sha256": str(number) * 64}
    folders.finish(folder, home.releases / release_id, {**manifest, "code_commit": None})
    return tables


@pytest.fixture(scope="module")
def chained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, list[dict[str, pd.DataFrame]]]:
    """One cell goes 100 -> 120 -> 90: first because of new data, then because of the method."""
    folder = tmp_path_factory.mktemp("chain")
    small_survey.write(folder / "surveys")
    home = Home(folder / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        return home, [publish(home, 1, 100.0, False), publish(home, 2, 120.0, False), publish(home, 3, 90.0, True)]


@pytest.fixture
def chain(chained: tuple[Home, list[dict[str, pd.DataFrame]]]) -> list[dict[str, pd.DataFrame]]:
    return chained[1]


def test_the_first_release_revises_nothing(chain: list[dict[str, pd.DataFrame]]) -> None:
    assert len(chain[0]["revisions"]) == 0
    assert revise.last_estimates([]) is None


def test_every_change_is_listed_once_with_both_numbers_and_its_cause(chain: list[dict[str, pd.DataFrame]]) -> None:
    columns = ["previous_release_id", "release_id", "region", "previous_estimate", "estimate", "reason_code"]
    rows = chain[2]["revisions"][columns].to_dict("records")
    assert [tuple(row.values()) for row in rows] == [
        ("small_survey-2009-r1", "small_survey-2009-r2", "KZ-15", 100.0, 120.0, "new_data"),
        ("small_survey-2009-r2", "small_survey-2009-r3", "KZ-15", 120.0, 90.0, "method"),
    ]
    assert list(chain[2]["revisions"]["relative_change"]) == pytest.approx([0.2, -0.25])


def test_all_vintages_stay(chain: list[dict[str, pd.DataFrame]]) -> None:
    frame = chain[2]["estimates"]
    cell = frame[(frame[list(KZ)] == list(KZ.values())).all(axis=1)]
    assert list(zip(cell["release_id"], cell["estimate"], strict=True)) == [
        ("small_survey-2009-r1", 100.0),
        ("small_survey-2009-r2", 120.0),
        ("small_survey-2009-r3", 90.0),
    ]
    assert len(frame) == 3 * len(vintage(1, 100.0))


def test_releases_form_a_chain(chain: list[dict[str, pd.DataFrame]]) -> None:
    rows = chain[2]["releases"]
    r1, r2, r3 = (f"small_survey-2009-r{number}" for number in (1, 2, 3))
    assert list(rows["supersedes"].fillna("")) == ["", r1, r2]
    assert list(rows["superseded_by"].fillna("")) == [r2, r3, ""]
    assert list(rows["published_at"]) == [pd.Timestamp(f"2026-0{n}-28 01:30") for n in (1, 2, 3)]
    assert list(rows["content_sha256"]) == ["1" * 64, "2" * 64, "3" * 64]


def test_the_last_estimates_are_those_of_the_newest_release(
    chained: tuple[Home, list[dict[str, pd.DataFrame]]],
) -> None:
    previous: list[Published] = folders.published(chained[0], small_survey.ID)
    last = revise.last_estimates(previous)
    assert last is not None
    assert set(last["release_id"]) == {"small_survey-2009-r3"}


def test_a_cell_that_comes_or_goes_is_a_revision_and_missing_twice_is_none(survey: Path, home: Home) -> None:
    publish(home, 1, float("nan"), False)
    previous = folders.published(home, small_survey.ID)
    same = revise.revisions(vintage(2, float("nan")), previous, "small_survey-2009-r2", False)
    assert len(same) == 0
    come = revise.revisions(vintage(2, 5.0), previous, "small_survey-2009-r2", False)
    assert [(pd.isna(row.previous_estimate), row.estimate) for row in come.itertuples()] == [(True, 5.0)]
    fewer = vintage(2, float("nan"))
    gone = revise.revisions(fewer[fewer["sex"] != "men"], previous, "small_survey-2009-r2", False)
    assert set(gone["sex"]) == {"men"}
    assert gone["estimate"].isna().all()


def test_a_change_from_nought_has_no_relative_size(survey: Path, home: Home) -> None:
    publish(home, 1, 0.0, False)
    rows = revise.revisions(vintage(2, 5.0), folders.published(home, small_survey.ID), "small_survey-2009-r2", False)
    assert rows["relative_change"].isna().all()
