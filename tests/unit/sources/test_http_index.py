"""Pages that list a folder, as servers write them; the pages are those of nginx 1.22, Apache 2.4 and Python 3.11."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sources.http_index import entries

FOLDER = "http://h/raw/"
NGINX = """<html><body><h1>Index of /raw/</h1><hr><pre><a href="../">../</a>
<a href="old/">old/</a>                  22-Nov-2026 10:48                   -
<a href="KZ%20%D0%BE.csv">KZ о.csv</a>              02-May-2026 10:48                 250
</pre><hr></body></html>"""
APACHE = """<table><tr><th><a href="?C=N;O=D">Name</a></th></tr>
<tr><td><a href="/">Parent Directory</a></td></tr>
<tr><td><a href="KZ.csv">KZ.csv</a></td><td align="right">2026-11-22 10:48  </td><td align="right">1.2K</td></tr>
</table>"""
PYTHON = """<ul><li><a href="KZ.csv">KZ.csv</a></li><li><a href="old/">old/</a></li></ul>"""
JSON = """[{ "name":"old", "type":"directory", "mtime":"Sun, 22 Nov 2026 10:48:05 GMT" },
{ "name":"KZ о.csv", "type":"file", "mtime":"Sat, 02 May 2026 10:48:05 GMT", "size":250 }]"""
KZ = f"{FOLDER}KZ%20%D0%BE.csv"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (NGINX, [(f"{FOLDER}old", "directory", None), (KZ, "file", 250)]),
        (APACHE, [(f"{FOLDER}KZ.csv", "file", None)]),
        (PYTHON, [(f"{FOLDER}KZ.csv", "file", None), (f"{FOLDER}old", "directory", None)]),
        (JSON, [(f"{FOLDER}old", "directory", None), (KZ, "file", 250)]),
        ("", []),
        ("[1, 2", []),
        ("<a href='KZ.csv'", []),
    ],
)
def test_what_is_below_the_folder_is_found(page: str, expected: list[tuple[str, str, int | None]]) -> None:
    assert [(e["name"], e["type"], e["size"]) for e in entries(page, FOLDER)] == expected


def test_times_are_read_whatever_the_locale() -> None:
    assert entries(NGINX, FOLDER)[1]["mtime"] == datetime(2026, 5, 2, 10, 48, tzinfo=UTC)
    assert entries(APACHE, FOLDER)[0]["mtime"] == datetime(2026, 11, 22, 10, 48, tzinfo=UTC)
    assert entries(JSON, FOLDER)[1]["mtime"] == datetime(2026, 5, 2, 10, 48, 5, tzinfo=UTC)
    assert entries(PYTHON, FOLDER)[0]["mtime"] is None


@pytest.mark.parametrize(
    "link",
    [
        "http://other/raw/KZ.csv",
        "../KZ.csv",
        "/KZ.csv",
        "%2e%2e%2fKZ.csv",
        "sub/KZ.csv",
        "KZ.csv?C=M",
        "KZ.csv#x",
        "//other/KZ.csv",
        "file:///etc/passwd",
        ".",
        "",
    ],
)
def test_a_link_that_leads_elsewhere_is_no_file_of_the_folder(link: str) -> None:
    assert entries(f'<a href="{link}">KZ.csv</a> 02-May-2026 10:48 250', FOLDER) == []
