"""The run log tells the truth at every moment: failed until the end is reached."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schemas import family_survey
from warehouse import build, run_log
from warehouse.build import Warehouse
from warehouse.home import Home


@pytest.fixture
def warehouse(home: Home) -> Iterator[Warehouse]:
    with build.write(home, family_survey) as opened:
        yield opened


def test_a_run_is_failed_until_its_end(warehouse: Warehouse) -> None:
    run = run_log.begin(warehouse, "s", "mark")
    row = warehouse.rows("SELECT * FROM run_log")[0]
    assert (row["status"], row["message"], row["finished_at"]) == ("failed", "did not reach its end", None)
    run_log.end(warehouse, run, "succeeded", "mark", "s-2009-r1", "complete")
    row = warehouse.rows("SELECT * FROM run_log")[0]
    assert (row["status"], row["message"], row["release_id"]) == ("succeeded", "complete", "s-2009-r1")
    assert row["finished_at"] >= row["started_at"]


def test_only_the_last_run_counts_and_only_if_it_reached_its_end(warehouse: Warehouse) -> None:
    assert run_log.last_complete(warehouse, "s") is None
    run_log.end(warehouse, run_log.begin(warehouse, "s", ""), "succeeded", "first", None, "")
    assert run_log.last_complete(warehouse, "s") == "first"
    run_log.end(warehouse, run_log.begin(warehouse, "s", ""), "refused", "second", None, "")
    assert run_log.last_complete(warehouse, "s") == "second"  # a refusal is an end: it would be refused again
    run_log.begin(warehouse, "s", "")
    assert run_log.last_complete(warehouse, "s") is None
    assert run_log.last_complete(warehouse, "other") is None


def test_a_refusal_stands_until_the_next_run(warehouse: Warehouse) -> None:
    assert run_log.standing_refusal(warehouse, "s") is None
    run_log.end(warehouse, run_log.begin(warehouse, "s", ""), "refused", "mark", None, "a region is missing")
    assert run_log.standing_refusal(warehouse, "s") == "a region is missing"
    assert run_log.standing_refusal(warehouse, "other") is None
    run_log.end(warehouse, run_log.begin(warehouse, "s", ""), "succeeded", "mark", None, "complete")
    assert run_log.standing_refusal(warehouse, "s") is None


def test_a_status_that_does_not_exist_is_refused(warehouse: Warehouse) -> None:
    run = run_log.begin(warehouse, "s", "")
    with pytest.raises(Exception, match="CHECK constraint"):
        run_log.end(warehouse, run, "nearly", "", None, "")
