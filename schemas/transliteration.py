"""One Latin spelling of a name in Cyrillic or Latin letters, for suggestions only: it loses what tells names apart."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from schemas.read_yaml import read_yaml


@cache
def _table() -> dict[str, Any]:
    content: dict[str, Any] = read_yaml(Path(__file__).with_name("transliteration.yaml"))
    words = {_latin(word, content) for word in content["words"]}
    endings = sorted({_latin(ending, content) for ending in content["endings"]}, key=lambda text: (-len(text), text))
    return {**content, "words": words, "endings": endings}


def skeleton(name: str) -> str:
    """Return a name in plain Latin letters, without words for kinds of places and endings of adjectives.

    name: folded as `region_names.fold` does. "ошская обл." and "osh" both give "osh".
    """
    table = _table()
    words = re.findall(r"[^\W_]+", _latin(name, table))
    kept = [_stem(word, table) for word in words if word not in table["words"]]
    return " ".join(kept or words)


def _latin(name: str, table: dict[str, Any]) -> str:
    """Write a name in plain Latin letters. A letter that the table does not know stays."""
    text = "".join(table["letters"].get(sign, sign) for sign in unicodedata.normalize("NFC", name))
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    bare = bare.replace("'", "").replace("ı", "i")
    for written, plain in table["latin"]:
        bare = bare.replace(written, plain)
    return bare


def _stem(word: str, table: dict[str, Any]) -> str:
    for ending in table["endings"]:
        if word.endswith(ending) and len(word) - len(ending) >= table["shortest_stem"]:
            return word.removesuffix(ending)
    return word
