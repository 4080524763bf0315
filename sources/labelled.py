"""Columns of statistical packages as text: value labels applied, 13 for 13.0, days in ISO form."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import EncodingMismatch, FormatDamaged
from sources import encodings, text
from sources.table import ROW, RawTable, check_names

if TYPE_CHECKING:
    import pandas as pd

Parser = Callable[..., "tuple[pd.DataFrame, Any]"]
Wording = Callable[[str, object], str | None]
"""(column, stored value) -> its text when it is a missing code, None when labels and numbers apply."""


_ICONV = {"utf-8-sig": "utf-8", "ptcp154": "PT154", "kz1048": "RK1048", "latin-1": "LATIN1"}
"""Encodings that the C library behind pyreadstat knows by other names than Python does."""


def parse(
    parser: Parser, data: Path | bytes, name: str, spec: Mapping[str, object], **options: bool
) -> tuple[pd.DataFrame, Any]:
    """Run a pyreadstat parser, its errors named as ours. options: of the parser.

    Raises DeclarationError, EncodingMismatch or FormatDamaged.
    """
    declared = spec.get("encoding")
    encoding = encodings.normalise(declared, name) if declared is not None else None
    try:
        source = io.BytesIO(data) if isinstance(data, bytes) else str(data)
        return parser(source, **options, encoding=_ICONV.get(encoding or "", encoding))
    except Exception as error:  # on damaged bytes the library raises anything, a TypeError among it
        if "encoding" in str(error) or isinstance(error, UnicodeDecodeError):
            raise EncodingMismatch(
                f"its text cannot be decoded ({text.said(error)}).",
                file=name,
                expected=f"text in {encoding or 'the encoding the file names'}",
                next_step="Set `encoding` in this source's reader.",
                facts={"declared": encoding, "byte_offset": None, "would_work": []},
            ) from error
        raise FormatDamaged(
            f"the file cannot be read to its end ({text.said(error)}).",
            file=name,
            expected=f"a whole {spec['format']} file",
            next_step="Ask for the file again.",
        ) from error


def as_table(frame: pd.DataFrame, meta: Any, name: str, special: Wording) -> RawTable:
    """Turn a parsed file into text. special: how the format writes missing codes. Raises FormatDamaged."""
    import pandas as pd

    if meta.number_rows is not None and meta.number_rows != len(frame):
        raise FormatDamaged(
            f"{len(frame):,} observations can be read, the file says it has {meta.number_rows:,}.",
            file=name,
            expected="a whole file",
            next_step="Ask for the file again.",
        )
    columns = tuple(frame.columns)
    if not all(isinstance(column, str) and column for column in columns):
        raise FormatDamaged("a variable has no name.", file=name, expected="a name for every variable")
    check_names(columns, name, None)
    texts = {column: _column(frame, meta, column, special) for column in columns}
    rows = pd.array(range(1, len(frame) + 1), dtype="int64")
    labels = {column: label for column, label in (meta.column_names_to_labels or {}).items() if label}
    return RawTable(pd.DataFrame({**texts, ROW: rows}), columns, name, labels=labels)


def _column(frame: pd.DataFrame, meta: Any, column: str, special: Wording) -> Any:
    """Write each distinct value of a column once, then spread the texts: surveys repeat themselves."""
    import numpy as np
    import pandas as pd

    labels = meta.variable_value_labels.get(column, {})
    single = meta.readstat_variable_types.get(column) == "float"
    codes, values = pd.factorize(frame[column])
    texts = np.empty(len(values) + 1, dtype=object)
    texts[len(values)] = None  # what code -1, the absent value, points at
    for position, value in enumerate(values):
        wording = special(column, value) or (labels.get(value) if value in labels else None)
        texts[position] = wording or text.of(_shortest(value) if single else _plain(value))
    return pd.array(texts[codes], dtype="str")


def _plain(value: Any) -> object:
    return value.item() if hasattr(value, "item") else value


def _shortest(value: Any) -> object:
    """Give a number stored in single precision the digits a person typed: 12.1, not 12.100000381."""
    import numpy as np

    return float(str(np.float32(value))) if isinstance(value, float) else _plain(value)


def refuse_guessed_encoding(frame: pd.DataFrame, meta: Any, name: str, assumed: str) -> None:
    """Refuse text beyond ASCII whose encoding neither the file nor the reader names; the library assumed one.

    Raises EncodingMismatch with the encodings that would work.
    """
    strings = [column for column, kind in meta.readstat_variable_types.items() if kind == "string"]
    found = [(column, str(value)) for column in strings for value in frame[column].dropna().unique()]
    found += [(column, str(text)) for column, texts in meta.variable_value_labels.items() for text in texts.values()]
    foreign = [(column, value) for column, value in found if not value.isascii()]
    if foreign:
        raw = "\n".join(value for _, value in foreign).encode(assumed, "ignore")
        fitting = encodings.would_work(raw)
        others = f" (these would decode too: {', '.join(fitting[1:])})" if fitting[1:] else ""
        raise EncodingMismatch(
            f"the file does not name the encoding of its text, which goes beyond ASCII (read as {assumed}).",
            file=name,
            column=foreign[0][0],
            expected="an `encoding` in this source's reader",
            next_step=f"Set `encoding: {fitting[0]}`{others}."
            if fitting
            else "Ask for the file in a newer format, which says it.",
            facts={"declared": None, "byte_offset": None, "would_work": fitting},
        )
