"""From raw cells to the canonical record: numbers, dates, codes, columns. Expected values are read off the cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from schemas import coding
from schemas.declaration import Source
from schemas.errors import MissingColumn, UnknownColumn
from schemas.failures import Failures
from schemas.region_names import RegionNames
from schemas.shape import Shape

REGIONS = pd.DataFrame(
    [
        {"country": "KG", "region": "KG-B", "name_en": "Batken", "name_ru": "Баткенская", "aliases": "Batken oblusu"},
        {"country": "KZ", "region": "KZ-15", "name_en": "Aktobe", "name_ru": "Актюбинская", "aliases": ""},
    ]
)


def source(**changes: object) -> Source:
    content = {
        "country": "KG",
        "path": "x.csv",
        "reader": {"format": "csv"},
        "columns": {"ngo": "НПО", "district": "р"},
    }
    return Source.model_validate({**content, **changes})


def raw(**columns: Sequence[str | None]) -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.array(list(cells), dtype="str") for name, cells in columns.items()})
    return frame.assign(source_row=range(2, len(frame) + 2))


def whole(cell: str | None, decimal: str) -> tuple[object, list[str]]:
    failures = Failures()
    number = coding.whole_numbers(raw(relatives=[cell]), ["relatives"], decimal, failures)["relatives"][0]
    return (None if pd.isna(number) else int(number)), list(failures.table()["message"])


@pytest.mark.parametrize(
    ("cell", "decimal", "number"),
    [
        ("13", ".", 13),
        ("13,0", ",", 13),
        ("13.0", ".", 13),
        ("13.000", ".", 13),
        ("+7", ".", 7),
        ("007", ".", 7),
        ("-1", ".", -1),  # a whole number; that no count is below nought is the model's business
        ("13.0", ",", 13),  # as programs write stored numbers, whatever people declare
        ("12.00", ",", 12),
        ("1,000", ",", 1),
        (None, ".", None),
    ],
)
def test_a_whole_number_is_read_in_the_declared_decimal(cell: str | None, decimal: str, number: int | None) -> None:
    assert whole(cell, decimal) == (number, [])


@pytest.mark.parametrize(
    ("cell", "decimal"),
    [
        ("12,5", ","),
        ("12.5", "."),
        ("12,0", "."),  # the comma is not declared
        ("много", "."),
        ("1 000", "."),
        ("1e3", "."),
        ("٣", "."),  # a digit of another script
        ("1234567890", "."),  # ten digits are no count of relatives
        ("5-6", "."),
        ("0x10", "."),
        ("inf", "."),
        ("1,000", "."),
        ("1.000.000", ","),
        ("1.000,0", ","),
    ],
)
def test_what_is_no_whole_number_refuses_the_row_and_is_named(cell: str, decimal: str) -> None:
    assert whole(cell, decimal) == (None, [f'"{cell}" is not a whole number'])


def number(cell: str | None, decimal: str) -> tuple[float | None, list[str]]:
    failures = Failures()
    got = coding.numbers(raw(duration_minutes=[cell]), ["duration_minutes"], decimal, failures)["duration_minutes"][0]
    return (None if pd.isna(got) else float(got)), list(failures.table()["message"])


@pytest.mark.parametrize(
    ("cell", "decimal", "value"),
    [
        ("12,5", ",", 12.5),
        ("1,500", ",", 1.5),
        ("1.50", ",", 1.5),
        ("0.125", ",", 0.125),  # thousands never begin with 0
        ("1.500", ".", 1.5),
        (".5", ".", 0.5),
        ("1E+05", ".", 100_000),  # as spreadsheets write large numbers
        ("-3", ".", -3),
        (None, ",", None),
    ],
)
def test_a_number_is_read_in_the_declared_decimal(cell: str | None, decimal: str, value: float | None) -> None:
    assert number(cell, decimal) == (value, [])


@pytest.mark.parametrize(
    "cell", ["inf", "-inf", "Infinity", "nan", "NaN", "1_000", "0x1F", "1 500", "٣", "1,5", "1e999"]
)
def test_what_is_no_number_refuses_the_row_and_is_named(cell: str) -> None:
    assert number(cell, ".") == (None, [f'"{cell}" is not a number'])


@pytest.mark.parametrize("cell", ["1.000", "-1.500", "13.000", "1234.500"])
def test_a_point_before_three_digits_is_not_read_where_the_comma_is_declared(cell: str) -> None:
    for value, messages in (whole(cell, ","), number(cell, ",")):
        assert value is None
        assert len(messages) == 1
        assert f'"{cell}" has a point before three digits' in messages[0]
        assert "a thousand times as much" in messages[0]


@pytest.mark.parametrize(
    ("cell", "date_format", "day"),
    [
        ("01.09.2009", "%d.%m.%Y", "2009-09-01"),
        ("09/01/2009", "%m/%d/%Y", "2009-09-01"),
        ("2009-11-30", "%Y-%m-%d", "2009-11-30"),
        ("31.02.2009", "%d.%m.%Y", None),
        ("2009-09-01", "%d.%m.%Y", None),
        ("1 сентября", "%d.%m.%Y", None),
        ("13/25/2009", "%m/%d/%Y", None),
        ("20091005", "%Y%m%d", "2009-10-05"),
        ("2009105", "%Y%m%d", None),  # which digit is missing?
        ("5.10.2009", "%d.%m.%Y", "2009-10-05"),
    ],
)
def test_a_date_is_read_in_the_declared_order_only(cell: str, date_format: str, day: str | None) -> None:
    failures = Failures()
    got = coding.dates(raw(interview_date=[cell]), ["interview_date"], date_format, failures)["interview_date"][0]
    if day is None:
        assert pd.isna(got)
        assert list(failures.table()["rule"]) == ["interview_date_format"]
        assert cell in failures.table()["message"][0]
    else:
        assert got == pd.Timestamp(day)
        assert len(failures.table()) == 0


def test_an_unknown_code_refuses_the_row_and_an_empty_cell_does_not() -> None:
    failures = Failures()
    chosen = source(columns={"migrant_inside": "в"}, values={"migrant_inside": {"да": "yes", "нет": "no"}})
    got = coding.decode(raw(migrant_inside=["да", "нет", "ДА", None]), chosen, failures)["migrant_inside"]
    assert list(got.fillna("")) == ["yes", "no", "", ""]
    table = failures.table()
    assert list(table["position"]) == [2]
    assert table["message"][0] == '"ДА" is not one of "да", "нет"'


def test_declared_texts_and_blanks_mean_no_answer() -> None:
    got = coding.blank_missing(raw(ngo=["-", " ", "", " - ", "--", "A "]), ["", "-"])["ngo"]
    assert list(got.fillna("missing")) == ["missing", "missing", "missing", "missing", "--", "A"]


def test_columns_are_renamed_and_declared_ones_left_out() -> None:
    frame = raw(**{"НПО": ["A"], "р": ["B"], "прим.": ["C"]})
    got = coding.rename(frame, source(ignore=["прим."]))
    assert list(got.columns) == ["ngo", "district", "source_row"]


def test_a_missing_column_names_what_looks_like_it() -> None:
    with pytest.raises(MissingColumn) as caught:
        coding.check_columns(Shape(("НПО ", "р")), source(), [*source().columns], "KG.csv")
    assert 'KG.csv, column "НПО"' in str(caught.value)
    assert '"НПО " instead' in str(caught.value)


def test_a_column_that_nobody_declared_stops_the_file() -> None:
    with pytest.raises(UnknownColumn, match="телефон"):
        coding.check_columns(Shape(("НПО", "р", "телефон")), source(), [*source().columns], "KG.csv")


def test_rows_of_another_country_are_refused_one_by_one_up_to_half_of_them() -> None:
    names, failures = RegionNames(REGIONS), Failures()
    of = np.array([0, 0, 0, 0, 1])
    frame = raw(
        country=["KG", "KG", "KZ", "KG", None], region=["Batken", "Баткенская", "Batken", "Aktobe", "Batken oblusu"]
    )
    assert coding.check_country(frame, source(), names, failures, of, ["KG_1.csv", "KG_2.csv"]) == {}
    assert sorted(failures.positions()) == [2, 3]  # by its country cell, and by its region
    swapped = frame.assign(region=["Batken", "Aktobe", "Aktobe", "Aktobe", "Batken"], country=[None] * 5)
    wrong = coding.check_country(swapped, source(), names, Failures(), of, ["KG_1.csv", "KG_2.csv"])
    assert list(wrong) == [0]  # the other file of the lot is what it should be
    assert "KG_1.csv" in str(wrong[0])
    assert "3 of its 4 rows belong to KZ" in str(wrong[0])
