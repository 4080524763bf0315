"""The catalogues beside the pages: every text in every language, with the same values to fill in; a name for all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from reports import quality_report
from reports.language import languages
from reports.site.texts import HERE, catalogue
from schemas import vocabulary
from schemas.result_tables import tables

CODES = {language.code for language in languages()}
CATALOGUES = {
    "quality_indicators": quality_report.dimensions(),
    "reliability_rule": {"rule": vocabulary.content()["reliability_rule"]},
    **{path.stem: catalogue(path.stem) for path in sorted(HERE.glob("*.yaml"))},
}
CHECKS = Path(quality_report.__file__).parent.parent / "docs" / "quality.md"


def texts(content: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every text of a catalogue: a mapping that has a language's code among its keys."""
    if isinstance(content, list):
        content = dict(enumerate(content))
    if not isinstance(content, dict):
        return
    if CODES & set(content):
        yield where, {code: content.get(code) for code in CODES}
    for key, inner in content.items():
        yield from texts(inner, f"{where}.{key}")


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_text_is_there_in_every_language(name: str) -> None:
    found = list(texts(CATALOGUES[name]))
    assert found
    assert [where for where, each in found if not all(each.values())] == []


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_language_fills_in_the_same_values(name: str) -> None:
    wrong = [where for where, each in texts(CATALOGUES[name]) if len({_fields(text) for text in each.values()}) > 1]
    assert wrong == []


def test_every_result_table_has_a_title_and_a_purpose() -> None:
    assert set(catalogue("release_files")["tables"]) == set(tables())


def test_every_column_has_a_title_in_every_language() -> None:
    columns = {column for table in tables().values() for column in table.names}
    titles = vocabulary.content()["titles"]
    assert [column for column in sorted(columns) if not set(titles.get(column, {})) >= CODES] == []


def test_every_method_that_has_a_name_has_a_paragraph() -> None:
    named = {code.value for code in vocabulary.code_lists()["method"].codes}
    assert {**catalogue("methods")["methods"], **catalogue("record_methods")["methods"]}.keys() == named


def test_every_check_that_is_documented_has_a_name() -> None:
    gate = CHECKS.read_text(encoding="utf-8").split("## The gate")[1].split("Sums are checked")[0]
    first_cells = [line.split("|")[2] for line in gate.splitlines() if line.startswith("|")]
    documented = {check for cell in first_cells for check in re.findall(r"`([a-z_]+)`", cell)}
    assert len(documented) > 15
    assert documented - set(catalogue("gate_checks")["checks"]) == set()


def _fields(text: Any) -> tuple[str, ...]:
    parts = text if isinstance(text, list) else [text]
    return tuple(sorted({field for part in parts for _t, field, _f, _c in Formatter().parse(part) if field}))
