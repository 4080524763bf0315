"""The machine's own Chromium, the sites that the tests look at, and pages that complain of nothing and leave nothing.

Fixtures are of this package, not of the session: as long as the driver runs, no other test could run an event loop.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import yaml

from flows import direct
from flows.options import BUNDLED
from schemas import declaration
from schemas.reason import Reason
from schemas.survey_folders import CHECKOUT
from tests import small_survey
from warehouse.home import Home

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

RECORDS = "kyrgyzstan_ngo_capacity_2003"
CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
CORRECTION = {
    "country": "KG",
    "file": "KG_2009.csv",
    "questionnaire": "KG-00404",
    "column": "relatives",
    "expect": "",
    "set": "9",
    "reason": "left out when the form was typed",
    "source": "paper form KG-00404",
    "date": "2010-02-01",
}


class Visit(Protocol):
    """Opens a page of the site, as `ru/country-kg.html`."""

    def __call__(self, name: str, *, width: int = 1280, scheme: Any = "light", scripts: bool = True) -> Page:
        """Return the page, loaded. scheme: light or dark.  scripts: whether JavaScript runs."""


LEFT = "net::ERR_ABORTED"
"""Of a file that was still being fetched when the reader went on to another page."""


@pytest.fixture(autouse=True)
def first_page() -> None:
    """Leave no page out."""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A browser without a window, closed at the end; tests skip where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET), timeout=60_000)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for nights of the bundled survey: its data folder `home`, and a copy of it in `surveys`."""
    return copied(tmp_path_factory.mktemp("bundled"))


@pytest.fixture(scope="package")
def release(bundled: Path) -> Path:
    """The first release of the bundled survey, made by a night as it ships."""
    return night(BUNDLED, bundled)


@pytest.fixture(scope="package")
def revised(bundled: Path, release: Path) -> Path:
    """The release after it: one interview was corrected, which moves numbers of Kyrgyzstan."""
    path = bundled / "surveys" / BUNDLED / "corrections.yaml"
    path.write_text(yaml.safe_dump([CORRECTION], sort_keys=False), encoding="utf-8")
    found = night(BUNDLED, bundled, Reason("the paper form says 9 relatives"))
    assert found != release
    return found


@pytest.fixture(scope="package")
def small_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the small survey, whose site runs SQL."""
    folder = tmp_path_factory.mktemp("small")
    path = small_survey.write(folder / "surveys") / "survey.yaml"
    methods = {"methods": {"design": {}, "pennington": {"cdf_decimals": 4}}}  # examples of the page ask for `design`
    content = {**small_survey.declaration(), **methods, "report": {"explorer": True}}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return night(small_survey.ID, folder)


@pytest.fixture(scope="package")
def records_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of a bundled survey of records, whose indicators are declared."""
    folder = tmp_path_factory.mktemp("records")
    shutil.copytree(CHECKOUT / "surveys" / RECORDS, folder / "surveys" / RECORDS)
    return night(RECORDS, folder)


def copied(folder: Path, explorer: bool = False) -> Path:
    """Copy the bundled survey into `folder`/surveys, with the page that runs SQL or as it ships; return `folder`."""
    survey = folder / "surveys" / BUNDLED
    shutil.copytree(CHECKOUT / "surveys" / BUNDLED, survey)
    if explorer:
        with (survey / "survey.yaml").open("a", encoding="utf-8") as file:
            file.write("\nreport:\n  explorer: true\n")
    return folder


def night(survey: str, folder: Path, reason: Reason | None = None) -> Path:
    """Run a night of a survey in `folder`/surveys and return the folder of its release."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        say = logging.getLogger("test").info
        outcome = direct.run(declaration.load(survey), Home(folder / "home"), say, reason)
    assert outcome.release is not None
    return outcome.release.folder


@pytest.fixture(scope="package")
def site(release: Path) -> Path:
    """The folder of the first release's site."""
    return release / "report"


@pytest.fixture
def visit(chromium: Browser, site: Path) -> Iterator[Visit]:
    """Open pages from the disk; at the end none has complained, or asked for anything but files of the site."""
    complaints: list[str] = []
    elsewhere: list[str] = []
    own = (site.as_uri() + "/", "blob:", "data:")

    def asked(request: Request) -> None:
        if not request.url.startswith(own):
            elsewhere.append(request.url)

    def failed(request: Request) -> None:
        if request.failure != LEFT:
            complaints.append(f"{request.url}: {request.failure}")

    def opened(name: str, *, width: int = 1280, scheme: Any = "light", scripts: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
        )
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", asked)
        page.on("requestfailed", failed)
        page.goto((site / name).as_uri())
        return page

    before = len(chromium.contexts)
    yield opened
    for context in chromium.contexts[before:]:
        context.close()
    assert complaints == []
    assert elsewhere == []
