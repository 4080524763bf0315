"""File names that are commands, markup, formulas or no text; what is in the files is in order."""

from __future__ import annotations

import os

from samples.hostile.case import Case, bytes_of
from samples.hostile.texts import READER, text

_NAMES = {
    "a name with a line end": "KZ\n2009-10-01 ERROR all files refused\n.csv",
    "a name with escape sequences": "KZ\x1b[2J\x1b]0;x\x07.csv",
    "a name with a right-to-left override": "KZ\u202evsc.exe\u202c.csv",
    "a name of invisible letters": "K\u200b\u2066Z\u2069\ufeff.csv",
    "a name that is no UTF-8": os.fsdecode(b"\xca\xe0\xe7\xe0\xf5\xf1\xf2\xe0\xed.csv"),
    "a name of 255 bytes": "K" * 251 + ".csv",
    "a name that is an option": "-rf --help.csv",
    "a name that is a formula": "=cmd|'-C calc'!A0.csv",
    "a name that is markup": "<img src=x onerror=alert(1)>[bold]{{7*7}}.csv",
    "a name that is a pattern": "KZ[0-9]*?.csv",
    "a name with quotation marks": "KZ';DROP TABLE loads;--\"`$(id)`.csv",
    "a name that is a template": "{lot.name}%s%n${HOME}.csv",
}
CASES = tuple(Case(name, "csv", bytes_of(text), reader=READER, file=file) for name, file in _NAMES.items())
