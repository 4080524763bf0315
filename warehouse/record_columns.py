"""The columns of the table of interviews and their types, from the instrument: for DDL, and for who reads its files."""

from __future__ import annotations

from schemas.instrument import Instrument

NEVER_MISSING = ("load_id", "survey_id", "source_row")
"""What landing adds to every record."""


def record_columns(instrument: Instrument) -> dict[str, str]:
    """Return column to DuckDB type, in the order of the table: what landing adds first, then the instrument's own."""
    types = {
        **dict.fromkeys(instrument.WHOLE_NUMBERS, "BIGINT"),
        **dict.fromkeys(instrument.NUMBERS, "DOUBLE"),
        **dict.fromkeys(instrument.DATES, "DATE"),
    }
    added = {**dict.fromkeys(NEVER_MISSING, "VARCHAR"), **dict.fromkeys(("source_row", *instrument.KEPT), "BIGINT")}
    return {**added, **{name: types.get(name, "VARCHAR") for name in instrument.COLUMNS}}
