"""What all tests share: a data folder of their own, the small survey, no settings of this machine, and --slow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import small_survey
from warehouse.home import Home


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run what takes minutes (marker `slow`)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect slow tests unless they were asked for."""
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


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
