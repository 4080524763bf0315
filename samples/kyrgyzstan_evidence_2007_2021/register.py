"""The register's rows: the figures of facts.csv with what coding.csv says of them, and the rows of additions.csv.

facts.csv says what the two documents state, in their own words and units; coding.csv says what each figure measures;
additions.csv holds what the documents say without a number, and what can be counted in them. Facts marked [D] are
derived from others: they are what the estimators are expected to find, and no row is made of them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from samples.delivery_file import write_csv
from samples.register_of_figures import COLUMNS, SIDECAR_NOTE

HERE = Path(__file__).parent
FILE = "KG_evidence_2007_2021.csv"
DOCUMENTS = {
    "001_UNICEF_ElPikir_2008": "UNICEF and El-Pikir (2008), Child Trafficking in Kyrgyzstan",
    "003_MVector_2021": "M-Vector (2021), Unregistered Human Trafficking Cases in the Kyrgyz Republic",
}
DERIVED = "D"
SECTION = re.compile(r"^(?P<section>.*?)(?: \(p(?P<page>[\d-]+)\))?$")
NOTE = re.compile(r"^\[(?P<grade>[ABCD])\]\s*(?P<note>.*)$")


def facts() -> dict[int, dict[str, str]]:
    """Return the facts by their line in facts.csv, the header being line 1."""
    return dict(enumerate(_rows("facts.csv"), start=2))


def figures() -> list[dict[str, str]]:
    """Return the register's rows, each a mapping of COLUMNS.

    Raises ValueError where coding.csv and facts.csv do not fit: a fact named otherwise, left out, or used twice.
    """
    by_line = facts()
    coded = _rows("coding.csv")
    _check(coded, by_line)
    rows = [_figure(code, [by_line[line] for line in _lines(code)]) for code in coded]
    for row in _rows("additions.csv"):
        rows.append({name: row.get(name, "") for name in COLUMNS} | {"document": DOCUMENTS[row["document"]]})
    return rows


def write(directory: Path) -> list[Path]:
    """Write the raw file and its sidecar; returns the path of the file."""
    path = directory / FILE
    form = "CSV, UTF-8, one published figure a row"
    write_csv(path, figures(), "samples/kyrgyzstan_evidence_2007_2021", form, "2021-12-31", SIDECAR_NOTE)
    return [path]


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _lines(code: dict[str, str]) -> list[int]:
    return [int(line) for line in code["line"].split(";")]


def _check(coded: Iterable[dict[str, str]], by_line: dict[int, dict[str, str]]) -> None:
    used: list[int] = []
    for code in coded:
        used += _lines(code)
        if by_line[_lines(code)[0]]["indicator"] != code["fact"]:
            raise ValueError(f"coding.csv: {code['questionnaire_id']} is not about line {code['line']} of facts.csv")
    wanted = sorted(line for line, fact in by_line.items() if _graded(fact)[0] != DERIVED)
    if sorted(used) != wanted:
        differing = sorted(set(wanted).symmetric_difference(used)) or "one is used twice"
        raise ValueError(f"coding.csv: lines of facts.csv not coded once each: {differing}")


def _graded(fact: dict[str, str]) -> tuple[str, str]:
    match = NOTE.match(fact["note"])
    if match is None:
        raise ValueError(f"facts.csv: {fact['indicator']} has no grade")
    return match["grade"], match["note"]


def _figure(code: dict[str, str], stated: Sequence[dict[str, str]]) -> dict[str, str]:
    first = stated[0]
    place = SECTION.match(first["section"])
    numbers = [_number(part) for fact in stated for part in fact["value"].split("-")]
    grade, note = _graded(first)
    row = {name: code.get(name, "") for name in COLUMNS}
    row |= {
        "document": DOCUMENTS[first["source"]],
        "section": place["section"] if place else first["section"],
        "page": (place["page"] or "") if place else "",
        "grade": grade,
        "note": note,
    }
    if code["comparator"] == "range":
        return row | {"low": numbers[0], "high": numbers[-1]}
    return row | {"value": numbers[0]}


def _number(text: str) -> str:
    """Return the number of a cell, empty if it holds none; ">11" is worded by the comparator and is 11 here."""
    found = re.fullmatch(r">?(\d+(?:\.\d+)?)", text)
    return found[1] if found else ""
