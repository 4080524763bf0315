"""What must hold after every drill: analysts see one whole release, and no accepted row is lost or doubled."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests import small_survey
from warehouse import build, integrity
from warehouse import release as folders
from warehouse.home import Home


@dataclass(frozen=True)
class Seen:
    """What one drill came to. latest: `none`, `old` or `new`, before the rerun; the rest after it."""

    fault: str
    latest: str
    converged: bool
    lost: int
    doubled: int


def check_whole(folder: Path) -> None:
    """Assert that a release holds every file of its manifest, byte for byte."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["files"]) > 10
    for item in manifest["files"]:
        assert folders.sha256_of(folder / item["name"]) == item["sha256"], item["name"]


def latest(home: Home, before: list[str]) -> str:
    """Assert that whatever is published is whole; tell what `latest` names: `none`, an `old` release or a `new` one."""
    for release in folders.published(home, small_survey.ID):
        check_whole(release.folder)
    if not home.latest.is_symlink():
        assert not before, "only a first night may leave analysts without a release"
        return "none"
    folder = home.latest.resolve(strict=True)
    check_whole(folder)
    return "old" if folder.name in before else "new"


def rows(home: Home) -> Counter[str]:
    """Count the accepted interviews of files that count, by questionnaire; assert the accounting of every load."""
    with build.read(home) as warehouse:
        assert warehouse is not None
        counted = warehouse.rows(
            """SELECT questionnaire_id AS q, count(*) AS n FROM interviews JOIN loads USING (load_id)
               WHERE loads.status = 'landed' GROUP BY ALL"""
        )
        strays = warehouse.rows(
            """SELECT count(*) AS n FROM interviews
               WHERE load_id NOT IN (SELECT load_id FROM loads WHERE status = 'landed')"""
        )
        loads = warehouse.rows(
            """SELECT rows_read, rows_accepted, rows_quarantined,
                      (SELECT count(*) FROM interviews i WHERE i.load_id = l.load_id) AS accepted,
                      (SELECT count(*) FROM shapes s WHERE s.load_id = l.load_id) AS shapes
               FROM loads l WHERE status = 'landed'"""
        )
    assert strays == [{"n": 0}]
    for load in loads:
        assert load["rows_read"] == load["rows_accepted"] + load["rows_quarantined"]
        assert load["rows_accepted"] == load["accepted"]
        assert load["shapes"] == 1  # what the next delivery is compared with landed with the rows
    return Counter({row["q"]: row["n"] for row in counted})


def lost_and_doubled(home: Home, expected: Counter[str]) -> tuple[int, int]:
    """Compare the accepted interviews with those delivered: how many are missing, how many are there too often."""
    found = rows(home)
    return (expected - found).total(), (found - expected).total()


def leftovers(home: Home) -> list[str]:
    """Name what a killed process left and the next one should have removed."""
    places = [*home.releases.iterdir(), *home.raw.rglob("*"), *home.warehouse.parent.iterdir()]
    return [path.name for path in places if path.name.startswith(".")]


def check_chain(home: Home) -> None:
    """Assert that everything published is in the chain, unchanged."""
    assert integrity.check(home) == []
