"""What all tests share: a data folder, the small survey, one expectation suite, no settings of this machine, --slow."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from reports.site import contents
from tests import small_survey
from warehouse import checkpoint
from warehouse.home import Home

ALL_SUITES = checkpoint.SUITES
ALL_PAGES = contents.OF_FAMILIES, contents.OF_RECORDS


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run what takes minutes (marker `slow`)")
    parser.addoption("--record-hostile", metavar="FILE", help="append what became of each hostile file (tests/drills)")
    parser.addoption("--record-drills", metavar="FILE", help="append what became of each drill (tests/drills)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect slow tests unless asked for, and skip those of Spark and Dask where these are not installed."""
    missing = [name for name in ("dask", "distributed", "ibis", "prefect_dask", "pyspark") if find_spec(name) is None]
    if missing:
        why = pytest.mark.skip(reason=f"{', '.join(missing)} not installed: ./kinscale install spark dask")
        for item in items:
            if item.get_closest_marker("scale"):
                item.add_marker(why)
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow") or item.get_closest_marker("scale")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


class Naming:
    """Names each test that fails when it fails: a run that is ended before its summary has told what it found."""

    def __init__(self, config: pytest.Config) -> None:
        self._plugins = config.pluginmanager

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self._plugins.get_plugin("terminalreporter")  # it is registered after this one
        if report.failed and terminal is not None:
            terminal.write_line(f"\nfailed ({report.when}): {report.nodeid}")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Naming(config), "naming")


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


@pytest.fixture
def all_suites(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nights of this test run every expectation suite."""
    monkeypatch.setattr(checkpoint, "SUITES", ALL_SUITES)


@pytest.fixture(autouse=True)
def one_suite(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nights in this process run one suite: all of them take half a second, in each of some hundred nights."""
    folder = tmp_path_factory.mktemp("expectations")
    for name in ("loads.yaml", "loads.sql"):
        (folder / name).write_bytes((ALL_SUITES / name).read_bytes())
    monkeypatch.setattr(checkpoint, "SUITES", folder)


@pytest.fixture(autouse=True)
def first_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nights in this process write the first page of their report site: all of them take another half second."""
    monkeypatch.setattr(contents, "OF_FAMILIES", ALL_PAGES[0][:1])
    monkeypatch.setattr(contents, "OF_RECORDS", ALL_PAGES[1][:1])


@pytest.fixture
def all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nights of this test write every page."""
    monkeypatch.setattr(contents, "OF_FAMILIES", ALL_PAGES[0])
    monkeypatch.setattr(contents, "OF_RECORDS", ALL_PAGES[1])


@pytest.fixture(autouse=True)
def logger_as_it_begins() -> Iterator[None]:
    """The logger of kinscale without what prefect.toml, or a command that an earlier test called, has put on it."""
    logger = logging.getLogger("kinscale")
    before = logger.handlers[:], logger.propagate, logger.level
    logger.handlers[:], logger.propagate = [], True
    logger.setLevel(logging.NOTSET)
    yield
    logger.handlers[:], logger.propagate = before[0], before[1]
    logger.setLevel(before[2])


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests decide themselves where data and surveys are."""
    for name in ("HOME", "SURVEYS", "THREADS", "SETTINGS", "PSEUDONYM_KEY"):
        monkeypatch.delenv(f"KINSCALE_{name}", raising=False)
