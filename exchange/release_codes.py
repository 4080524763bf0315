"""The code lists of a release's SDMX structure: those of the vocabulary, and what records add to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from exchange.sdmx_structure import coded_columns
from schemas.vocabulary import Code, CodeList, code_lists

USED_ONLY = ("unit", "method")
"""Lists that hold what surveys of any instrument need: a release has those codes that its numbers have."""


def lists(estimates: pd.DataFrame, indicators: pd.DataFrame | None) -> dict[str, CodeList]:
    """Return a code list for each coded column of the structure, which holds every value of the release.

    estimates: of the release.  indicators: the table of that name, which names those of a
    survey of records; None or empty otherwise.
    """
    found = {column: code_lists()[column].covering(estimates[column].dropna().unique()) for column in coded_columns()}
    if indicators is None or indicators.empty:
        return found
    for column in USED_ONLY:
        there = set(estimates[column].dropna())
        found[column] = replace(found[column], codes=tuple(code for code in found[column].codes if code.value in there))
    found["indicator"] = _named(found["indicator"], estimates["indicator"].unique(), indicators)
    return {name: _as_sdmx_allows(listed) for name, listed in found.items()}


def _named(listed: CodeList, values: Iterable[str], indicators: pd.DataFrame) -> CodeList:
    """Name indicators by what is asked and the answer that is counted, in the order of the form."""
    about = indicators.astype(object).where(indicators.notna(), None).to_dict("records")
    names = {row["indicator"]: (_said(row, ""), _said(row, "_ru")) for row in about}
    order = [name for name in names if name in set(values)]
    return replace(listed, codes=tuple(Code(name, *names[name], name) for name in order)).covering(values)


def _said(row: Mapping[str, str | None], language: str) -> str:
    return ": ".join(filter(None, (row[f"title{language}"], row[f"code_name{language}"])))


def _as_sdmx_allows(listed: CodeList) -> CodeList:
    """Write identifiers as SDMX allows, the dot between indicator and answer as a dash; no two become one."""
    taken: set[str] = set()
    codes = []
    for code in listed.codes:
        plain = re.sub(r"[^A-Za-z0-9_@$-]", "_", code.sdmx.replace(".", "-", 1))
        number = 2
        name = plain
        while name in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name)
        codes.append(replace(code, sdmx=name))
    return replace(listed, codes=tuple(codes))
