"""What tests of whole nights share."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from estimators.parts import Part
from tasks import estimate


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[Part]:
    """Every part that is computed in this process, in order; cleared by the test."""
    parts: list[Part] = []
    original = estimate.estimate_parts

    def recorded(*given: Any) -> dict[str, pd.DataFrame]:
        parts.extend(given[-1])
        return original(*given)

    monkeypatch.setattr(estimate, "estimate_parts", recorded)
    return parts
