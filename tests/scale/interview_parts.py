"""Interviews as landing leaves them, laid out twice: in a table of DuckDB, and as partitioned Parquet."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from disclosure.cells import PLACES, WINDOWS, answers
from schemas import family_survey
from warehouse import build, disclosure_counts, family_counts, psu_sensitivity
from warehouse.microdata import Microdata
from warehouse.record_columns import record_columns

PLACE_NAMES = ["Ош", "Кара-Суу", "O'sh", 'the "old" town', "a/b", "", "Zürich", "ж", "z", "Z", "%41", "[x]*", "a\\b"]
"""Of all kinds that sort, quote and escape differently somewhere."""


def random_interviews(seed: int, rows: int = 3000) -> pd.DataFrame:
    """Draw interviews with everything missing at times, and with zeros."""
    draw = np.random.default_rng(seed)
    names = np.array([*PLACE_NAMES, None], dtype=object)
    frame = pd.DataFrame({"survey_id": draw.choice(["s", "other"], rows, p=[0.9, 0.1])})
    frame["country"] = draw.choice(["KZ", "KG", "NO", "00"], rows)
    frame["load_id"] = draw.choice(["1e3", "0012", "ab"], rows)
    frame["source_row"] = np.arange(rows)
    for name in ("questionnaire_id", "ngo", "interviewer"):
        frame[name] = [f"{name}{n}" for n in range(rows)]
    for name, odds in (("region", 0.02), ("district", 0.3), ("settlement", 0.3)):
        frame[name] = np.where(draw.random(rows) < odds, draw.choice(names, rows), draw.choice(names[:3], rows))
    frame["settlement_type"] = draw.choice(np.array(["urban", "rural", None], dtype=object), rows)
    frame["interview_date"] = pd.Timestamp("2009-10-25")
    for name in family_survey.ANSWERS:
        frame[name] = draw.choice(np.array(["yes", "no", None], dtype=object), rows)
    for name in ("relatives", "relatives_raw"):
        frame[name] = pd.array(draw.integers(1, 1000, rows), dtype="Int64")
        frame.loc[draw.random(rows) < 0.1, name] = pd.NA
    for name in family_survey.COUNTS:
        many = np.where(draw.random(rows) < 0.05, 999, draw.integers(0, 3, rows))
        frame[name] = pd.array(many, dtype="Int64")
        frame.loc[draw.random(rows) < draw.choice([0, 0.5, 0.95, 1]), name] = pd.NA
    minutes = np.where(draw.random(rows) < 0.2, np.nan, draw.integers(50, 900, rows) / 10)
    frame["duration_minutes"] = pd.array(minutes, dtype="Float64")
    # a settlement in which nobody answered anything
    silent = frame["settlement"] == "z"
    frame.loc[silent, [*family_survey.WHOLE_NUMBERS, "relatives_raw"]] = pd.NA
    frame.loc[silent, ["settlement_type", *family_survey.ANSWERS]] = None
    return frame[list(record_columns(family_survey))]


def connection_with(frame: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    """Return a connection whose table `interviews` holds the frame."""
    connection = duckdb.connect()
    connection.execute(build.interviews_table(family_survey))
    build.Warehouse(connection).insert("interviews", frame)
    return connection


def export(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    """Write the interviews as Parquet parts below `folder`, and return the paths of the parts."""
    connection.execute(
        f"COPY interviews TO '{folder}' (FORMAT parquet, PARTITION_BY (survey_id, country, load_id), OVERWRITE)"
    )
    return sorted(str(path) for path in folder.rglob("*.parquet"))


def at(folder: Path) -> Microdata:
    """Return a folder as the place of a data folder's parts."""
    return Microdata(str(folder), folder.parent / "home")


def statements() -> dict[str, tuple[str, dict[str, int]]]:
    """Return every other pass over interviews: its statement, and its parameters besides the survey."""
    sizes = {"limit": 30}
    found: dict[str, tuple[str, dict[str, int]]] = {
        "family_counts": (family_counts.query("family_counts", family_survey), {}),
        "disclosure_counts": (disclosure_counts.query(PLACES, WINDOWS, answers()), {}),
    }
    for by_family in (False, True):
        suffix = "_by_family" * by_family
        found[f"psu_sensitivity{suffix}"] = psu_sensitivity.query(family_survey, by_family), sizes
        found[f"family_products{suffix}"] = family_counts.query("family_products", family_survey, by_family), {}
    return found
