"""The estimates of one release as SDMX-CSV 2.0, compressed: columns and codes are those of the SDMX structure."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from exchange.areas import ref_area
from exchange.edition import Edition
from exchange.sdmx_structure import structure_id
from schemas.spreadsheet_text import neutralised_columns
from schemas.vocabulary import CodeList, content

INTENTIONALLY_MISSING = "NaN"
"""What SDMX writes for a measure that is known to have no value, such as one that is hidden."""


def observations(estimates: pd.DataFrame, about: Edition, lists: Mapping[str, CodeList]) -> pd.DataFrame:
    """Return one row per estimate under the identifiers of the structure; the codes of coded columns are SDMX's.

    estimates: rows of the release.  lists: the code lists of the structure, which hold every value.
    """
    sdmx = content()["sdmx"]
    columns: dict[str, object] = {
        "STRUCTURE": "dataflow",
        "STRUCTURE_ID": structure_id(about.survey_id),
        "ACTION": "I",
        sdmx["area"]["id"]: ref_area(estimates),
    }
    sections = [("dimensions", True), ("measure", False), ("attributes", True), ("dataset_attributes", False)]
    for section, coded in sections:
        if section == "measure":
            columns[sdmx["time"]["id"]] = about.reference_period
        for name, column in sdmx[section].items():
            codes = {code.value: code.sdmx for code in lists[column].codes} if coded and column in lists else {}
            differ = any(value != code for value, code in codes.items())
            columns[name] = estimates[column].map(codes) if differ else estimates[column]
    return pd.DataFrame(columns, index=estimates.index)


def write(path: Path, rows: pd.DataFrame) -> None:
    """Write observations to a gzip file without a time in it, so that equal rows give equal bytes."""
    import pyarrow
    import pyarrow.compute
    from pyarrow import csv

    table = neutralised_columns(pyarrow.Table.from_pandas(rows, preserve_index=False))
    for measure in content()["sdmx"]["measure"]:
        place = table.schema.get_field_index(measure)
        text = pyarrow.compute.cast(table.column(measure), pyarrow.string()).fill_null(INTENTIONALLY_MISSING)
        table = table.set_column(place, measure, text)
    with path.open("wb") as file, gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as out:
        out.write((",".join(table.column_names) + "\n").encode())
        csv.write_csv(table, out, csv.WriteOptions(include_header=False, quoting_style="none"))
