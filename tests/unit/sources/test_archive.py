"""Archives: what may be unpacked, how much of it, and what is refused; the archives are made here."""

from __future__ import annotations

import gzip
import io
import os
import random
import zipfile
from pathlib import Path

import openpyxl
import pytest

from schemas.errors import DeclarationError, FileTooLarge, FormatDamaged
from sources import archive
from sources.reader import read
from tests.unit.sources import golden_formats

CSV = b"id;n\n1;5\n2;6\n"
SPEC = {"format": "csv", "delimiter": ";"}


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def ids(raw: bytes, **spec: object) -> list[str]:
    return list(read(raw, "d.zip", {**SPEC, **spec}).frame["id"])


def test_the_only_member_needs_no_name() -> None:
    assert ids(packed(a=CSV)) == ["1", "2"]


def test_several_members_are_listed_and_one_must_be_named() -> None:
    raw = packed(**{"a.csv": CSV, "b.csv": b"id;n\n3;1\n", "photo.jpg": b"x"})
    with pytest.raises(FormatDamaged, match=r'holds "a\.csv", "b\.csv", "photo\.jpg"; 3 files fit "\*"') as caught:
        ids(raw)
    assert caught.value.facts["members"] == ["a.csv", "b.csv", "photo.jpg"]
    assert ids(raw, member="b.csv") == ["3"]
    assert ids(raw, member="b*") == ["3"]
    with pytest.raises(FormatDamaged, match=r'2 files fit "\*\.csv"'):
        ids(raw, member="*.csv")
    with pytest.raises(FormatDamaged, match=r'no file fits "\*\.xlsx"'):
        ids(raw, member="*.xlsx")


def test_what_systems_put_beside_a_file_is_no_member() -> None:
    assert ids(packed(**{"a.csv": CSV, ".DS_Store": b"x", "q/Thumbs.db": b"x", "__MACOSX/._a.csv": b"x"})) == ["1", "2"]


def test_a_name_that_stands_twice_is_refused() -> None:
    raw = packed(**{"a.csv": CSV, "b.csv": b"id;n\n3;1\n"}).replace(b"b.csv", b"a.csv")
    for spec in ({}, {"member": "a.csv"}):
        with pytest.raises(FormatDamaged, match=r'"a\.csv" is in it twice'):
            ids(raw, **spec)


def test_a_workbook_may_be_stored_as_it_is() -> None:
    book = openpyxl.Workbook()
    book.active.title = "S"
    book.active.append(["id", "n"])
    book.active.append(["7", "5"])
    inner, outer = io.BytesIO(), io.BytesIO()
    book.save(inner)
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_STORED) as made:
        made.writestr("KZ.xlsx", inner.getvalue())
    assert list(read(outer.getvalue(), "d.zip", {"format": "xlsx", "sheet": "S"}).frame["id"]) == ["7"]


def test_a_member_is_named_in_errors_and_the_file_in_the_table() -> None:
    with pytest.raises(FormatDamaged, match=r"d\.zip \(a\.csv\): the file is empty"):
        ids(packed(**{"a.csv": b""}))
    assert read(packed(a=CSV), "d.zip", SPEC).file == "d.zip"


def test_a_file_that_is_no_archive_is_not_what_was_declared() -> None:
    with pytest.raises(FormatDamaged, match="the file is text"):
        ids(CSV, inside="zip")
    with pytest.raises(FormatDamaged, match="no archive"):
        ids(CSV, member="*.csv")
    with pytest.raises(FormatDamaged, match="gzip"):
        ids(gzip.compress(CSV), inside="zip")


@pytest.mark.parametrize("spec", [{"inside": "rar"}, {"inside": "gzip", "member": "a"}, {"member": ["a"]}])
def test_a_wrong_declaration_is_refused_before_the_file_is_opened(spec: dict[str, object]) -> None:
    with pytest.raises(DeclarationError):
        ids(packed(a=CSV), **spec)


@pytest.mark.parametrize("inner", [gzip.compress(CSV), packed(a=CSV), packed(a=CSV)[:-30]], ids=["gzip", "zip", "cut"])
def test_an_archive_in_an_archive_is_refused(inner: bytes) -> None:
    for outer in (packed(a=inner), gzip.compress(inner)):
        with pytest.raises(FormatDamaged, match="inside the archive is"):
            ids(outer)


def test_more_unpacked_bytes_than_allowed_are_refused_whatever_the_archive_says() -> None:
    bomb = b"id;n\n" + b"1;1\n" * 500_000
    for raw in (packed(a=bomb), gzip.compress(bomb)):
        with pytest.raises(FileTooLarge, match="unpack") as caught:
            ids(raw, limits={"unpacked_bytes": 1_000_000})
        assert caught.value.facts["limit"] == "unpacked_bytes"


def test_a_bomb_is_refused_by_its_ratio_before_it_is_unpacked() -> None:
    bomb = bytes(64 << 20)
    for raw in (packed(a=bomb), gzip.compress(bomb)):
        assert len(bomb) > 200 * len(raw)  # the limit of limits.yaml
        with pytest.raises(FileTooLarge) as caught:
            ids(raw)
        assert caught.value.facts["limit"] == "unpack_ratio"


def test_the_ratio_is_that_of_what_was_read_so_far() -> None:
    zeros, noise = bytes(64 << 20), random.Random(2009).randbytes(1 << 20)
    for pack in (gzip.compress, lambda content: packed(a=content)):
        # 65 : 1 as a whole, 1000 : 1 in its first 16 MB
        with (
            pytest.raises(FileTooLarge, match="so far") as caught,
            archive.opened(pack(zeros + noise), "a", {}),
        ):
            pass
        assert caught.value.facts["limit"] == "unpack_ratio"
        with archive.opened(pack(noise + zeros), "a", {}) as (content, _):  # never above 65 : 1
            assert isinstance(content, Path)
            assert content.stat().st_size == 65 << 20


def test_too_many_members_are_refused() -> None:
    with pytest.raises(FileTooLarge, match="3 entries"):
        ids(packed(a=CSV, b=CSV, c=CSV), member="a", limits={"archive_members": 2})


def test_an_encrypted_member_is_refused() -> None:
    raw = bytearray(packed(a=CSV))
    for header, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(header) + place] |= 1  # the mark of encryption, PKWARE APPNOTE 4.4.4
    with pytest.raises(FormatDamaged, match="password"):
        ids(bytes(raw))


@pytest.mark.parametrize("raw", [packed(a=CSV), gzip.compress(CSV)], ids=["zip", "gzip"])
def test_a_cut_archive_is_refused_at_every_length(raw: bytes) -> None:
    for length in range(4, len(raw)):  # fewer bytes do not show what it was
        with pytest.raises(FormatDamaged):
            ids(raw[:length])


def test_a_flipped_byte_of_the_content_is_noticed_by_its_checksum() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        made.writestr("a", CSV)
    with pytest.raises(FormatDamaged, match="CRC"):
        ids(out.getvalue().replace(b"1;5", b"1;6"))


def test_names_are_shown_and_never_used_as_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert ids(packed(**{"../../d.csv": CSV})) == ["1", "2"]
    assert list(tmp_path.iterdir()) == []
    case = golden_formats.case("zip_names_in_cp866_and_a_path_that_climbs")
    assert list(archive.members(case.file, "d.zip")) == ["../Анкеты/Ош.csv", "прочти.txt"]


def test_a_large_member_is_read_from_a_file_that_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "IN_MEMORY", 1000)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    rows = b"".join(b"%d;%s\n" % (number, os.urandom(4).hex().encode()) for number in range(1000))
    for raw in (packed(a=b"id;n\n" + rows), gzip.compress(b"id;n\n" + rows)):
        assert ids(raw) == [str(number) for number in range(1000)]
        assert list(tmp_path.iterdir()) == []
