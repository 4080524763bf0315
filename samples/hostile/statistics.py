"""Hostile files of statistical packages: headers with absurd counts, dictionaries that lie, cut and changed bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

from samples.hostile.case import REFUSED_DAMAGED, REFUSED_LARGE, Case, Rows, bytes_of, changed

_NCASES, _SLOTS, _DATE = 80, 68, slice(92, 109)
_MOST = 2**31 - 1


def _written(path: Path, rows: Rows, kind: str) -> bytearray:
    """Write the rows as a whole file of the kind and return its bytes, with a fixed date."""
    import pandas as pd
    import pyreadstat

    frame = pd.DataFrame([dict(row) for row in rows])
    frame.columns = [_name(name, kind) for name in frame.columns]
    if kind == "sav":
        pyreadstat.write_sav(frame, str(path))
    elif kind == "dta":
        pyreadstat.write_dta(frame, str(path), version=14)
    else:
        pyreadstat.write_xport(frame, str(path))
    raw = bytearray(path.read_bytes())
    if kind == "sav":
        raw[_DATE] = b"01 Oct 0900:00:00"
    elif kind == "dta":
        at = raw.find(b"<timestamp>") + 12
        raw[at : at + 17] = b"01 Oct 2009 00:00"
    return raw


def _name(name: str, kind: str) -> str:
    return name[:32] if kind != "sav" else name


def _made(kind: str, change: Callable[[bytearray], bytes | bytearray]) -> Callable[[Path, Rows], None]:
    def make(path: Path, rows: Rows) -> None:
        path.write_bytes(bytes(change(_written(path, rows, kind))))

    return make


def _at(place: int, kind: str, value: int) -> Callable[[bytearray], bytearray]:
    def change(raw: bytearray) -> bytearray:
        struct.pack_into(kind, raw, place, value)
        return raw

    return change


def _after(mark: bytes, kind: str, value: int) -> Callable[[bytearray], bytearray]:
    def change(raw: bytearray) -> bytearray:
        struct.pack_into(kind, raw, raw.find(mark) + len(mark), value)
        return raw

    return change


def _variables(count: int) -> bytes:
    head = b"$FL2" + b"@(#) SPSS DATA FILE".ljust(60) + struct.pack("<iiiii", 2, count, 0, 0, 1)
    head += struct.pack("<d", 100.0) + b"01 Oct 0900:00:00" + bytes(67)
    slots = (
        struct.pack("<iiiiii", 2, 0, 0, 0, 0x050800, 0x050800) + f"V{number:07d}".encode() for number in range(count)
    )
    return head + b"".join(slots) + struct.pack("<ii", 999, 0) + bytes(8 * count)


def _labels(raw: bytearray) -> bytes:
    """Put a table of two thousand million value labels before the end of the dictionary."""
    at = raw.rfind(struct.pack("<ii", 999, 0))
    return bytes(raw[:at]) + struct.pack("<ii", 3, _MOST) + bytes(raw[at:])


def _documents(raw: bytearray) -> bytes:
    at = raw.rfind(struct.pack("<ii", 999, 0))
    return bytes(raw[:at]) + struct.pack("<ii", 6, _MOST) + bytes(raw[at:])


def _extension(raw: bytearray) -> bytes:
    at = raw.rfind(struct.pack("<ii", 999, 0))
    return bytes(raw[:at]) + struct.pack("<iiii", 7, 13, 65_536, 65_536) + bytes(raw[at:])


def _every(step: int, begin: int) -> Callable[[bytearray], bytearray]:
    def change(raw: bytearray) -> bytearray:
        for at in range(begin, len(raw), step):
            raw[at] ^= 0xA5
        return raw

    return change


def _texts_of_stata(raw: bytearray) -> bytearray:
    """Change bytes among the observations, most of which are texts."""
    begin, end = raw.find(b"<data>") + len(b"<data>"), raw.find(b"</data>")
    for at in range(begin, end, 101):
        raw[at] ^= 0xA5
    return raw


def _long_text(path: Path, rows: Rows) -> None:
    path.write_bytes(bytes(_written(path, [*rows, changed(rows, {"district": "x" * 300_000})], "dta")))


CASES = (
    Case("two thousand million cases", "sav", _made("sav", _at(_NCASES, "<i", _MOST))),
    Case("two thousand million variables", "sav", _made("sav", _at(_SLOTS, "<i", _MOST))),
    Case("20,000 variables", "sav", bytes_of(lambda _: _variables(20_000)), REFUSED_LARGE, "columns"),
    Case("two thousand million value labels", "sav", _made("sav", _labels), REFUSED_DAMAGED),
    Case("two thousand million lines of documents", "sav", _made("sav", _documents), REFUSED_DAMAGED),
    Case("an extension record longer than the file", "sav", _made("sav", _extension), REFUSED_DAMAGED),
    Case("an SPSS file with wrong bytes", "sav", _made("sav", _every(97, 200)), REFUSED_DAMAGED),
    Case("an SPSS file cut in half", "sav", _made("sav", lambda raw: raw[: len(raw) // 2]), REFUSED_DAMAGED),
    Case("an absurd number of observations", "dta", _made("dta", _after(b"<N>", "<Q", 2**62)), REFUSED_DAMAGED),
    Case("65,535 variables in the header", "dta", _made("dta", _after(b"<K>", "<H", 65_535)), REFUSED_DAMAGED),
    Case("a map that leads nowhere", "dta", _made("dta", _after(b"<map>", "<Q", 2**63))),
    Case("a text of 300 kB", "dta", _long_text, REFUSED_LARGE, "cell_bytes"),
    Case("a Stata file with wrong bytes", "dta", _made("dta", _texts_of_stata), "encoding_mismatch"),
    Case("a Stata file cut in half", "dta", _made("dta", lambda raw: raw[: len(raw) // 2]), REFUSED_DAMAGED),
    Case("a Stata file named sav", "sav", _made("dta", lambda raw: raw), REFUSED_DAMAGED),
    Case("a SAS file with wrong bytes", "xpt", _made("xpt", _every(103, 160)), REFUSED_DAMAGED),
    Case("a SAS file cut in half", "xpt", _made("xpt", lambda raw: raw[: len(raw) // 2]), REFUSED_DAMAGED),
    Case("a SAS file without variables", "xpt", _made("xpt", lambda raw: raw[:240]), REFUSED_DAMAGED),
)
