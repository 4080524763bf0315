"""The bundled raw files are what the generator writes, and each has the traits of its format.

Expected traits are those of the formats' own documentation; the content is compared with the canonical interviews.
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
import yaml

from samples.central_asia_2009 import interviews, write
from samples.central_asia_2009.labels import SPELLINGS

SURVEY = Path(__file__).parents[3] / "surveys" / "central_asia_2009"
RAW = SURVEY / "raw"


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    write(folder)
    return folder


def cells(path: Path) -> list[tuple[object, ...]]:
    """Every cell of a raw file, whatever its format."""
    match path.suffix:
        case ".xlsx":
            book = openpyxl.load_workbook(path)
            return [row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)]
        case ".csv":
            encoding = "cp1251" if path.name.startswith("KG") else "utf-8"
            with path.open(encoding=encoding, newline="") as handle:
                return [tuple(row) for row in csv.reader(handle)]
        case ".dta":
            frame, meta = pyreadstat.read_dta(path)
        case _:
            frame, meta = pyreadstat.read_sav(path, user_missing=True)
    rows = frame.astype("str").itertuples(index=False, name=None)
    return [tuple(frame.columns), (meta.variable_value_labels,), *rows]


@pytest.mark.parametrize("name", ["KZ_2009.xlsx", "KG_2009.csv", "TJ_2009.csv", "TM_2009.dta", "UZ_2009.sav"])
def test_bundled_file_is_what_the_generator_writes(rebuilt: Path, name: str) -> None:
    assert cells(RAW / name) == cells(rebuilt / name)


def test_writing_twice_gives_the_same_bytes(rebuilt: Path, tmp_path: Path) -> None:
    for path in write(tmp_path):
        assert path.read_bytes() == (rebuilt / path.name).read_bytes(), path.name


@pytest.mark.parametrize("path", sorted(RAW.glob("*_2009.*[!l]")), ids=lambda path: path.name)
def test_sidecar_describes_its_file(path: Path) -> None:
    record = yaml.safe_load(path.with_name(path.name + ".source.yaml").read_text(encoding="utf-8"))
    assert record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert record["bytes"] == path.stat().st_size
    assert record["rows"] == (interviews()["country"] == path.name[:2]).sum()
    assert "reconstruction" in record["note"]


def test_every_spelling_is_an_alias_of_its_region() -> None:
    regions = pd.read_csv(SURVEY / "regions.csv", dtype=str).set_index("region")
    assert set(SPELLINGS) == set(regions.index[regions["surveyed"] == "yes"])
    for code, names in SPELLINGS.items():
        assert set(names) <= set(regions.loc[code, "aliases"].split(";")), code
    assert "Dushanbe" in regions.loc["TJ-DU+TJ-RA", "aliases"].split(";")


def test_kazakh_workbook_has_merged_groups_over_two_header_rows() -> None:
    sheet = openpyxl.load_workbook(RAW / "KZ_2009.xlsx")["Анкеты"]
    merged = {str(block) for block in sheet.merged_cells.ranges}
    assert {"A4:A5", "M4:R4", "S4:X4", "Y4:Z4", "AA4:AB4"} <= merged
    assert sheet["M4"].value == "Трудовая эксплуатация внутри страны"
    assert sheet["N5"].value == "женщины, раньше"
    assert sheet["I6"].is_date
    assert "-" in {row[0].value for row in sheet["Y6:Y2246"]}


def test_kyrgyz_file_is_a_russian_spreadsheet_export() -> None:
    content = (RAW / "KG_2009.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    lines = content.decode("cp1251").split("\r\n")
    assert lines[0].startswith("анкета;страна;область")
    assert "," in lines[1].split(";")[9]
    assert "\n" not in "".join(lines)


def test_tajik_file_is_a_survey_platform_export() -> None:
    content = (RAW / "TJ_2009.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfstart,end,today,deviceid,general/")
    header = content.splitlines()[0].decode("utf-8-sig").split(",")
    assert {"_id", "_uuid", "_submission_time", "_validation_status", "_index"} <= set(header)


def test_turkmen_file_has_value_labels_and_daily_dates() -> None:
    frame, meta = pyreadstat.read_dta(RAW / "TM_2009.dta")
    assert meta.variable_value_labels["q2ab"] == {1: "hawa", 2: "yok"}
    assert meta.original_variable_types["idate"].startswith("%td")
    assert frame["q3a_3y"].isna().any()


def test_uzbek_file_declares_98_and_99_as_missing_and_uses_them() -> None:
    kept, meta = pyreadstat.read_sav(RAW / "UZ_2009.sav", user_missing=True)
    assert [block["lo"] for block in meta.missing_ranges["Q1"]] == [98, 99]
    assert {98, 99} <= set(kept["Q3A_3Y"].dropna())
    assert kept["Q3A_3Y"].isna().any()
