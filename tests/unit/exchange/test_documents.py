"""The generated files of docs/ are what the metadata makes of them today."""

from __future__ import annotations

import pytest
from pysdmx.io import read_sdmx

from exchange.documents import DOCS, documents


@pytest.mark.parametrize("name", documents())
def test_a_generated_file_is_not_stale(name: str) -> None:
    kept = (DOCS / name).read_text(encoding="utf-8")
    assert kept == documents()[name], f"docs/{name} is stale: .venv/bin/python -m exchange.documents"


def test_the_structure_without_a_survey_is_valid_sdmx() -> None:
    message = read_sdmx(DOCS / "sdmx-structure.xml", validate=True)
    assert "CL_METHOD" in {structure.id for structure in message.structures or ()}
