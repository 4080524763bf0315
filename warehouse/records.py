"""The accepted records of an instrument that is not about families, as its typed frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.instrument import Instrument
from warehouse.build import Warehouse

if TYPE_CHECKING:
    import pandas as pd


def read(warehouse: Warehouse, survey_id: str, instrument: Instrument) -> pd.DataFrame:
    """Return the records in force of a survey, in the order of their keys, with the instrument's columns and types.

    Whole numbers are Int64, so that a missing one stays missing.
    """
    columns = ", ".join(instrument.COLUMNS)
    frame: pd.DataFrame = warehouse.connection.execute(
        f"SELECT {columns} FROM interviews WHERE survey_id = $survey ORDER BY country, {instrument.KEY}",
        {"survey": survey_id},
    ).df()
    types = {**dict.fromkeys(instrument.TEXTS, "str"), **dict.fromkeys(instrument.WHOLE_NUMBERS, "Int64")}
    return frame.astype({**types, **dict.fromkeys(instrument.NUMBERS, "float64")})
