"""Every file of a release changed by one byte, taken away or added to, and the chain itself: each is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from schemas.errors import ReleaseDamaged
from tests.unit.tasks import small_tables
from warehouse import chain, integrity, results
from warehouse import release as folders
from warehouse.home import Home

SURVEY = "small_survey"


def publish(home: Home, number: int) -> None:
    """Make a release with a table of every kind of copy, and enter it in the chain."""
    name = f"{SURVEY}-2009-r{number}"
    previous = folders.published(home, SURVEY)
    folder = folders.begin(home, name)
    content = {table: small_tables.empty(table) for table in results.tables()}
    results.write(folder, {**content, "estimates": small_tables.estimates(name)})
    (folder / "report").mkdir()
    (folder / "report" / "index.html").write_text("<p>numbers</p>", encoding="utf-8")
    about = {
        "release_id": name,
        "survey_id": SURVEY,
        "created_at": f"2026-0{number}-28T01:30:00Z",
        "content_sha256": str(number) * 64,
        "previous_manifest_sha256": previous[-1].manifest_sha256 if previous else None,
    }
    folders.finish(folder, home.releases / name, about)
    chain.settle(home, SURVEY)


def withdraw(home: Home, number: int) -> None:
    name = f"{SURVEY}-2009-r{number}"
    said = {"release_id": name, "withdrawn_at": "2026-06-01T00:00:00Z", "reason": "wrong", "replacement": None}
    folders.write_once(folders.tombstone_of(home, name), folders.as_text(said))
    chain.settle(home, SURVEY)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Three releases, the second of which was withdrawn."""
    home = Home(tmp_path_factory.mktemp("published"))
    publish(home, 1)
    publish(home, 2)
    withdraw(home, 2)
    publish(home, 3)
    return home


@pytest.fixture
def place(published: Home, tmp_path: Path) -> Home:
    """A copy that a test may spoil."""
    shutil.copytree(published.root, tmp_path / "copy", symlinks=True)
    return Home(tmp_path / "copy")


def r(number: int) -> str:
    return f"{SURVEY}-2009-r{number}"


def named(home: Home) -> list[str]:
    return [fault.file for fault in integrity.check(home)]


def spoil(path: Path, position: int = -1) -> None:
    """Change one byte of a file."""
    content = bytearray(path.read_bytes())
    content[position] ^= 0x01
    path.chmod(0o644)
    path.write_bytes(content)


def test_what_was_published_has_no_fault(published: Home) -> None:
    assert integrity.check(published) == []


def test_one_byte_of_any_file_of_any_release_is_found_and_the_file_is_named(place: Home) -> None:
    files = [path for path in place.releases.rglob("*") if path.is_file() and "latest" not in path.parts]
    assert len(files) > 3 * 20
    for number, path in enumerate(sorted(files)):
        before = path.read_bytes()
        position = (0, len(before) // 2, -1)[number % 3]
        spoil(path, position)
        faults = named(place)
        assert str(path.relative_to(place.releases)) in faults, f"{path}, byte {position}"
        assert len(faults) == 1 or path.name == chain.NAME
        path.write_bytes(before)
    assert integrity.check(place) == []


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        (lambda home: (home.releases / r(1) / "quality.csv").write_text("x"), ["quality.csv", "added"]),
        (lambda home: (home.releases / r(1) / "report/index.html").unlink(), ["report/index.html", "missing"]),
        (lambda home: (home.releases / r(3) / "manifest.json").unlink(), ["r3/manifest.json", "not there"]),
        (lambda home: shutil.rmtree(home.releases / r(2)), ["r2", "not there"]),
        (lambda home: folders.tombstone_of(home, r(2)).unlink(), ["r2.withdrawn.json", "not there"]),
        (lambda home: folders.tombstone_of(home, r(1)).write_text("{}"), ["r1.withdrawn.json", "does not name it"]),
        (lambda home: shutil.copytree(home.releases / r(1), home.releases / r(4)), ["r4", "does not name it"]),
        (lambda home: folders.point(home, home.releases / r(1)), ["latest", "points to", "r1", "r3"]),
        (lambda home: folders.point(home, home.releases / r(2)), ["latest", "r2", "r3"]),
        (lambda home: home.latest.unlink(), ["latest", "r3"]),
        (lambda home: chain.path(home).unlink(), ["r1", "does not name it"]),
    ],
)
def test_what_is_missing_added_or_pointed_elsewhere(
    place: Home, spoiled: Callable[[Home], object], words: list[str]
) -> None:
    spoiled(place)
    told = "\n".join(str(fault) for fault in integrity.check(place))
    for word in words:
        assert word in told


def test_a_file_that_was_replaced_by_a_link_to_its_equal_is_named(place: Home) -> None:
    path = place.releases / r(1) / "tables" / "estimates.parquet"
    path.rename(place.root / "elsewhere")
    path.symlink_to(place.root / "elsewhere")
    assert named(place) == [f"{r(1)}/tables/estimates.parquet"]


def test_a_line_taken_out_of_the_chain_or_written_anew_is_found(place: Home) -> None:
    lines = chain.path(place).read_text(encoding="utf-8").splitlines()
    chain.path(place).unlink()
    chain.path(place).write_text("\n".join([lines[0], *lines[2:]]) + "\n", encoding="utf-8")
    assert any("does not follow" in fault.what for fault in integrity.check(place))
    forged = json.loads(lines[1]) | {"sha256": "0" * 64}
    forged["entry"] = chain.entry_sha256(forged)
    chain.path(place).write_text("\n".join([lines[0], json.dumps(forged), *lines[2:]]) + "\n", encoding="utf-8")
    assert any("does not follow" in fault.what for fault in integrity.check(place))


def test_a_manifest_changed_together_with_its_file_is_found_through_the_chain(place: Home) -> None:
    folder = place.releases / r(3)
    spoil(folder / "report" / "index.html", 3)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for item in manifest["files"]:
        item["sha256"] = folders.sha256_of(folder / item["name"])
    (folder / "manifest.json").chmod(0o644)
    (folder / "manifest.json").write_text(folders.as_text(manifest), encoding="utf-8")
    assert named(place) == [f"{r(3)}/manifest.json"]


def change(home: Home, statement: str) -> list[str]:
    """Run a statement on the DuckDB file of the first release and return the rows that are named."""
    file = home.releases / r(1) / "results.duckdb"
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        connection.execute(statement)
    (fault,) = integrity.check(home)
    assert fault.file == f"{r(1)}/results.duckdb"
    return list(fault.rows)


CELL = "region = 'KZ-15' AND exploitation = 'labour' AND location = 'inside' AND sex = 'women'"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (f"UPDATE estimates SET estimate = 12 WHERE {CELL}", "estimate is 12.0, in tables/estimates.parquet 100.0"),
        (f"UPDATE estimates SET ci_low = NULL WHERE {CELL}", "ci_low is empty, in tables/estimates.parquet 50.0"),
        (f"DELETE FROM estimates WHERE {CELL}", "missing; tables/estimates.parquet has it"),
    ],
)
def test_a_changed_row_is_named_with_its_key_and_both_values(place: Home, statement: str, words: str) -> None:
    (row,) = change(place, statement)
    assert row.startswith("table estimates, row ")
    for part in ("region=KZ-15", "exploitation=labour", "location=inside", "sex=women", words):
        assert part in row


def test_an_added_row_is_named(place: Home) -> None:
    (row,) = change(place, "INSERT INTO regions VALUES ('s', 'KZ', 'KZ-99', 'A', 'А', 'no', 1, '2009', 'C', 'x')")
    assert "table regions, row survey_id=s, country=KZ, region=KZ-99: added" in row


def test_of_a_changed_column_the_first_rows_are_named_and_the_others_counted(place: Home) -> None:
    rows = change(place, "UPDATE estimates SET confidence = 0.9")
    assert len(rows) == 6
    assert rows[-1] == f"table estimates: {len(small_tables.estimates()) - 5:,} more rows"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_changed_copy_is_compared_with_the_database(place: Home, kind: str) -> None:
    (path,) = (place.releases / r(1) / "tables").glob(f"estimates.{kind}*")
    frame = pd.read_parquet(path.with_name("estimates.parquet"))
    frame.loc[0, "n_psu"] = 7
    path.unlink()
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path, index=False)
    (fault,) = integrity.check(place)
    assert fault.file == f"{r(1)}/tables/{path.name}"
    assert len(fault.rows) == 1
    assert "n_psu is 7, in results.duckdb 6" in fault.rows[0]


def test_a_night_does_not_build_on_a_changed_manifest(place: Home) -> None:
    spoil(place.releases / r(1) / "manifest.json", -3)
    with pytest.raises(ReleaseDamaged, match="verify --chain"):
        try:
            chain.settle(place, SURVEY)
        except ReleaseDamaged as error:
            raise ReleaseDamaged(str(error)) from error


def test_the_chain_of_a_folder_that_had_none_is_made_from_its_manifests(place: Home) -> None:
    chain.path(place).unlink()
    chain.settle(place, SURVEY)
    assert integrity.check(place) == []


def test_a_release_that_was_put_there_is_not_taken_into_the_chain(place: Home) -> None:
    shutil.copytree(place.releases / r(1), place.releases / r(4))
    with pytest.raises(ReleaseDamaged):
        chain.settle(place, SURVEY)
