"""The data dictionary: every table and column of a release, and the codes that stand in them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from reports.site.page import Page
from reports.site.release_view import View
from reports.site.texts import catalogue
from schemas import vocabulary


def pages(view: View) -> Iterator[Page]:
    """Yield the page."""
    _ = view.gettext
    values = {"tables": tables(view), "code_lists": code_lists(view)}
    yield Page("dictionary", _("Data dictionary"), "dictionary.html.j2", "data", values)


def tables(view: View) -> list[dict[str, Any]]:
    """Lay out the tables in their order, each with its columns; a column with codes names their list."""
    named = catalogue("release_files")["tables"]
    found: dict[str, dict[str, Any]] = {}
    listed = {codes["name"] for codes in code_lists(view)}
    rows = view.published.tables["dictionary"]
    rows = rows.astype(object).where(rows.notna(), None)
    for row in rows.to_dict("records"):
        name = str(row["table_name"])
        told = named.get(name, {"title": {"en": name}, "about": {"en": ""}})
        table = found.setdefault(
            name,
            {
                "name": name,
                "title": view.language.pick(told["title"]),
                "about": view.language.pick(told["about"]),
                "columns": [],
            },
        )
        table["columns"].append(_column(view, row, listed))
    order = {name: number for number, name in enumerate(named)}
    return sorted(found.values(), key=lambda table: order.get(table["name"], len(order)))


def code_lists(view: View) -> list[dict[str, Any]]:
    """Lay out the lists of codes: what the column is called, and every code with its name."""
    lists = {
        codes.name: [(code.value, code.name_in(view.language.code)) for code in codes.codes]
        for codes in vocabulary.code_lists().values()
    }
    if view.published.of_records:
        lists = _of_records(view, lists)
    return [{"name": name, "title": view.column(name), "codes": codes} for name, codes in lists.items()]


def _of_records(view: View, lists: Mapping[str, list[tuple[str, str]]]) -> dict[str, list[tuple[str, str]]]:
    """Narrow the lists to the codes that the release has, and name its indicators as its instrument does."""
    found = {}
    for name, codes in lists.items():
        tables = [table for table in (view.published.estimates, view.published.tables["indicators"]) if name in table]
        values = sorted({value for table in tables for value in table[name].dropna()})
        if name == "indicator":
            found[name] = [(value, view.indicator(value)) for value in dict.fromkeys(tables[-1][name])]
        elif values:
            known = [value for value, _name in codes if value in values]
            rest = [value for value in values if value not in known]
            found[name] = [(value, view.code(name, value)) for value in [*known, *rest]]
        elif name in ("obs_status", "conf_status"):
            found[name] = codes
    return found


def _column(view: View, row: dict[str, Any], listed: Container[str]) -> dict[str, Any]:
    name = str(row["column_name"])
    codes = vocabulary.code_list(name)
    return {**row, "title": view.column(name), "codes": codes.name if codes and codes.name in listed else ""}
