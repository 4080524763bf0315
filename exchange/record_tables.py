"""Which numbers of records go into the workbook: every indicator with what it rests on, then further tables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from exchange.edition import Edition
from exchange.worksheet import WHOLE, Field, Sheet
from schemas.result_tables import Table
from schemas.result_tables import tables as result_tables
from schemas.vocabulary import code_lists, title

GENERAL = "General"
"""Counts and shares stand in one column: no number of decimals is right for both."""
ASKED = [Field("title", "Question", 48), Field("code_name", "Answer", 34)]
PLACE = [Field("region_name", "Region", 26), Field("region", "Code [ISO 3166-2]", 16)]
NUMBERS = [
    Field("exploitation_name", "Form", 14),
    Field("location_name", "Where", 14),
    Field("sex_name", "Sex", 10),
    Field("estimate", "Number [see unit]", 14, GENERAL),
    Field("flag", "Flag", 7),
    Field("ci_low", "Lower limit", 12, GENERAL),
    Field("ci_high", "Upper limit", 12, GENERAL),
    Field("unit_name", "Unit", 18),
    Field("n_cases", "Numerator", 11, GENERAL),
    Field("n_respondents", "Base [records]", 11, WHOLE),
]
BASIS = [
    Field("missing", "Missing [records]", 11, WHOLE),
    Field("base_rule", "What the base is", 20),
    Field("count_basis_name", "What one unit is", 30),
    Field("limits", "Limits", 14),
    Field("note", "Note", 60),
]
OWN = (
    "findings",
    "comparability",
    "definitions",
    "scenarios",
    "evidence",
    "evidence_rivals",
    "evidence_derived",
    "evidence_age_bases",
)
"""Tables of records that have a sheet where they have rows, in this order."""
LONG, WIDTHS = 60, {"text": 20, "integer": 11, "number": 13, "timestamp": 20}
WORDS = ("reason", "reason_ru", "title", "title_ru", "source", "note", "statement", "subject", "subject_ru", "figures")
"""Columns that hold sentences."""
LONGEST_NAME = 31
"""Letters that a spreadsheet allows in the name of a sheet."""


def sheets(tables: Mapping[str, pd.DataFrame], flagged: pd.DataFrame, about: Edition) -> list[Sheet]:
    """Return the sheets of indicators, of the whole and by place, and of each further table that has rows.

    tables: those of a release.  flagged: `estimates` of the release with the column `flag`.
    """
    rows = _indicators(tables, flagged)
    whole = rows["level"].eq("group" if rows["level"].eq("group").any() else "national")
    note = "Numbers without limits say what the records hold; nothing was sampled. Flags: see Notes."
    places = "The same by place. A number that is hidden has a flag; it is not zero."
    found = [Sheet("Indicators", "Indicators", note, [*ASKED, *NUMBERS, *BASIS], rows[whole])]
    if not whole.all():
        where = [Field("country", "Country [ISO 3166-1]", 10), *PLACE]
        apart = rows[~whole].sort_values(["position", "country", "region"], na_position="first", kind="stable")
        found.append(Sheet("Places", "Indicators by place", places, [*where, *ASKED, *NUMBERS], apart))
    described = result_tables()
    there = [name for name in OWN if name in described and len(tables.get(name, ()))]
    return [*found, *(_as_it_is(described[name], tables[name]) for name in there)]


def _indicators(tables: Mapping[str, pd.DataFrame], flagged: pd.DataFrame) -> pd.DataFrame:
    """Put to each number what it counts; what is missing is known of the first row of an indicator."""
    shared = ["indicator", "position", "title", "code_name", "missing", "base_rule", "count_basis", "limits", "note"]
    rows = flagged.merge(tables["indicators"][shared], on="indicator", how="left")
    names = tables["regions"][["country", "region", "name_en"]].rename(columns={"name_en": "region_name"})
    rows = rows.merge(names, on=["country", "region"], how="left")
    again = rows.duplicated(["level", "country", "region", "indicator"])
    rows["missing"] = rows["missing"].mask(again)
    for column in ("exploitation", "location", "sex", "unit", "count_basis"):
        rows[f"{column}_name"] = rows[column].map(code_lists()[column].label, na_action="ignore")
    return rows.sort_values("position", kind="stable")


def _as_it_is(table: Table, rows: pd.DataFrame) -> Sheet:
    """Lay out a table with its own columns but the survey's name."""
    fields = [
        Field(
            column.name,
            title(column.name) + (f" [{column.unit}]" if column.unit else ""),
            LONG if column.name in WORDS else WIDTHS[column.type],
            GENERAL if column.type in ("number", "integer") else None,
        )
        for column in table.columns
        if column.name not in ("survey_id", "release_id")
    ]
    name = title(table.name)
    return Sheet(name[:LONGEST_NAME], name, table.description, fields, rows)
