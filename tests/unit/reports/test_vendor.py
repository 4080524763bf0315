"""JavaScript that is not ours: every file is the one that was listed, and none lies there unlisted.

The hashes are those of the files that `npm pack` of the named versions gives.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from reports.site import site
from schemas.read_yaml import read_yaml
from schemas.survey_folders import CHECKOUT

VENDOR = Path(site.__file__).parent / "vendor"
OF_THE_TESTS = CHECKOUT / "tests/browser/vendor"
FOLDERS = [path for place in (VENDOR, OF_THE_TESTS) for path in sorted(place.iterdir())]
TERMS = {
    "MIT": "Permission is hereby granted",
    "Apache-2.0": "Apache License",
    "ISC": "Permission to use, copy, modify",
    "MPL-2.0": "Mozilla Public License, version 2.0",
}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def about(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = read_yaml(folder / "vendor.yaml")
    return content


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_a_vendored_file_is_the_one_that_is_listed(folder: Path) -> None:
    told = about(folder)
    for file in told["files"]:
        content = (folder / file["file"]).read_bytes()
        assert (len(content), sha256(content)) == (file["bytes"], file["sha256"]), file["file"]
        if file["file"].endswith(".gz"):
            unpacked = gzip.decompress(content)
            assert (len(unpacked), sha256(unpacked)) == (file["unpacked_bytes"], file["unpacked_sha256"])
    listed = {"vendor.yaml", *told["licence_files"], *(file["file"] for file in told["files"])}
    assert {path.name for path in folder.iterdir()} == listed


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_what_is_vendored_names_its_version_and_its_licence(folder: Path) -> None:
    told = about(folder)
    terms = "".join((folder / name).read_text(encoding="utf-8") for name in told["licence_files"])
    for package in told["packages"]:
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        assert TERMS[package["licence"]] in terms


def test_what_the_charts_load_is_below_700_kilobytes() -> None:
    ours = list((VENDOR.parent / "assets/charts").glob("*.js"))
    theirs = [VENDOR / "d3/d3.min.js", VENDOR / "plot/plot.umd.min.js"]
    assert ours
    assert sum(path.stat().st_size for path in (*ours, *theirs)) < 700_000
