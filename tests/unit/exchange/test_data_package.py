"""The data package as the reference implementation of its standard reads it: tables, keys, references, hashes."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import frictionless
import pytest

from schemas.result_tables import tables
from tests.unit.exchange import small_edition

# The library leaves the files of foreign keys open, which is its own affair.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_edition.write(tmp_path_factory.mktemp("package") / "release")


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copytree(written, tmp_path / "release"))


def descriptor(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return content


def problems(folder: Path) -> set[tuple[str, str]]:
    """Name resource and kind of each error the validator finds."""
    report = frictionless.validate(str(folder / "datapackage.json"))
    return {(task.name, error.type) for task in report.tasks for error in task.errors} | {
        ("package", error.type) for error in report.errors
    }


def rewrite(folder: Path, table: str, old: str, new: str) -> None:
    """Replace a text in a table's file, compressed or not, and forget its size and hash in the descriptor."""
    path = next((folder / "tables").glob(f"{table}.csv*"))
    packed = path.suffix == ".gz"
    text = (gzip.decompress(path.read_bytes()) if packed else path.read_bytes()).decode()
    assert old in text
    changed = text.replace(old, new, 1).encode()
    path.write_bytes(gzip.compress(changed) if packed else changed)
    content = descriptor(folder)
    for resource in content["resources"]:
        if resource["name"] == table:
            del resource["bytes"], resource["hash"]
    (folder / "datapackage.json").write_text(json.dumps(content), encoding="utf-8")


def test_a_package_is_valid_and_holds_every_table(folder: Path) -> None:
    assert problems(folder) == set()
    assert [resource["name"] for resource in descriptor(folder)["resources"]] == list(tables())
    assert descriptor(folder)["name"] == "s-2009-r2"
    assert descriptor(folder)["created"] == "2026-02-28T12:30:00Z"


def test_a_code_that_is_not_allowed_is_found(folder: Path) -> None:
    rewrite(folder, "estimates", "suppress", "perhaps")
    assert problems(folder) == {("estimates", "constraint-error")}


def test_a_region_that_no_row_of_regions_has_is_found(folder: Path) -> None:
    rewrite(folder, "estimates", small_edition.MERGED, "KZ-99")
    assert problems(folder) == {("estimates", "foreign-key")}


def test_a_release_that_stands_twice_is_found(folder: Path) -> None:
    rewrite(folder, "releases", "s-2009-r1", "s-2009-r2")
    assert ("releases", "primary-key") in problems(folder)


def test_a_file_that_is_not_the_one_described_is_found(folder: Path) -> None:
    content = descriptor(folder)
    content["resources"][0]["hash"] = "sha256:" + "0" * 64
    (folder / "datapackage.json").write_text(json.dumps(content), encoding="utf-8")
    assert problems(folder) == {("estimates", "hash-count")}


def test_columns_carry_title_unit_meaning_and_names_of_codes(folder: Path) -> None:
    [resource] = [r for r in descriptor(folder)["resources"] if r["name"] == "estimates"]
    fields = {field["name"]: field for field in resource["schema"]["fields"]}
    assert fields["n_cases"]["unit"] == "persons"
    assert fields["ci_low"]["title"] == "Lower limit"
    assert {"value": "women", "label": "Women"} in fields["sex"]["categories"]
    assert fields["sex"]["constraints"] == {"required": True, "enum": ["women", "men", "all"]}
    assert fields["confidence"]["constraints"] == {"minimum": 0, "maximum": 1}
    # Country is empty for all countries together, and a primary key must not be: the standard follows SQL.
    assert "primaryKey" not in resource["schema"]
    assert resource["schema"]["uniqueKeys"] == [tables()["estimates"].key]
