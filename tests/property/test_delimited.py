"""Whatever text the csv module writes, the reader gives back: the written cells are the expected ones."""

import csv
import io

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.errors import EncodingMismatch
from sources.encodings import SUPPORTED
from sources.reader import read

# NUL marks UTF-16, the byte order mark is a signature; neither is text of a cell. Half of the characters
# are those of real deliveries, so that all code pages are reached.
CHARACTERS = st.one_of(
    st.sampled_from("абвгдежзийАБЯёЁ№қғұӨ 0123456789,.;|\"'\r\n\t-"),
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"),
)
CELLS = st.text(CHARACTERS, max_size=8)


def encodes(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str, str, list[str], list[list[str]]]:
    # without a byte order mark, only texts of the region's scripts show which of two bytes comes first
    encoding = draw(st.sampled_from([name for name in SUPPORTED if name not in ("utf-16-le", "utf-16-be")]))
    cell = CELLS.filter(lambda text: encodes(text, encoding))
    # two columns or more: with one, another delimiter in the header is taken for the true one
    names = draw(st.lists(cell.filter(bool), min_size=2, max_size=5, unique=True))
    assume("source_row" not in names)
    rows = draw(st.lists(st.lists(cell, min_size=len(names), max_size=len(names)), max_size=6))
    return encoding, draw(st.sampled_from(";,\t|")), draw(st.sampled_from(["\r\n", "\n"])), names, rows


def is_utf8(raw: bytes) -> bool:
    try:
        return not raw.isascii() and bool(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return False


@settings(max_examples=300, deadline=None)
@given(tables())
def test_every_text_table_reads_back_equal(table: tuple[str, str, str, list[str], list[list[str]]]) -> None:
    encoding, delimiter, line_end, names, rows = table
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows([names, *rows])
    # the csv module of Python 3.11 quotes only its own line end
    assume(line_end == "\r\n" or not any("\r" in cell for row in [names, *rows] for cell in row))
    raw = text.getvalue().encode(encoding)
    spec = {"format": "csv", "encoding": encoding, "delimiter": delimiter}
    try:
        result = read(raw, "x.csv", spec)
    except EncodingMismatch as error:
        # a few letters of a code page may happen to be UTF-8; then asking is right
        assert is_utf8(raw) and error.facts["would_work"] == ["utf-8"]
        return
    assert result.columns == tuple(names)
    assert result.frame[names].values.tolist() == rows
    assert result.damaged == ()
    assert result.frame["source_row"].is_monotonic_increasing


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('ab";\n\r '), max_size=60))
def test_no_line_is_lost_and_none_is_invented(body: str) -> None:
    text = io.StringIO("x;y\n" + body, newline="")
    lines = [line for line in text.readlines()[1:] if line.strip("\r\n")]
    result = read(("x;y\n" + body).encode(), "x.csv", {"format": "csv", "delimiter": ";"}) if lines else None
    if result is None:
        return
    numbers = [*result.frame["source_row"], *(row.source_row for row in result.damaged)]
    assert len(set(numbers)) == len(numbers)
    returned = sum(len(cell) for cell in result.frame[["x", "y"]].to_numpy().ravel())
    returned += sum(len(row.text) for row in result.damaged)
    # only quotation marks, delimiters and line ends of whole rows are not content
    assert returned >= sum(char in "ab " for char in body)
