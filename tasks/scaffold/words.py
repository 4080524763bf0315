"""Words of headers and answers: how texts are cut and compared, and the lists an instrument keeps of them."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from schemas.read_yaml import read_yaml
from schemas.region_names import fold

WORDS = Path(__file__).parent
_CAMEL = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])|(?<=[a-zA-Zа-яА-ЯёЁ]{3})(?=[0-9])")
_TOKEN = re.compile(r"[^\W_]+")


@cache
def lists(instrument: str) -> Mapping[str, Any]:
    """Return what an instrument's columns and answers are called, from `tasks/scaffold/<instrument>_headers.yaml`."""
    content: dict[str, Any] = read_yaml(WORDS / f"{instrument}_headers.yaml")
    return content


def plain(text: str) -> str:
    """Fold a text: case, dashes, apostrophes and spaces alike, ё as е."""
    return fold(text).replace("ё", "е")


def tokens(text: str) -> list[str]:
    """Cut a text into its words and numbers, folded; `settlementType`, `settlement_type` and `women3y` are two each."""
    return _TOKEN.findall(plain(_CAMEL.sub(" ", text)).replace("'", ""))


@cache
def _patterns(phrase: str) -> tuple[str, ...]:
    return tuple(plain(phrase).replace("'", "").split())


def holds(words: Sequence[str], phrase: str) -> bool:
    """Return whether every pattern of a phrase fits one of the words."""
    return all(any(fnmatch.fnmatchcase(word, pattern) for word in words) for pattern in _patterns(phrase))


def longest(words: Sequence[str], phrases: Iterable[str]) -> int:
    """Return of how many words the longest phrase is that the words hold, 0 when they hold none."""
    return max((len(_patterns(phrase)) for phrase in phrases if holds(words, phrase)), default=0)
