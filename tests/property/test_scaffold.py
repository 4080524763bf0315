"""A draft of any delivery: every column is found, or marked, or left to choose; it loads, or says what is to choose.

What is right is known because the test lays the file out itself: which header holds which column, how it is written.
"""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import declaration
from schemas.declaration_faults import CHOOSE
from schemas.errors import DeclarationError
from schemas.family_survey import COLUMNS, PARADATA
from tasks.scaffold.draft import draft
from tasks.scaffold.write import write
from tests import small_survey

BUNDLED = [dict(declaration.load("central_asia_2009").sources[at].columns) for at in (0, 1)]  # in Russian
STYLES = [{column: column for column in COLUMNS}, *BUNDLED]
CHARACTERS = st.sampled_from("абжЯq3 _-/#:'{}[]&*!|>%@`\\éў№,;\t")
NOISE = st.text(CHARACTERS, min_size=1, max_size=12).filter(lambda text: text.strip())


@dataclass(frozen=True)
class Delivery:
    """A laid-out file: its bytes, the header of each column that it holds, and how it was written."""

    raw: bytes
    headers: dict[str, str]
    encoding: str
    delimiter: str
    others: tuple[str, ...]


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    headers = dict(draw(st.sampled_from(STYLES)))
    for column in draw(st.lists(st.sampled_from(COLUMNS), max_size=3, unique=True)):
        del headers[column]
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-r", "cp866"]))
    delimiter = draw(st.sampled_from(";,\t|"))
    readable = NOISE.filter(lambda text: not headers_hold(headers, text) and _encodes(text, encoding))
    others = draw(st.lists(readable, max_size=3, unique=True))
    names = draw(st.permutations([*headers.values(), *others]))
    column_of = {header: column for column, header in headers.items()}
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(names)
    for row in small_survey.interviews("KG"):
        writer.writerow([row[column_of[name]] if name in column_of else "x" for name in names])
    raw = text.getvalue().replace("№", "N" if encoding in ("koi8-r", "cp866") else "№")
    if encoding in ("koi8-r", "cp866"):
        headers = {column: header.replace("№", "N") for column, header in headers.items()}
        others = [name.replace("№", "N") for name in others]
    return Delivery(raw.encode(encoding), headers, encoding, delimiter, tuple(others))


def headers_hold(headers: dict[str, str], text: str) -> bool:
    return text in headers.values() or text.replace("№", "N") in headers.values()


def _encodes(text: str, encoding: str) -> bool:
    try:
        text.replace("№", "N").encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@settings(max_examples=60, deadline=None)
@given(deliveries())
def test_a_draft_is_right_or_says_where_it_may_not_be(delivery: Delivery) -> None:
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        path = Path(place) / "x.csv"
        path.write_bytes(delivery.raw)
        made = draft("any", "family_survey", [path], "KG", None)
        source = made.sources[0]
        reading = source.reader
        if reading["delimiter"].value != delivery.delimiter:
            assert not reading["delimiter"].sure
            return  # another table altogether: nothing of it can be compared
        if delivery.raw.decode(reading["encoding"].value) != delivery.raw.decode(delivery.encoding):
            assert not reading["encoding"].sure
            return
        for column, found in source.columns.items():
            expected = delivery.headers.get(column)
            assert found.header == expected or not found.sure, column
        assert source.rows == small_survey.ROWS_PER_COUNTRY

        folder = write(made, Path(place) / "surveys", copy=True)
        content = yaml.safe_load((folder / "survey.yaml").read_text(encoding="utf-8"))
        assert set(content["sources"][0]["columns"]) | set(PARADATA) == set(COLUMNS)
        patch.setenv("KINSCALE_SURVEYS", str(folder.parent))
        open_places = [column for column, header in content["sources"][0]["columns"].items() if header == CHOOSE]
        assert set(open_places) >= {
            column
            for column in source.columns
            if column not in delivery.headers and not _marked(source.columns[column])
        }
        try:
            declaration.load("any")
        except DeclarationError as error:
            assert "is not chosen yet" in str(error)
            assert CHOOSE in (folder / "survey.yaml").read_text(encoding="utf-8")
        else:
            assert not open_places


def _marked(found: object) -> bool:
    return getattr(found, "header", None) is not None and not getattr(found, "sure", True)
