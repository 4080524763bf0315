"""What a page that lists a folder says: names, sizes and times, as nginx, Apache and Python's server write them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote, urljoin

_TIMES = (
    (re.compile(r"\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d(?!:)"), "%d-%b-%Y %H:%M"),
    (re.compile(r"\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d"), "%d-%b-%Y %H:%M:%S"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(?!:)"), "%Y-%m-%d %H:%M"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "%Y-%m-%d %H:%M:%S"),
)
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: n for n, name in enumerate(_NAMES, start=1)}
_BYTES = re.compile(r"\s(\d{1,18})\s*$")
"""More digits are no size of a file."""


class _Links(HTMLParser):
    """Collects each link with the text that follows it up to the next one, where listings put time and size."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (href := dict(attrs).get("href")):
            self.found.append([href, ""])
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside &= tag != "a"

    def handle_data(self, data: str) -> None:
        if self.found and not self._inside:
            self.found[-1][1] += data


def entries(text: str, address: str) -> list[dict[str, Any]]:
    """Return what a page lists: name (an address), type, size and mtime, each None where it is not said exactly.

    address: of the folder, ending in a slash. Only what is directly below it counts: no parent, no other host, no link
    that sorts. Times are taken for UTC, which nginx writes.
    """
    found = _of_json(text, address) if text.lstrip().startswith("[") else _of_html(text, address)
    return [entry for entry in found.values() if entry["name"] != address]


def _of_html(text: str, address: str) -> dict[str, dict[str, Any]]:
    links = _Links()
    links.feed(text)
    found: dict[str, dict[str, Any]] = {}
    for href, told in links.found:
        try:
            place = urljoin(address, href)
        except ValueError:  # no address at all, and so none below the folder
            continue
        below = place.removeprefix(address)
        if place.startswith(address) and _is_name(below):
            size = _BYTES.search(told)
            found.setdefault(place, _entry(place, int(size[1]) if size else None, _time(told)))
    return found


def _of_json(text: str, address: str) -> dict[str, dict[str, Any]]:
    """Read nginx's `autoindex_format json`."""
    try:
        rows = json.loads(text)
        places = [(address + quote(row["name"]) + ("/" if row["type"] == "directory" else ""), row) for row in rows]
        return {
            place: _entry(place, _size(row.get("size")), datetime.strptime(row["mtime"], "%a, %d %b %Y %H:%M:%S %Z"))
            for place, row in places
            if _is_name(place.removeprefix(address))
        }
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


def _size(told: object) -> int | None:
    return told if type(told) is int and 0 <= told < 10**18 else None


def _is_name(below: str) -> bool:
    plain = unquote(below.rstrip("/"))
    return bool(plain) and not any(sign in below for sign in "?#") and "/" not in plain and plain not in (".", "..")


def _entry(place: str, size: int | None, time: datetime | None) -> dict[str, Any]:
    kind = "directory" if place.endswith("/") else "file"
    return {
        "name": place.rstrip("/"),
        "type": kind,
        "size": size,
        "mtime": time.replace(tzinfo=UTC) if time is not None else None,
    }


def _time(text: str) -> datetime | None:
    for shape, form in _TIMES:
        if seen := shape.search(text):
            told = re.sub(r"[A-Z][a-z]{2}", lambda m: f"{_MONTHS.get(m[0], 0):02}", seen[0])
            try:  # months by number: their names follow the locale
                return datetime.strptime(told, form.replace("%b", "%m"))
            except ValueError:
                return None
    return None
