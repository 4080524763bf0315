"""Three releases in a row: vintages stay, changes are listed once, and each release knows its neighbours."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest

from schemas import declaration, result_tables
from schemas.reason import ReasonCode
from tasks import revise
from tasks.changes import changes
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


def new(number: int, code: ReasonCode | None = None, reason: str | None = None) -> revise.NewRelease:
    when = datetime(2026, number, 28, 1, 30)
    return revise.NewRelease(f"small_survey-2009-r{number}", str(number) * 64, None, when, reason, code)


def publish(
    home: Home, number: int, value: float, code: ReasonCode | None = None, reason: str | None = None
) -> dict[str, pd.DataFrame]:
    """Make release `number` on disk from what stands there, as the step `release` does."""
    chosen = declaration.load(small_survey.ID)
    previous = folders.published(home, small_survey.ID)
    about = new(number, code, reason)
    release_id, now = about.release_id, about.now
    cells = vintage(number, value)
    tables = {name: small_tables.empty(name) for name in result_tables.tables()} | {
        "estimates": revise.with_vintages(cells, previous),
        "revisions": revise.revisions(revise.changed_cells(cells, previous), cells, previous, about),
        "releases": revise.releases(chosen, previous, about),
    }
    folder = folders.begin(home, release_id)
    results.write(folder, tables)
    manifest = {"release_id": release_id, "created_at": folders.stamp(now), "content_sha256": str(number) * 64}
    folders.finish(folder, home.releases / release_id, {**manifest, "code_commit": None, "reason": reason})
    return tables


@pytest.fixture(scope="module")
def chained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, list[dict[str, pd.DataFrame]]]:
    """One cell goes 100 -> 120 -> 90: first because of new data, then because of a correction."""
    folder = tmp_path_factory.mktemp("chain")
    small_survey.write(folder / "surveys")
    home = Home(folder / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        first = publish(home, 1, 100.0)
        second = publish(home, 2, 120.0, ReasonCode.NEW_DATA)
        return home, [first, second, publish(home, 3, 90.0, ReasonCode.CORRECTION, "a key was pressed twice")]


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
        ("small_survey-2009-r2", "small_survey-2009-r3", "KZ-15", 120.0, 90.0, "correction"),
    ]
    assert list(chain[2]["revisions"]["relative_change"]) == pytest.approx([0.2, -0.25])
    assert list(chain[2]["revisions"]["reason"].fillna("")) == ["", "a key was pressed twice"]
    assert list(chain[2]["releases"]["reason"].fillna("")) == ["", "", "a key was pressed twice"]


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


def test_numbers_of_a_cell_that_is_hidden_now_are_taken_out_of_every_row(
    chained: tuple[Home, list[dict[str, pd.DataFrame]]],
) -> None:
    """The cell was 100, 120 and 90; disclosure control hides it in the fourth release."""
    previous = folders.published(chained[0], small_survey.ID)
    cells = vintage(4, float("nan"))
    moved = cells["estimate"].isna()
    cells = cells.assign(conf_status=cells["conf_status"].mask(moved, "C"))
    rows = revise.revisions(revise.changed_cells(cells, previous), cells, previous, new(4, ReasonCode.METHOD))
    assert list(rows["change"]) == ["revised", "revised", "hidden"]
    assert rows[revise.NUMBERS].isna().all(axis=None)


@pytest.mark.parametrize(("final", "statuses"), [(False, {"P"}), (True, {"A", "R"})])
def test_the_status_of_a_cell(final: bool, statuses: set[str]) -> None:
    cells = vintage(2, 120.0)
    missing = cells["sex"] == "men"
    cells = cells.assign(obs_status=cells["obs_status"].mask(missing, "M"))
    got = revise.with_status(cells, changes(vintage(1, 100.0), cells), final)
    assert set(got.loc[missing, "obs_status"]) == {"M"}
    assert set(got.loc[~missing, "obs_status"]) == statuses
    revised = got[got["obs_status"] == "R"]
    assert list(revised["estimate"]) == ([120.0] if final else [])


@pytest.mark.parametrize(
    ("moment", "withdrawn", "status"),
    [
        ("2027-12-30", False, "provisional"),
        ("2027-12-31", False, "final"),
        ("2027-12-30", True, "withdrawn"),
        ("2028-01-01", True, "withdrawn"),
    ],
)
def test_the_status_of_a_release(moment: str, withdrawn: bool, status: str) -> None:
    assert revise.status(date(2027, 12, 31), datetime.fromisoformat(moment), withdrawn) == status


def test_without_a_freeze_date_nothing_is_ever_final() -> None:
    assert revise.status(None, datetime(2999, 1, 1)) == "provisional"
