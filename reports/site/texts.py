"""Texts that belong to data: catalogues beside the pages, each text by code of language, which people may edit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from reports.language import Language
from schemas.read_yaml import read_yaml

HERE = Path(__file__).parent
_MARKED = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*")


@cache
def catalogue(name: str) -> Mapping[str, Any]:
    """Read `<name>.yaml` of this folder."""
    content: dict[str, Any] = read_yaml(HERE / f"{name}.yaml")
    return content


def word(language: Language, codes: str, value: str | None) -> str:
    """Name a code of a result table by `table_words.yaml`; one that it does not hold, with spaces; empty for none."""
    if value is None:
        return ""
    known = catalogue("table_words").get(codes, {})
    return language.pick(known[value]) if value in known else value.replace("_", " ")


def paragraphs(text: str) -> list[list[tuple[str, str]]]:
    """Part a text into paragraphs of (`plain`, `code` or `strong`, words), for a template to write.

    An empty line parts paragraphs; `backticks` mark code, ** what is to stand out.
    """
    return [_runs(part) for part in text.strip().split("\n\n") if part.strip()]


def _runs(text: str) -> list[tuple[str, str]]:
    found, end = [], 0
    for mark in _MARKED.finditer(text):
        found.append(("plain", text[end : mark.start()]))
        found.append(("code", mark[1]) if mark[1] else ("strong", mark[2]))
        end = mark.end()
    found.append(("plain", text[end:]))
    return [(kind, words) for kind, words in found if words]
