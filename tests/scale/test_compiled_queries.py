"""The statements that a default installation runs are what the expression compiles to."""

from __future__ import annotations

import pytest

from warehouse import compiled_queries
from warehouse.build import statement

pytestmark = [pytest.mark.slow, pytest.mark.scale]


@pytest.mark.parametrize("name", compiled_queries.NAMES)
def test_what_is_kept_is_what_the_expression_compiles_to(name: str) -> None:
    pytest.importorskip("ibis", reason="ibis is not installed: it is of the extra for Spark")
    assert statement(name) == compiled_queries.kept(name), "run: python -m warehouse.compiled_queries"
