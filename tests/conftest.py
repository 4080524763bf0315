"""What tests of every kind share: a data folder, the small survey, and an environment no machine's settings reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import small_survey
from warehouse.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty data folder."""
    return Home(tmp_path / "home")


@pytest.fixture
def survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small survey's folder, declared to the process."""
    folder = small_survey.write(tmp_path / "surveys")
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "surveys"))
    return folder


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests decide themselves where data and surveys are."""
    for name in ("KINSCALE_HOME", "KINSCALE_SURVEYS", "KINSCALE_THREADS"):
        monkeypatch.delenv(name, raising=False)
