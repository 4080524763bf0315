"""Pulling: bytes as delivered, one copy per version, one load name per file, declaration and reader."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from schemas import declaration, family_survey
from schemas.batch import Load, Lot, PulledFile
from schemas.errors import KinscaleError, ReleaseDamaged
from sources.table import RawTable
from tasks import copying, pull, read
from tests import small_survey
from warehouse import build, raw_store
from warehouse.build import Warehouse
from warehouse.home import Home


@pytest.fixture
def warehouse(home: Home) -> Iterator[Warehouse]:
    with build.write(home, family_survey) as opened:
        yield opened


def night(warehouse: Warehouse, home: Home) -> tuple[list[PulledFile], list[KinscaleError]]:
    chosen = declaration.load(small_survey.ID)
    return pull.pull(pull.look(chosen), chosen, warehouse, home)


def test_a_source_that_a_library_breaks_at_is_an_error_of_its_own(
    survey: Path, warehouse: Warehouse, home: Home
) -> None:
    path = survey / "survey.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    told["sources"][0]["path"] = "webdav://127.0.0.1:abc/*.csv"
    path.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), encoding="utf-8")
    chosen = declaration.load(small_survey.ID)
    listing = pull.look(chosen)
    assert [error.code for error in listing.errors] == ["declaration_error"]
    assert len(pull.pull(listing, chosen, warehouse, home)[0]) == len(chosen.sources) - 1


def test_bytes_are_kept_as_delivered_with_where_they_came_from(survey: Path, warehouse: Warehouse, home: Home) -> None:
    files, errors = night(warehouse, home)
    assert not errors
    for file in files:
        delivered = (survey / file.uri).read_bytes()
        assert file.sha256 == hashlib.sha256(delivered).hexdigest()
        stored = raw_store.place(home, file.sha256)
        assert stored.read_bytes() == delivered
        note = yaml.safe_load(stored.with_name(f"{file.sha256}.source.yaml").read_text(encoding="utf-8"))
        assert (note["uri"], note["bytes"]) == (file.uri, len(delivered))  # its place in the survey


def test_an_unchanged_file_is_not_read_again(
    survey: Path, warehouse: Warehouse, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = night(warehouse, home)
    monkeypatch.setattr(copying, "read_blocks", lambda *_: pytest.fail("an unchanged file was read"))
    again, errors = night(warehouse, home)
    assert again == first
    assert not errors


def test_a_new_version_gets_a_new_load_and_both_stay_in_the_store(
    survey: Path, warehouse: Warehouse, home: Home
) -> None:
    first, _ = night(warehouse, home)
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": "20"})
    second, _ = night(warehouse, home)
    assert [a.load_id == b.load_id for a, b in zip(first, second, strict=True)] == [False, True]
    assert all(raw_store.verify(home, file.sha256) for file in (*first, *second))


def test_a_changed_declaration_gives_new_loads_of_the_same_bytes(
    survey: Path, warehouse: Warehouse, home: Home
) -> None:
    first, _ = night(warehouse, home)
    path = survey / "survey.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("limit: 30", "limit: 29"), encoding="utf-8")
    second, _ = night(warehouse, home)
    assert [file.sha256 for file in first] == [file.sha256 for file in second]
    assert not {file.load_id for file in first} & {file.load_id for file in second}


def test_bytes_that_do_not_match_their_note_are_refused_and_the_others_come(
    survey: Path, warehouse: Warehouse, home: Home
) -> None:
    note = survey / "raw" / "KZ.csv.source.yaml"
    note.write_text(yaml.safe_dump({"sha256": "0" * 64, "bytes": 5}), encoding="utf-8")
    files, errors = night(warehouse, home)
    assert [file.country for file in files] == ["KG"]
    assert [error.code for error in errors] == ["format_damaged"]
    assert "delivery note" in str(errors[0])


@pytest.mark.parametrize("text", ["", "just a word\n", "sha256: null\n", "sha256: [1\n", "sha256: a\nbytes: many\n"])
def test_a_note_that_says_nothing_usable_is_an_error_of_that_file_alone(
    survey: Path, warehouse: Warehouse, home: Home, text: str
) -> None:
    (survey / "raw" / "KZ.csv.source.yaml").write_text(text, encoding="utf-8")
    files, errors = night(warehouse, home)
    assert [file.country for file in files] == ["KG"]
    assert [str(error).split(":")[0] for error in errors] == ["KZ.csv.source.yaml"]


def test_bytes_that_changed_in_the_store_are_never_read(survey: Path, warehouse: Warehouse, home: Home) -> None:
    files, _ = night(warehouse, home)
    stored = raw_store.place(home, files[0].sha256)
    stored.chmod(0o644)
    stored.write_bytes(stored.read_bytes()[:-1])
    damaged, whole = read.read(Lot(tuple(files), (0, 1)), declaration.load(small_survey.ID), home)
    assert isinstance(damaged, ReleaseDamaged)
    assert "no longer have the hash" in str(damaged)
    assert isinstance(whole, RawTable)


def test_the_line_for_a_file_that_vanished_can_be_pasted_whatever_its_name(survey: Path) -> None:
    chosen = declaration.load(small_survey.ID)
    uri = 'raw/KZ #2, "new": б.csv'
    gone = Load("load", small_survey.ID, "KZ", uri, "KZ.csv", "0" * 64, 1, rows_accepted=3, status="landed")
    (error,) = pull.vanished(pull.look(chosen), [gone], chosen)
    line = (error.next_step or "").partition("run again: ")[2]
    assert yaml.safe_load(line) == {"removed": {uri: "..."}}
    path = survey / "survey.yaml"
    path.write_text(path.read_text(encoding="utf-8") + line.replace("...", "taken back") + "\n", encoding="utf-8")
    again = declaration.load(small_survey.ID)
    assert pull.vanished(pull.look(again), [gone], again) == []
