"""Stata files: the expected texts are the labels and values that pandas or pyreadstat was told to write."""

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from schemas.errors import DeclarationError, EncodingMismatch, FormatDamaged
from sources.reader import RawTable, read

LABELS = {"migrant": {1: "да", 2: "нет"}}


def written(tmp_path: Path, version: int = 118) -> bytes:
    path = tmp_path / f"{version}.dta"
    frame = pd.DataFrame(
        {
            "migrant": [1, 2, 7],
            "relatives": [13.0, None, 12.5],
            "share": pd.Series([12.1, 0.5, 3.0], dtype="float32"),
            "oblast": ["Ош", " Нарын", ""] if version >= 118 else ["Osh", " Naryn", ""],
            "day": pd.to_datetime(["2009-09-01", "2009-10-02", None]),
            "moment": pd.to_datetime(["2009-09-01 10:30", "2009-10-02 00:00", None]),
        }
    )
    labels = LABELS if version >= 118 else {"migrant": {1: "da", 2: "net"}}
    days = {"day": "td", "moment": "tc"}
    frame.to_stata(path, version=version, write_index=False, value_labels=labels, convert_dates=days)
    return path.read_bytes()


def rows(table: RawTable) -> list[list[object]]:
    frame = table.frame[list(table.columns)]
    return frame.astype(object).where(frame.notna(), None).values.tolist()


@pytest.mark.parametrize("version", [118, 119])
def test_labels_numbers_and_days_become_text(tmp_path: Path, version: int) -> None:
    table = read(written(tmp_path, version), "TJ.dta", {"format": "dta"})
    assert table.columns == ("migrant", "relatives", "share", "oblast", "day", "moment")
    assert rows(table) == [
        ["да", "13", "12.1", "Ош", "2009-09-01", "2009-09-01T10:30:00"],
        ["нет", None, "0.5", " Нарын", "2009-10-02", "2009-10-02"],
        ["7", "12.5", "3", "", None, None],
    ]
    assert table.frame["source_row"].tolist() == [1, 2, 3]
    assert [str(kind) for kind in table.frame.dtypes] == ["str"] * 6 + ["int64"]


def test_extended_missing_values_keep_their_letter(tmp_path: Path) -> None:
    path = tmp_path / "m.dta"
    frame = pd.DataFrame({"cases": pd.Series([1, "a", None], dtype=object)})
    pyreadstat.write_dta(frame, path, version=15, missing_user_values={"cases": ["a"]})
    assert rows(read(path, "m.dta", {"format": "dta"})) == [["1"], [".a"], [None]]


def test_an_absent_number_beside_extended_missing_values_is_never_zero(tmp_path: Path) -> None:
    path = tmp_path / "z.dta"
    frame = pd.DataFrame({"cases": pd.Series([0, "b", None, 4], dtype=object)})
    pyreadstat.write_dta(frame, path, version=15, missing_user_values={"cases": ["b"]})
    assert rows(read(path.read_bytes(), "z.dta", {"format": "dta"})) == [["0"], [".b"], [None], ["4"]]


def test_an_impossible_day_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "d.dta"
    pd.DataFrame({"day": [2_000_000_000]}).to_stata(path, version=118, write_index=False)
    raw = path.read_bytes()
    assert raw.count(b"%12.0g") == 1
    with pytest.raises(FormatDamaged, match=r"out of range|magnitude"):
        read(raw.replace(b"%12.0g", b"%td\0\0\0"), "d.dta", {"format": "dta"})


def test_a_header_that_announces_too_much_does_not_exhaust_the_memory(tmp_path: Path) -> None:
    raw = bytearray(written(tmp_path, 114))
    raw[9] = 0x7F  # the highest byte of the number of observations in the old format (Stata's "help dta_114")
    with pytest.raises(FormatDamaged, match="announces"):
        read(bytes(raw), "TJ.dta", {"format": "dta"})


def test_a_path_with_cyrillic_letters_is_read(tmp_path: Path) -> None:
    path = tmp_path / "Таджикистан 2009.dta"
    path.write_bytes(written(tmp_path))
    assert len(read(path, path.name, {"format": "dta"}).frame) == 3


@pytest.mark.parametrize("version", [114, 117, 118])
@pytest.mark.parametrize("cut", [1, 9, 30, 80, 200, 1200])
def test_a_truncated_file_is_damaged_also_when_only_labels_are_cut(tmp_path: Path, version: int, cut: int) -> None:
    raw = written(tmp_path, version)
    with pytest.raises(FormatDamaged):
        read(raw[:-cut], "TJ.dta", {"format": "dta"})


def old_cyrillic(tmp_path: Path) -> bytes:
    """Return a file of Stata 12 with two letters in cp1251, as old deliveries have them."""
    path = tmp_path / "old.dta"
    pd.DataFrame({"answer": ["XY", "XY"], "n": [1, 2]}).to_stata(path, version=114, write_index=False)
    return path.read_bytes().replace(b"XY", "да".encode("cp1251"))


def test_old_files_do_not_say_their_encoding(tmp_path: Path) -> None:
    with pytest.raises(EncodingMismatch, match="does not name the encoding") as caught:
        read(old_cyrillic(tmp_path), "TJ.dta", {"format": "dta"})
    assert caught.value.facts["would_work"][0] == "cp1251"


def test_the_only_encoding_that_fits_is_named_alone(tmp_path: Path) -> None:
    raw = old_cyrillic(tmp_path).replace("да".encode("cp1251"), "é".encode())
    with pytest.raises(EncodingMismatch) as caught:
        read(raw, "TJ.dta", {"format": "dta"})
    assert caught.value.facts["would_work"] == ["utf-8"]
    assert str(caught.value).endswith("Set `encoding: utf-8`.")


@pytest.mark.parametrize("encoding", ["cp1251", "ptcp154", "kz1048", "windows-1251"])
def test_old_files_with_a_declared_encoding(tmp_path: Path, encoding: str) -> None:
    table = read(old_cyrillic(tmp_path), "TJ.dta", {"format": "dta", "encoding": encoding})
    assert rows(table) == [["да", "1"], ["да", "2"]]


def test_old_files_in_a_wrong_encoding(tmp_path: Path) -> None:
    with pytest.raises(EncodingMismatch):
        read(old_cyrillic(tmp_path), "TJ.dta", {"format": "dta", "encoding": "utf-8"})


@pytest.mark.parametrize(("raw", "seen"), [(b"", "empty"), (b"PK\x03\x04", "zip"), (b"a;b\n", "text")])
def test_what_is_no_stata_file_is_refused(raw: bytes, seen: str) -> None:
    with pytest.raises(FormatDamaged, match=seen):
        read(raw, "TJ.dta", {"format": "dta"})


def test_no_observation_gives_an_empty_table(tmp_path: Path) -> None:
    path = tmp_path / "e.dta"
    pyreadstat.write_dta(pd.DataFrame({"a": pd.Series([], dtype=float)}), path, version=15)
    table = read(path, "e.dta", {"format": "dta"})
    assert (table.columns, len(table.frame)) == (("a",), 0)


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(DeclarationError, match='"sheet" is not known'):
        read(b"<stata_dta>", "TJ.dta", {"format": "dta", "sheet": "A"})
