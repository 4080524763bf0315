"""Backfills of the small survey, command by command: what is planned, built aside, compared, approved, rejected."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.errors import KinscaleError
from tests import small_survey
from tests.integration import backfill_world
from tests.integration.backfill_world import DROPPED, World, call, declare, hashes, night, told
from tests.integration.command_line import kinscale
from warehouse import build, integrity, lock, proposals, shadow
from warehouse import release as folders
from warehouse.home import Home

R1, R2 = f"{small_survey.ID}-2009-r1", f"{small_survey.ID}-2009-r2"
WHO = ("--by", "head of unit", "--reason", "checked against the forms")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("backfill")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        yield backfill_world.make(folder)


@pytest.fixture
def world(made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A copy of the data folder; the survey is shared, and a test leaves it as it is."""
    shutil.copytree(made.home.root, tmp_path / "home", symlinks=True)
    monkeypatch.setenv("KINSCALE_SURVEYS", str(made.surveys))
    return World(made.surveys, Home(tmp_path / "home"), made.content_sha256)


@pytest.fixture
def own(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same with a survey of its own, whose files are new to a night because they were copied."""
    shutil.copytree(world.surveys, tmp_path / "surveys")
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "surveys"))
    return World(tmp_path / "surveys", world.home, world.content_sha256)


def untouched(home: Home) -> dict[str, str]:
    """Hash what a backfill must leave as it is until it is approved."""
    return hashes(home.releases, home.warehouse)


def message(home: Home, *arguments: str, exit_code: int = 1) -> str:
    """Return the message of a command that kinscale refuses."""
    done = call(home, *arguments)
    assert isinstance(done.exception, KinscaleError), done.output
    assert done.exception.exit_code == exit_code
    return str(done.exception)


def test_a_plan_names_files_parts_and_cells_and_why_and_writes_nothing(world: World) -> None:
    before = hashes(world.home.root)
    (plan,) = told(world.home, "plan")
    assert [(f["uri"], f["rows"], f["reasons"]) for f in plan["files"]] == [
        ("raw/KZ.csv", 30, ["the declaration changed"]),
        ("raw/KG.csv", 30, ["the declaration changed"]),
    ]
    parts = {(part["country"], part["method"]) for part in plan["parts"]}
    assert parts == {(country, method) for country in ("KZ", "KG", None) for method in ("pennington", "poisson")}
    published = folders.published(world.home, small_survey.ID)[0]
    with build.read(world.home) as warehouse:
        assert warehouse is not None
        path = published.folder / "tables" / "estimates.parquet"
        cells = warehouse.rows("SELECT count(*) AS n FROM read_parquet($path)", path=str(path))[0]["n"]
    assert plan["cells"] == cells  # every cell of the only release
    assert (plan["final_since"], plan["base_release"], plan["narrowed"]) == (None, R1, False)
    assert plan["seconds"] > 0
    assert hashes(world.home.root) == before
    (narrowed,) = told(world.home, "plan", "--country", "KZ", "--method", "poisson")
    assert [f["uri"] for f in narrowed["files"]] == ["raw/KZ.csv"]
    assert narrowed["kept"] == ["raw/KG.csv"]
    assert {(part["country"], part["method"]) for part in narrowed["parts"]} == {("KZ", "poisson"), (None, "poisson")}
    assert narrowed["plan_id"] != plan["plan_id"]


def test_files_are_named_by_load_and_by_the_code_that_read_them(world: World) -> None:
    with build.read(world.home) as warehouse:
        assert warehouse is not None
        row = warehouse.rows(
            "SELECT load_id, code_sha256 FROM loads JOIN load_code USING (load_id) WHERE country = 'KG'"
        )[0]
    (by_load,) = told(world.home, "plan", "--load", row["load_id"][:6])
    assert [f["uri"] for f in by_load["files"]] == ["raw/KG.csv"]
    assert f"load {row['load_id']} is named" in by_load["files"][0]["reasons"]
    assert {part["country"] for part in by_load["parts"]} == {"KG", None}
    (by_code,) = told(world.home, "plan", "--code-version", row["code_sha256"][:12])
    assert len(by_code["files"]) == 2


@pytest.mark.parametrize(
    ("option", "value", "there"),
    [
        ("--survey", "nowhere", small_survey.ID),
        ("--country", "UZ", "KG, KZ"),
        ("--method", "guess", "pennington, poisson"),
        ("--load", "zzzz", "raw/KZ.csv"),
        ("--code-version", "zzzz", "beginning of one of"),
        ("--period-from", "2010", f"{small_survey.ID} 2009"),
        ("--period-to", "sometime", "2009-Q3"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(world: World, option: str, value: str, there: str) -> None:
    assert there in message(world.home, "plan", option, value, exit_code=2)


def test_a_backfill_from_plan_to_approval(world: World) -> None:
    """The whole path; the expected content is that of a first night in a data folder of its own."""
    before = untouched(world.home)
    (built,) = told(world.home, "run")
    name = f"{R2}-backfill-{built['plan_id']}"
    assert (built["candidate"], built["read"], built["errors"]) == (name, 2, [])
    assert untouched(world.home) == before
    assert told(world.home, "run")[0]["candidate"] == name  # it waits already, and is not built again
    assert [(row["candidate"], row["status"]) for row in told(world.home, "list")] == [(name, "waits")]

    seen = told(world.home, "diff")
    kept = 30 - DROPPED
    assert [(f["before_rows_accepted"], f["after_rows_accepted"]) for f in seen["files"]] == [(30, kept), (30, kept)]
    assert [(f["before_rows_quarantined"], f["after_rows_quarantined"]) for f in seen["files"]] == [(0, 6), (0, 6)]
    assert seen["counts"] == built["counts"]
    sizes = [c for c in seen["cells"] if (c["level"], c["indicator"]) == ("national", "family_size")]
    assert [(c["previous_estimate"], c["estimate"]) for c in sizes] == [(9.7, 8.75)] * 2
    # By hand: 6 + n % 9 sums to 180 + 111 over thirty; without n % 9 of 7 and 8 to 144 + 66 over twenty-four.

    assert call(world.home, "approve", *WHO).exit_code == 0
    release = folders.published(world.home, small_survey.ID)[-1]
    assert (release.release_id, world.home.latest.resolve().name) == (R2, R2)
    assert release.manifest["content_sha256"] == world.content_sha256
    assert release.approval is not None
    assert (release.approval["by"], release.approval["reason"]) == ("head of unit", "checked against the forms")
    assert integrity.check(world.home) == []
    assert list(world.home.candidates.iterdir()) == []
    assert shadow.every(world.home) == []

    tonight = night(world.home)
    assert (tonight.news, tonight.exit_code) == (False, 0)
    again = call(world.home, "approve", name, *WHO)
    assert "was published before" in again.stdout
    assert [r.release_id for r in folders.published(world.home, small_survey.ID)] == [R1, R2]


def test_after_an_approval_the_warehouse_holds_what_an_undisturbed_night_would(world: World) -> None:
    call(world.home, "run")
    call(world.home, "approve", *WHO)
    with build.read(world.home) as warehouse:
        assert warehouse is not None
        counts = {
            table: warehouse.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"]
            for table in ("interviews", "quarantine", "psu_totals")
        }
        landed = warehouse.rows("SELECT status, count(*) AS n FROM loads GROUP BY ALL ORDER BY status")
        last = warehouse.rows("SELECT status, release_id FROM run_log ORDER BY started_at DESC LIMIT 1")
    assert counts == {"interviews": 2 * (30 - DROPPED), "quarantine": 2 * DROPPED, "psu_totals": 12}
    assert landed == [{"status": "landed", "n": 2}, {"status": "replaced", "n": 2}]
    assert last == [{"status": "succeeded", "release_id": R2}]


def test_a_night_after_part_of_a_backfill_does_the_rest(world: World) -> None:
    call(world.home, "run", "--country", "KZ")
    assert [f["after_rows_accepted"] for f in told(world.home, "diff")["files"]] == [30, 30 - DROPPED]
    call(world.home, "approve", *WHO)
    tonight = night(world.home)
    assert [load.country for load in tonight.landed] == ["KG"]
    assert tonight.release is not None
    assert tonight.release.manifest["content_sha256"] == world.content_sha256


def test_reading_the_same_again_changes_no_cell_and_leaves_nothing(own: World) -> None:
    declare(own.survey, limit=30)  # back to what r1 was made with
    night(own.home)
    assert told(own.home, "plan")[0]["unchanged"]
    assert told(own.home, "run")[0]["candidate"] is None
    before = untouched(own.home)
    (built,) = told(own.home, "run", "--country", "KZ")
    assert (built["candidate"], built["read"]) == (None, 1)  # named, so it was read; its rows are the same
    assert untouched(own.home) == before
    assert not own.home.candidates.exists() or list(own.home.candidates.iterdir()) == []
    assert shadow.every(own.home) == []


def test_a_candidate_is_not_published_over_a_newer_release(own: World) -> None:
    (built,) = told(own.home, "run")
    small_survey.change(own.survey / "raw" / "KZ.csv", 0, {"relatives": "9"})
    assert night(own.home).is_new_release
    before = untouched(own.home)
    text = message(own.home, "approve", built["candidate"], *WHO)
    assert f"was built on {R1}, and {R2} is in force now" in text
    assert untouched(own.home)[str(own.home.latest)] == before[str(own.home.latest)]
    assert night(own.home).exit_code == 0


def test_one_changed_byte_of_a_candidate_is_found(world: World) -> None:
    (built,) = told(world.home, "run")
    for name in ("tables/estimates.csv.gz", "manifest.json"):
        path = world.home.candidates / built["candidate"] / name
        whole = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(whole[:-2] + bytes([whole[-2] ^ 1]) + whole[-1:] if name.startswith("t") else whole + b"\n")
        assert name in message(world.home, "approve", *WHO)
        path.write_bytes(whole)
    assert world.home.latest.resolve().name == R1
    assert call(world.home, "approve", *WHO).exit_code == 0


def test_final_numbers_need_a_reason_before_anything_is_built(own: World) -> None:
    declare(own.survey, freeze_date="2020-01-01")
    (plan,) = told(own.home, "plan")
    assert (plan["final_since"], plan["needs_reason"]) == ("2020-01-01", True)
    assert "final since 2020-01-01" in message(own.home, "run", exit_code=3)
    assert shadow.every(own.home) == []
    refused = night(own.home)  # a night is refused as well, and lands the files all the same
    assert refused.exit_code == 3
    (built,) = told(own.home, "run", "--reason", "the limit was a slip")
    assert call(own.home, "approve", built["candidate"], *WHO).exit_code == 0
    release = folders.published(own.home, small_survey.ID)[-1]
    assert (release.release_id, release.manifest["reason"]) == (R2, "the limit was a slip")
    tonight = night(own.home)
    assert (tonight.news, tonight.exit_code) == (False, 0)


def test_a_candidate_that_a_gate_refused_is_not_approved(own: World) -> None:
    declare(own.survey, plausibility={"largest_change": 0.01, "min_cases": 0})
    before = untouched(own.home)
    assert call(own.home, "run").exit_code == 3
    assert call(own.home, "run").exit_code == 3  # and says so again, without building again
    assert untouched(own.home) == before
    (row,) = told(own.home, "list")
    assert row["status"] == "refused"
    assert "gate refused" in message(own.home, "approve", row["candidate"], *WHO, exit_code=3)
    assert own.home.latest.resolve().name == R1


def test_a_rejected_candidate_stays_to_be_looked_at_and_is_not_built_again(own: World) -> None:
    (built,) = told(own.home, "run")
    before = untouched(own.home)
    why = ("--by", "head of unit", "--reason", "the limit is wrong")
    assert call(own.home, "reject", built["candidate"], *why).exit_code == 0
    assert (own.home.candidates / built["candidate"] / proposals.REJECTED).exists()
    assert told(own.home, "list")[0]["status"] == "rejected"
    assert shadow.every(own.home) == []
    assert untouched(own.home) == before
    assert "the limit is wrong" in message(own.home, "approve", built["candidate"], *WHO)
    assert "no candidate waits" in message(own.home, "diff")
    assert call(own.home, "run").exit_code == 1
    declare(own.survey, limit=13)
    assert told(own.home, "run")[0]["candidate"]


def test_a_night_runs_while_a_backfill_works(world: World) -> None:
    """The lock of a shadow is not that of the build warehouse, nor the other way round."""
    (built,) = told(world.home, "run")
    with lock.hold(shadow.of(world.home, built["plan_id"])):
        assert night(world.home).is_new_release
    with lock.hold(world.home):
        assert call(world.home, "list").exit_code == 0


def test_what_was_refused_elsewhere_is_still_refused_after_an_approval(own: World) -> None:
    path = own.survey / "raw" / "KG.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("relatives", "relatives_n", 1), encoding="utf-8")
    declare(own.survey, limit=30)
    assert night(own.home).exit_code == 1
    declare(own.survey)
    call(own.home, "run", "--country", "KZ")
    call(own.home, "approve", *WHO)
    with build.read(own.home) as warehouse:
        assert warehouse is not None
        assert warehouse.rows("SELECT uri FROM loads WHERE status = 'refused'") == [{"uri": "raw/KG.csv"}]
    assert night(own.home).exit_code == 1


def test_without_a_release_nothing_is_made_and_the_next_step_is_named(tmp_path: Path, world: World) -> None:
    assert "./kinscale run" in message(Home(tmp_path / "nothing"), "plan")
    assert not (tmp_path / "nothing").exists()


def test_the_commands_from_the_launcher(world: World) -> None:
    settings = {"KINSCALE_SURVEYS": str(world.surveys), "KINSCALE_HOME": str(world.home.root)}
    planned = kinscale("backfill", "plan", cwd=world.surveys, settings=settings)
    assert planned.returncode == 0, planned.stderr
    assert re.search(r"raw/KZ\.csv +30  the declaration changed$", planned.stdout, flags=re.MULTILINE)
    assert kinscale("backfill", "plan", "--country", "UZ", cwd=world.surveys, settings=settings).returncode == 2
    assert kinscale("backfill", "approve", cwd=world.surveys, settings=settings).returncode == 2  # --by, --reason
