"""Tests of the report site look at all of it."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def first_page() -> None:
    """Leave no page out."""
