"""SPSS files (.sav): value labels applied, user-missing answers as their codes: refused is not absent."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from schemas.errors import FormatDamaged
from sources import labelled, limits, spss_dictionary, text
from sources.table import RawTable

KEYS = ("encoding",)
SIGNATURE = "sav"


def read(data: Path | bytes, name: str, spec: Mapping[str, object]) -> RawTable:
    """Read an SPSS file. A value in a variable's missing range arrives as its code, even if it has a label.

    Raises DeclarationError, EncodingMismatch, FileTooLarge or FormatDamaged.
    """
    import pyreadstat

    _check_dictionary(data, name, limits.of(spec, name))
    frame, meta = labelled.parse(pyreadstat.read_sav, data, name, spec, user_missing=True)
    if meta.file_encoding is None and spec.get("encoding") is None:
        labelled.refuse_guessed_encoding(frame, meta, name, assumed="cp1252")

    def missing_code(column: str, value: object) -> str | None:
        for span in meta.missing_ranges.get(column, ()):
            low, high = span["lo"], span["hi"]
            if isinstance(value, str) == isinstance(low, str) and low <= value <= high:
                return text.of(value.item() if hasattr(value, "item") else value)
        return None

    return labelled.as_table(frame, meta, name, missing_code)


def _check_dictionary(data: Path | bytes, name: str, allowed: limits.Limits) -> None:
    with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as stream:
        flaw, variables = spss_dictionary.walk(stream, allowed.columns)
    allowed.hold("columns", variables, f"it has more than {allowed.columns:,} variables.", name)
    if flaw:
        raise FormatDamaged(f"{flaw}.", file=name, expected="a whole sav file", next_step="Ask for the file again.")
