"""The page that runs SQL, in a browser: the release's numbers as DuckDB itself reads them, from disk and from a server.

What each statement must give comes from the release's DuckDB file, opened by the DuckDB of this environment.
"""

from __future__ import annotations

import csv
import functools
import http.server
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from reports.site import explorer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SECONDS = 60
WORKED = "document.getElementById('explorer').dataset.state"
QUERIES = explorer.queries("en")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A plain web server that does not write to the terminal."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Site:
    """A release whose site has the page, how a browser reaches it, and what the browser did."""

    release: Path
    address: str
    page: Page
    asked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def open(self, name: str = "explorer.html") -> None:
        """Open a page and wait until its database is ready."""
        self.page.goto(f"{self.address}/{name}")
        self.page.wait_for_function(f"{WORKED} !== 'loading'", timeout=SECONDS * 1000)
        assert self.said("error") == ""
        assert self.page.evaluate(WORKED) == "ready"

    def run(self, sql: str) -> None:
        """Write a statement and run it from the keyboard."""
        self.page.fill("#explorer-sql", sql)
        self.page.press("#explorer-sql", "Control+Enter")
        self.wait()

    def wait(self) -> None:
        """Wait until nothing runs."""
        self.page.wait_for_function(f"{WORKED} === 'ready'", timeout=SECONDS * 1000)

    def said(self, part: str) -> str:
        """Return what a part of the page says."""
        return self.page.inner_text(f"#explorer-{part}").strip()

    def downloaded(self) -> list[list[str]]:
        """Download the result and return its lines, names of columns first."""
        with self.page.expect_download() as waiting:
            self.page.click("#explorer-download")
        text = Path(waiting.value.path()).read_text(encoding="utf-8")
        return list(csv.reader(io.StringIO(text, newline="")))

    def shown(self) -> list[list[str]]:
        """Return the cells of the table on the page."""
        rows: list[list[str]] = self.page.evaluate(
            "[...document.querySelectorAll('#explorer-result tbody tr')].map(r => [...r.cells].map(c => c.textContent))"
        )
        return rows

    def native(self, sql: str) -> list[list[str]]:
        """Return the answer of the release's DuckDB file, as CSV lines."""
        with duckdb.connect(str(self.release / "results.duckdb"), read_only=True) as connection:
            answer = connection.execute(sql)
            names = [column[0] for column in answer.description]
            return [names, *([_text(value) for value in row] for row in answer.fetchall())]


@pytest.fixture(scope="module")
def release(small_release: Path) -> Path:
    """Return the folder of a release whose site has the page."""
    return small_release


@pytest.fixture(scope="module", params=["disk", "server"])
def address(request: pytest.FixtureRequest, release: Path) -> Iterator[str]:
    """Yield where the site is: its folder, or a web server of this machine."""
    if request.param == "disk":
        yield (release / "report").as_uri()
        return
    handler = functools.partial(Quiet, directory=str(release / "report"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def opened(chromium: Browser, release: Path, address: str) -> Iterator[Site]:
    """Yield the page with its database ready: to start it takes seconds, which one start for all tests spares."""
    context = chromium.new_context(accept_downloads=True)
    site = Site(release, address, context.new_page())
    context.on("request", lambda request: site.asked.append(request.url))
    site.page.on("console", lambda message: site.wrong.append(message.text) if message.type == "error" else None)
    site.page.on("pageerror", lambda error: site.wrong.append(str(error)))
    site.open()
    yield site
    context.close()


@pytest.fixture
def site(opened: Site) -> Iterator[Site]:
    """Yield the page; at the end nothing may have left it, and no error been written to its console."""
    yield opened
    assert [url for url in opened.asked if not url.startswith((f"{opened.address}/", "blob:", "data:"))] == []
    assert opened.wrong == []


def test_every_example_gives_what_the_release_holds(site: Site) -> None:
    buttons = site.page.locator(".examples button")
    assert buttons.all_inner_texts() == [query["title"] for query in QUERIES]
    for place, query in enumerate(QUERIES):
        buttons.nth(place).click()
        site.wait()
        assert site.said("error") == "", query["title"]
        expected = site.native(query["sql"])
        assert _same(site.downloaded(), expected), query["title"]
        assert len(site.shown()) == len(expected) - 1


@pytest.mark.parametrize("table", ["estimates", "national_estimates", "regional_estimates", "releases", "dictionary"])
def test_a_table_is_whole_with_its_types(site: Site, table: str) -> None:
    site.run(f"SELECT * FROM {table} ORDER BY ALL")
    assert _same(site.downloaded(), site.native(f"SELECT * FROM {table} ORDER BY ALL"))
    types = f"SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = '{table}' ORDER BY ALL"
    if not table.endswith("_estimates"):
        site.run(types)
        assert _same(site.downloaded(), site.native(types))


def test_values_of_every_kind_are_written_as_text(site: Site) -> None:
    site.run(
        "SELECT NULL AS nothing, 170141183460469231731687303715884105727 AS huge, -0.05::DECIMAL(9,2) AS small, "
        "DATE '2020-02-29' AS day, TIMESTAMP '2020-02-29 03:04:05' AS moment, [1, 2] AS list, {'a': 'б'} AS pair, "
        "'=1+1' AS formula, 'a \"b\", c' AS quoted, -1.5::DOUBLE AS number, '-1.5' AS text"
    )
    huge, day = "170141183460469231731687303715884105727", "2020-02-29"
    cells = ["NULL", huge, "-0.05", day, f"{day} 03:04:05", "[1,2]", '{"a":"б"}', "=1+1", 'a "b", c', "-1.5", "-1.5"]
    assert site.shown() == [cells]
    assert site.downloaded()[1] == ["", *cells[1:7], "'=1+1", *cells[8:]]


def test_an_error_is_shown_and_the_next_statement_runs(site: Site) -> None:
    site.run("SELEC 1")
    assert 'syntax error at or near "SELEC"' in site.said("error")
    assert site.page.get_attribute("#explorer-error", "role") == "alert"
    assert site.shown() == []
    assert site.page.is_hidden("#explorer-download")
    site.run("SELECT 41 + 1")
    assert site.said("error") == ""
    assert site.shown() == [["42"]]


@pytest.mark.parametrize(
    "sql",
    ["FROM 'https://example.org/x.csv'", "LOAD httpfs", "INSTALL json; LOAD json", "SET enable_external_access = true"],
)
def test_no_statement_reaches_a_network(site: Site, sql: str) -> None:
    site.run(sql)
    assert site.said("error") != ""  # and the fixture finds no request off the page


def test_a_long_statement_is_stopped_and_a_long_result_is_cut(site: Site) -> None:
    site.page.fill("#explorer-sql", "SELECT count(*) FROM range(100000000) AS a, range(100000000) AS b")
    site.page.click("#explorer-run")
    site.page.click("#explorer-stop")
    site.wait()
    assert site.said("status") == "Stopped."
    site.run("FROM range(150000)")
    assert "Only the first 100,000 were read." in site.said("status")
    assert len(site.shown()) == 500
    assert len(site.downloaded()) == 100_001


def test_views_and_macros_are_listed_with_what_they_give(site: Site) -> None:
    said = site.said("views")
    listed = "SELECT view_name FROM duckdb_views() WHERE NOT internal"
    for name, *_ in site.native(listed)[1:]:
        assert name in said
    assert "estimates_asof(moment)" in said


def test_a_file_that_is_missing_is_named(chromium: Browser, address: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.route("**/wasm.js", lambda route: route.abort())
    page.goto(f"{address}/explorer.html")
    page.wait_for_function(f"{WORKED} === 'broken'", timeout=SECONDS * 1000)
    assert "wasm.js is missing beside this page" in page.inner_text("#explorer-error")
    assert page.is_disabled("#explorer-run")
    context.close()


def test_a_phone_shows_the_page_without_scrolling_it_sideways(site: Site) -> None:
    size = site.page.viewport_size
    assert size is not None
    site.page.set_viewport_size({"width": 360, "height": 740})
    site.run("SELECT * FROM estimates LIMIT 20")
    assert site.page.evaluate("document.documentElement.scrollWidth") == 360
    site.page.set_viewport_size(size)


def test_the_page_works_from_the_keyboard_alone_and_in_russian(site: Site) -> None:
    site.open("ru/explorer.html")
    assert site.said("status") == "База данных готова."
    site.page.focus("#explorer-sql")
    site.page.keyboard.press("Control+a")
    site.page.keyboard.type("SELECT 6 * 7 AS answer")
    for _ in range(2):  # Tab leaves the box: to the button, and back
        site.page.keyboard.press("Tab")
        assert site.page.evaluate("document.activeElement.id") == "explorer-run"
        site.page.keyboard.press("Shift+Tab")
        assert site.page.evaluate("document.activeElement.id") == "explorer-sql"
    site.page.keyboard.press("Tab")
    site.page.keyboard.press("Enter")
    site.wait()
    assert site.shown() == [["42"]]
    site.page.keyboard.press("Tab")
    site.page.keyboard.press("Tab")
    assert site.page.evaluate("document.activeElement.getAttribute('role')") == "region"
    assert site.page.get_attribute("#explorer-result [role=region]", "aria-labelledby") == "explorer-caption"


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _same(told: list[list[str]], expected: list[list[str]]) -> bool:
    """Tell whether two answers are the same; numbers to the last bit, whatever way they are written."""
    return [list(map(_number, line)) for line in told] == [list(map(_number, line)) for line in expected]


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
