"""SPSS files: the expected texts are the labels and values that pyreadstat was told to write."""

import datetime
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from schemas.errors import FormatDamaged
from sources.reader import RawTable, read


def written(tmp_path: Path, **options: object) -> bytes:
    path = tmp_path / "a.sav"
    frame = pd.DataFrame(
        {
            "migrant": [1.0, 2.0, 9.0, None],
            "relatives": [13.0, 12.5, 98.0, 99.0],
            "oblast": ["Ташкент", " Бухара", "нет", ""],
            "day": [datetime.date(2009, 9, 1), datetime.date(2009, 10, 2), None, None],
        }
    )
    pyreadstat.write_sav(
        frame,
        path,
        variable_value_labels={
            "migrant": {1: "да", 2: "нет", 9: "отказ"},
            "relatives": {98: "много", 99: "не помнит"},
        },
        missing_ranges={"migrant": [9], "relatives": [{"lo": 98, "hi": 99}]},
        **options,
    )
    return path.read_bytes()


def rows(table: RawTable) -> list[list[object]]:
    frame = table.frame[list(table.columns)]
    return frame.astype(object).where(frame.notna(), None).values.tolist()


@pytest.mark.parametrize("options", [{}, {"compress": True}, {"row_compress": True}])
def test_labels_apply_but_user_missing_answers_keep_their_codes(tmp_path: Path, options: dict[str, object]) -> None:
    table = read(written(tmp_path, **options), "UZ.sav", {"format": "sav"})
    assert table.columns == ("migrant", "relatives", "oblast", "day")
    assert rows(table) == [
        ["да", "13", "Ташкент", "2009-09-01"],
        ["нет", "12.5", " Бухара", "2009-10-02"],
        ["9", "98", "нет", None],
        [None, "99", "", None],
    ]
    assert table.frame["source_row"].tolist() == [1, 2, 3, 4]


def test_user_missing_texts_keep_their_code(tmp_path: Path) -> None:
    path = tmp_path / "t.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"sex": ["f", "x"]}),
        path,
        variable_value_labels={"sex": {"f": "женщина", "x": "нет ответа"}},
        missing_ranges={"sex": ["x"]},
    )
    assert rows(read(path, "t.sav", {"format": "sav"})) == [["женщина"], ["x"]]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("options", [{}, {"compress": True}])
def test_a_truncated_file_is_damaged(tmp_path: Path, options: dict[str, object], share: float) -> None:
    raw = written(tmp_path, **options)
    with pytest.raises(FormatDamaged):
        read(raw[: int(len(raw) * share)], "UZ.sav", {"format": "sav"})


def test_labels_of_a_variable_that_is_not_there_do_not_crash_the_process(tmp_path: Path) -> None:
    raw = bytearray(written(tmp_path))
    # record type 4, one variable, number 1 or 2 (GNU PSPP Developers Guide, "Value Labels Records")
    place = next(p for n in (1, 2) if (p := raw.find(bytes([4, 0, 0, 0, 1, 0, 0, 0, n, 0, 0, 0]))) > 0)
    raw[place + 10] = 0xD7
    with pytest.raises(FormatDamaged, match="a variable that is not there"):
        read(bytes(raw), "UZ.sav", {"format": "sav"})


@pytest.mark.parametrize(("raw", "seen"), [(b"", "empty"), (b"PK\x03\x04", "zip"), (b"a;b\n", "text")])
def test_what_is_no_spss_file_is_refused(raw: bytes, seen: str) -> None:
    with pytest.raises(FormatDamaged, match=seen):
        read(raw, "UZ.sav", {"format": "sav"})


def test_no_case_gives_an_empty_table(tmp_path: Path) -> None:
    path = tmp_path / "e.sav"
    pyreadstat.write_sav(pd.DataFrame({"a": pd.Series([], dtype=float)}), path)
    table = read(path, "e.sav", {"format": "sav"})
    assert (table.columns, len(table.frame)) == (("a",), 0)
