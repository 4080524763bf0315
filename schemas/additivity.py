"""What published numbers add up to, and which methods promise it, as `additivity.yaml` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from schemas.read_yaml import read_yaml

_FILE = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class Split:
    """A sum within one column of `estimates`: the parts make the whole."""

    name: str
    column: str
    parts: tuple[str, ...]
    whole: str


@dataclass(frozen=True)
class Additivity:
    """All promises; `cannot_be` holds cells that cannot have a number, and `no_promise` a reason by method."""

    tolerance: float
    split_indicators: tuple[str, ...]
    splits: tuple[Split, ...]
    cannot_be: tuple[Mapping[str, str], ...]
    region_indicators: tuple[str, ...]
    region_methods: frozenset[str]
    no_promise: Mapping[str, str]
    country_indicators: tuple[str, ...]


@cache
def additivity() -> Additivity:
    """Read the promises."""
    content: dict[str, Any] = read_yaml(_FILE)
    splits = dict(content["splits"])
    indicators = splits.pop("indicators")
    return Additivity(
        tolerance=float(content["tolerance"]),
        split_indicators=tuple(indicators),
        splits=tuple(Split(n, s["column"], tuple(s["parts"]), s["whole"]) for n, s in splits.items()),
        cannot_be=tuple(item["cell"] for item in content["cannot_be"]),
        region_indicators=tuple(content["regions"]["indicators"]),
        region_methods=frozenset(content["regions"]["methods"]),
        no_promise=content["regions"]["no_promise"],
        country_indicators=tuple(content["countries"]["indicators"]),
    )
