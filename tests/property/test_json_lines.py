"""Whatever records the json module writes, the reader gives back: names joined by "/", numbers as written."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.errors import KinscaleError
from sources.reader import read

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=5)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS)
RECORDS = st.recursive(
    st.dictionaries(NAMES, SCALARS, min_size=1, max_size=4),
    lambda inner: st.dictionaries(NAMES, SCALARS | inner, min_size=1, max_size=3),
    max_leaves=8,
)


def flat(record: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    out: dict[str, str | None] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            out |= flat(value, f"{prefix}{name}/")
        elif isinstance(value, bool):
            out[prefix + name] = "TRUE" if value else "FALSE"
        else:
            out[prefix + name] = None if value is None else value if isinstance(value, str) else json.dumps(value)
    return out


@settings(max_examples=200, deadline=None)
@given(st.lists(RECORDS, min_size=1, max_size=5), st.booleans())
def test_records_read_back_equal(records: list[dict[str, Any]], as_list: bool) -> None:
    rows = [flat(record) for record in records]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    assume("source_row" not in columns)
    if as_list:
        raw, kind = json.dumps(records).encode(), "json"
    else:
        raw, kind = "\n".join(json.dumps(record) for record in records).encode(), "jsonl"
    table = read(raw, "x", {"format": kind})
    assert list(table.columns) == columns
    assert table.damaged == ()
    got = table.frame[columns].astype(object).where(table.frame[columns].notna(), None).values.tolist()
    assert got == [[row.get(name) for name in columns] for row in rows]
    assert list(table.frame["source_row"]) == list(range(1, len(records) + 1))


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('{}[]",:\\ \n1eabnultrf-.ud8'), max_size=60), st.sampled_from(["jsonl", "json"]))
def test_no_line_is_lost_and_only_typed_errors_are_raised(text: str, kind: str) -> None:
    try:
        table = read(text.encode(), "x", {"format": kind})
    except KinscaleError:
        return
    if kind == "jsonl":
        numbers = [number for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        assert sorted([*table.frame["source_row"], *(row.source_row for row in table.damaged)]) == numbers
