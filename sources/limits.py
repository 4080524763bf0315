"""What one file may cost before it is refused: bytes, columns, seconds, memory. The figures are in limits.yaml."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from schemas.errors import DeclarationError
from schemas.read_yaml import read_yaml


@dataclass(frozen=True)
class Limits:
    """Upper bounds, each named and explained in limits.yaml."""

    unpacked_bytes: int
    unpack_ratio: int
    archive_members: int
    workbook_bytes: int
    columns: int
    line_bytes: int
    cell_bytes: int
    whole_bytes: int
    seconds: int
    memory_bytes: int


@cache
def default() -> Limits:
    """Return the limits of limits.yaml."""
    return Limits(**read_yaml(Path(__file__).with_name("limits.yaml")))


def of(spec: Any, name: str) -> Limits:
    """Return the limits of a reader: those of limits.yaml, with its own `limits` on top.

    spec: the `reader` of a source. name: what errors call the file. Raises DeclarationError for an unknown limit.
    """
    own = spec.get("limits") or {}
    known = [field.name for field in fields(Limits)]
    for key, value in own.items():
        if key not in known or type(value) is not int or value < 1:
            raise DeclarationError(
                f"limit {key!r}: {value!r} is not known.",
                file=name,
                expected="a whole number for one of: " + ", ".join(known),
            )
    return replace(default(), **own)
