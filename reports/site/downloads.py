"""The page of downloads: every file of the release with its size and purpose, how to open it and how to cite it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.site.page import Page
from reports.site.release_view import View
from reports.site.texts import catalogue

TABLES = "tables/"
FORMS = {".csv.gz": "CSV", ".parquet": "Parquet"}
KILO = 1000


def pages(view: View) -> Iterator[Page]:
    """Yield the page."""
    _ = view.gettext
    declared = view.published.declaration
    values = {"whole": whole(view), "tables": tables(view), "licence": declared.report.licence}
    yield Page("downloads", _("Downloads"), "downloads.html.j2", "data", values)


def whole(view: View) -> list[dict[str, Any]]:
    """Lay out the files that hold several tables, or are for programs: name, format, size, purpose.

    A file that the catalogue does not know is listed without a purpose.
    """
    told = catalogue("release_files")["files"]
    order = list(told)
    there = [name for name in view.published.files if not name.startswith(TABLES)]
    there.sort(key=lambda name: (order.index(name) if name in order else len(order), name))
    return [
        {
            "name": name,
            "format": told[name]["format"] if name in told else name.rpartition(".")[2].upper(),
            "about": view.language.pick(told[name]["about"]) if name in told else "",
            "size": size(view, view.published.files[name]),
        }
        for name in there
    ]


def tables(view: View) -> list[dict[str, Any]]:
    """Lay out the tables: title, purpose, and each form in which it can be had, with its size."""
    named = catalogue("release_files")["tables"]
    there = {name.removeprefix(TABLES).partition(".")[0] for name in view.published.files if name.startswith(TABLES)}
    found = []
    for name in [*(name for name in named if name in there), *sorted(there - set(named))]:
        forms = [
            {"name": path, "format": form, "size": size(view, view.published.files[path])}
            for ending, form in FORMS.items()
            if (path := f"{TABLES}{name}{ending}") in view.published.files
        ]
        told = named.get(name, {"title": {"en": name}, "about": {"en": ""}})
        texts = {key: view.language.pick(told[key]) for key in ("title", "about")}
        found.append({"name": name, **texts, "forms": forms})
    return found


def size(view: View, number: int) -> str:
    """Write the size of a file: 320 KB, 1.3 MB; below a kilobyte as one."""
    _ = view.gettext
    if number >= KILO * KILO:
        return _("%(size)s MB") % {"size": view.language.number(number / KILO / KILO, 1)}
    return _("%(size)s KB") % {"size": view.language.number(max(1, round(number / KILO)))}
