"""Listings: the expected names are those of the files that were put into the folder."""

import os
from pathlib import Path

import fsspec
import pytest

from schemas.errors import DeclarationError, SourceMissing, SourceRefused, SourceUnreachable
from sources.listing import list_files, look_again, open_stream, read_blocks


def folder(tmp_path: Path, *names: str) -> Path:
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def test_a_glob_lists_its_files_in_order(tmp_path: Path) -> None:
    folder(tmp_path, "KZ_b.xlsx", "KZ_a.xlsx", "KG.csv", "~$KZ_a.xlsx", ".KZ_c.xlsx")
    (tmp_path / "KZ_folder.xlsx").mkdir()
    files = list_files(str(tmp_path / "*.xlsx"))
    assert [file.name for file in files] == ["KZ_a.xlsx", "KZ_b.xlsx"]
    assert [file.bytes for file in files] == [9, 9]


def test_a_path_without_wildcards_is_one_file(tmp_path: Path) -> None:
    folder(tmp_path, "Опрос [2009] №1.csv")
    (file,) = list_files(str(tmp_path / "Опрос [2009] №1.csv"))
    assert b"".join(read_blocks(file.uri, size=4)) == "Опрос [2009] №1.csv".encode()
    with open_stream(file.uri) as stream:
        assert stream.read() == "Опрос [2009] №1.csv".encode()


def test_version_changes_with_the_content_even_if_size_and_time_are_kept(tmp_path: Path) -> None:
    path = folder(tmp_path, "KG.csv") / "KG.csv"
    before = list_files(str(path))
    assert list_files(str(path)) == before
    kept = path.stat()
    path.write_bytes(b"gK.csv")
    os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert list_files(str(path))[0].version != before[0].version


def test_nothing_found_names_the_folder_and_the_near_miss(tmp_path: Path) -> None:
    folder(tmp_path, "KZ_2009.XLSX", "notes.txt")
    with pytest.raises(SourceMissing) as caught:
        list_files(str(tmp_path / "kz_2009.xlsx"))
    message = str(caught.value)
    assert 'Did you mean "KZ_2009.XLSX"?' in message
    assert "the folder holds KZ_2009.XLSX, notes.txt" in message
    assert caught.value.facts["folder"] == str(tmp_path)


def test_a_glob_without_a_match_lists_what_is_there(tmp_path: Path) -> None:
    folder(tmp_path, *(f"file{number:02}.csv" for number in range(12)))
    with pytest.raises(SourceMissing, match=r"file09\.csv and 2 more"):
        list_files(str(tmp_path / "*.sav"))


def test_a_missing_folder_names_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    with pytest.raises(SourceMissing, match='"raw"') as caught:
        list_files(str(tmp_path / "row" / "KZ" / "*.csv"))
    assert f'the folder "{tmp_path}/row/KZ" is not there' in str(caught.value)


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match="holds nothing"):
        list_files(str(tmp_path / "*.csv"))


def test_any_storage_of_fsspec_can_be_listed() -> None:
    storage = fsspec.filesystem("memory")
    storage.pipe_file("/listing/KG.csv", b"a;b\n")
    (file,) = list_files("memory://listing/*.csv")
    assert (file.name, file.bytes) == ("KG.csv", 4)
    assert b"".join(read_blocks(file.uri)) == b"a;b\n"
    storage.rm("/listing", recursive=True)


@pytest.mark.parametrize("address", ["nosuch://x/*.csv", "gdrive-none://x"])
def test_an_unknown_storage_is_a_wrong_declaration(address: str) -> None:
    with pytest.raises(DeclarationError, match="cannot be opened"):
        list_files(address)


def test_a_file_that_vanished_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing):
        open_stream(str(tmp_path / "none.csv"))


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (PermissionError("no"), SourceRefused),
        (TimeoutError("slow"), SourceUnreachable),
        (OSError(5, "io"), SourceUnreachable),
    ],
)
def test_errors_of_the_storage_get_our_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: OSError, expected: type[Exception]
) -> None:
    path = folder(tmp_path, "KG.csv") / "KG.csv"

    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr("fsspec.implementations.local.LocalFileSystem.open", fail)
    with pytest.raises(expected) as caught:
        next(read_blocks(str(path)))
    assert caught.value.__cause__ is raised
    assert caught.value.retryable is (expected is SourceUnreachable)  # type: ignore[attr-defined]


def test_a_link_inside_the_folder_is_listed_as_what_it_leads_to(tmp_path: Path) -> None:
    folder(tmp_path, "real.csv")
    (tmp_path / "alias.csv").symlink_to(tmp_path / "real.csv")
    (tmp_path / "broken.csv").symlink_to(tmp_path / "none")
    (tmp_path / "folder.csv").symlink_to(tmp_path)
    files = list_files(str(tmp_path / "*.csv"))
    assert [(file.name, file.bytes) for file in files] == [("alias.csv", 8), ("real.csv", 8)]
    before = files[0].version
    assert look_again(files[0].uri).version == before
    (tmp_path / "real.csv").write_bytes(b"another")
    assert list_files(str(tmp_path / "alias.csv"))[0].version != before


def test_a_link_out_of_the_folder_is_refused_and_the_others_are_listed(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    folder(tmp_path, "secret.csv")
    (tmp_path / "drop" / "KZ.csv").symlink_to(tmp_path / "secret.csv")
    for pattern in ("drop/*.csv", "drop/KZ.csv"):
        with pytest.raises(SourceRefused, match="leads out of its folder"):
            list_files(str(tmp_path / pattern))
    folder(tmp_path / "drop", "KG.csv")
    assert [(file.name, bool(file.fault)) for file in list_files(str(tmp_path / "drop" / "*.csv"))] == [
        ("KG.csv", False),
        ("KZ.csv", True),
    ]


def test_a_declared_folder_may_itself_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "mounted").mkdir()
    folder(tmp_path / "mounted", "KZ.csv")
    (tmp_path / "raw").symlink_to(tmp_path / "mounted")
    assert [file.name for file in list_files(str(tmp_path / "raw" / "*.csv"))] == ["KZ.csv"]


def test_files_on_their_way_and_notes_are_no_deliveries(tmp_path: Path) -> None:
    folder(tmp_path, "KZ.csv", "KZ.csv.part", "KZ.csv.filepart", "KG.csv.crdownload", "KG.tmp", "KZ.csv.source.yaml")
    folder(tmp_path, "SHA256SUMS", "KZ.csv.sha256")
    (file,) = list_files(str(tmp_path / "*"))
    assert file.name == "KZ.csv"
    assert file.beside == ("KZ.csv.source.yaml", "KZ.csv.sha256", "SHA256SUMS")
