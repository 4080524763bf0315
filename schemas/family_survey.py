"""The family survey: one interview about the respondent's close relatives, as a pandera model with its row rules.

Titles, units and rules are written here once; DDL, comments and quarantine messages are made from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

NAME = "family_survey"
ANALYSIS = "families"
KEY = "questionnaire_id"
PLACES = ("inside", "abroad")
WINDOWS = ("last_3_years", "earlier")
LARGEST_COUNT = 999
"""No count of relatives or cases has more digits than the form has boxes."""
LONGEST_MINUTES = 999
"""Sixteen hours: what is longer is no interview but a form that was left open."""


def count_columns(place: str) -> list[str]:
    """Name the eight counts asked about one place (`inside` or `abroad`), in the order of the form."""
    labour = [f"labour_{place}_{who}_{window}" for who in ("women", "men", "total") for window in WINDOWS]
    return labour + [f"sexual_{place}_{window}" for window in WINDOWS]


COUNTS = [column for place in PLACES for column in count_columns(place)]
WHOLE_NUMBERS = ["relatives", *COUNTS]
TEXTS = ["questionnaire_id", "country", "region", "district", "settlement", "settlement_type", "ngo", "interviewer"]
ANSWERS = ["migrant_inside", "migrant_abroad"]
CODES = {"settlement_type": ("urban", "rural"), **dict.fromkeys(ANSWERS, ("yes", "no"))}
"""Codes of the columns whose answers are codes."""
PARADATA = ("duration_minutes",)
DISPENSABLE = ("country", "ngo", "interviewer", *PARADATA)
"""Columns that a delivery may lack: no number rests on them. The country is that of the source then."""
CODED = ["region", *CODES]
"""Columns whose answers are codes; their frequencies are compared from one delivery to the next."""
DATES = ["interview_date"]
DAY = "interview_date"
REGION = "region"
NUMBERS = ["duration_minutes"]
SEVERAL: dict[str, tuple[str, ...]] = {}
REGISTERED: dict[str, Literal["organisation", "place"]] = {}
KEPT = ("relatives_raw",)
COLUMNS = [*TEXTS, *DATES, "relatives", *ANSWERS, *COUNTS, *PARADATA]

_WHO = {"women": "women", "men": "men", "total": "persons regardless of sex, a question of its own"}
_WHEN = {"last_3_years": "in the last three years", "earlier": "earlier"}
_WHERE = {"inside": "inside the country", "abroad": "abroad"}


def _count_title(column: str) -> str:
    form, place, *rest = column.split("_")
    who = rest[0] if form == "labour" else None
    window = "_".join(rest[1:] if form == "labour" else rest)
    people = _WHO[who] if who else "persons, no sex asked"
    return f"Relatives in {form} exploitation {_WHERE[place]} {_WHEN[window]}: {people}"


class Interview(pa.DataFrameModel):
    """One valid interview about the respondent's close relatives (living, respondent included, cousins excluded)."""

    questionnaire_id: Series[str] = pa.Field(
        nullable=False, str_length={"min_value": 1}, title="Number of the questionnaire"
    )
    country: Series[str] = pa.Field(title="Country of interview", metadata={"code_list": "ISO 3166-1 alpha-2"})
    region: Series[str] = pa.Field(title="Region of interview", metadata={"code_list": "ISO 3166-2"})
    district: Series[str] = pa.Field(title="District or town")
    settlement: Series[str] = pa.Field(title="Village or town quarter: the primary sampling unit")
    settlement_type: Series[str] = pa.Field(isin=CODES["settlement_type"], title="Urban or rural")
    ngo: Series[str] = pa.Field(title="Code of the organisation that interviewed")
    interviewer: Series[str] = pa.Field(title="Code of the interviewer")
    interview_date: Series[pd.Timestamp] = pa.Field(title="Day of the interview")
    relatives: Series[pd.Int64Dtype] = pa.Field(
        ge=1,
        le=LARGEST_COUNT,
        nullable=True,
        title="Close relatives, respondent included",
        metadata={"unit": "persons"},
    )
    migrant_inside: Series[str] = pa.Field(
        isin=CODES["migrant_inside"], title="A relative migrated for work inside the country"
    )
    migrant_abroad: Series[str] = pa.Field(isin=CODES["migrant_abroad"], title="A relative migrated for work abroad")
    counts: Series[pd.Int64Dtype] | None = pa.Field(
        alias=r"^(labour|sexual)_(inside|abroad)_.*(last_3_years|earlier)$",
        regex=True,
        ge=0,
        le=LARGEST_COUNT,
        nullable=True,
        title="Relatives exploited",
        metadata={"unit": "persons"},
    )
    duration_minutes: Series[float] = pa.Field(
        ge=1, le=LONGEST_MINUTES, nullable=True, title="Length of the interview", metadata={"unit": "minutes"}
    )

    class Config:
        """Every column of the record is there, none besides; pandera adds nothing and drops nothing."""

        strict = True
        coerce = False


TITLES: dict[str, str] = {
    **{name: field.title or name for name, field in Interview.to_schema().columns.items() if not field.regex},
    **{column: _count_title(column) for column in COUNTS},
}


def record_schema() -> pa.DataFrameSchema:
    """Return the pandera schema of valid interviews."""
    return Interview.to_schema()


def rules(frame: pd.DataFrame) -> Iterator[tuple[str, str, pd.Series, str]]:
    """Check what a single column cannot show: yields (rule, column, failing rows, message).

    frame: typed interviews. Failing rows are a boolean Series aligned with it.
    """
    for place in PLACES:
        cases = frame[count_columns(place)]
        answered = (cases.notna() & (cases != 0)).any(axis=1)  # 0 reports none: repeats that are counted give it
        yield (
            f"skip_{place}",
            f"migrant_{place}",
            (frame[f"migrant_{place}"] == "no") & answered,
            f"no relative migrated {_WHERE[place]}, and yet cases {_WHERE[place]} are filled in",
        )
    for column in COUNTS:
        above = (frame[column] > frame["relatives"]).to_numpy(dtype=bool, na_value=False)
        yield (
            "count_above_relatives",
            column,
            pd.Series(above, index=frame.index),
            "more cases than relatives in one answer",
        )


def not_asked(frame: pd.DataFrame) -> Iterator[tuple[str, str, pd.Series]]:
    """Find the zeros where nobody migrated, to be emptied: yields (rule, column, rows), only where there are any.

    The form does not ask these counts; a 0 of repeats that were counted must not look like an answer.
    """
    for place in PLACES:
        nobody = frame[f"migrant_{place}"] == "no"
        for column in count_columns(place):
            zero = nobody & (frame[column] == 0).fillna(False).astype(bool)
            if zero.any():
                yield f"skip_{place}", column, zero


def labour_by_sex(frame: pd.DataFrame, place: str) -> pd.Series:
    """Sum women and men of both windows; missing answers count as none. Returns persons per interview."""
    columns = [f"labour_{place}_{who}_{window}" for who in ("women", "men") for window in WINDOWS]
    return _sum(frame, columns)


def labour_total(frame: pd.DataFrame, place: str) -> pd.Series:
    """Sum the total field over both windows; missing answers count as none. Returns persons per interview."""
    return _sum(frame, [f"labour_{place}_total_{window}" for window in WINDOWS])


def sexual_total(frame: pd.DataFrame, place: str) -> pd.Series:
    """Sum the sexual cases of both windows; missing answers count as none. Returns persons per interview."""
    return _sum(frame, [f"sexual_{place}_{window}" for window in WINDOWS])


def _sum(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    counts = [frame[column].to_numpy(dtype="int64", na_value=0) for column in columns]
    return pd.Series(np.sum(counts, axis=0), index=frame.index)


def cases(frame: pd.DataFrame) -> pd.Series:
    """Count the cases of an interview over the four streams, labour by the larger of its two totals."""
    inside, abroad = (
        np.maximum(labour_by_sex(frame, place), labour_total(frame, place)) + sexual_total(frame, place)
        for place in PLACES
    )
    return inside + abroad
