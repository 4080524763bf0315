"""What tests of whole nights share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from estimators.parts import Part
from tasks import estimate
from tests.integration.delivered import declare


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


@pytest.fixture
def folder(survey: Path) -> Path:
    """The small survey, its Kazakh source a pattern, as where files arrive under new names."""
    content = yaml.safe_load((survey / "survey.yaml").read_text("utf-8"))
    content["sources"][0]["path"] = "raw/*KZ*.csv"
    declare(survey, sources=content["sources"])
    return survey
