"""The page that runs SQL on the release's tables in the browser. What it loads is written by `explorer_files`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reports.site.explorer_files import SCRIPTS
from reports.site.page import Page
from reports.site.release_view import View
from schemas.read_yaml import read_yaml

QUERIES = Path(__file__).with_name("explorer_queries.yaml")
RECORD_QUERIES = Path(__file__).with_name("explorer_record_queries.yaml")


def pages(view: View) -> Iterator[Page]:
    """Yield the page where the survey's declaration asks for it."""
    if not view.published.declaration.report.explorer:
        return
    _ = view.gettext
    values = {
        "scripts": SCRIPTS,
        "queries": queries(view.language.code, view.published.of_records),
        "tables": described(view),
        "words": words(view),
    }
    yield Page("explorer", _("Explore with SQL"), "explorer.html.j2", "data", values)


def queries(language: str, of_records: bool = False) -> list[dict[str, str]]:
    """Return the examples, their titles in a language. of_records: those for a survey of records."""
    file = RECORD_QUERIES if of_records else QUERIES
    written: list[dict[str, Any]] = read_yaml(file)
    return [{"title": query["title"][language], "sql": query["sql"].strip()} for query in written]


def described(view: View) -> list[dict[str, Any]]:
    """Lay out the tables of a release with their columns."""
    from schemas.result_tables import tables  # pandera takes a second to load

    return [
        {"name": table.name, "description": table.description, "columns": [_column(column) for column in table.columns]}
        for table in tables().values()
        if table.name in view.published.tables
    ]


def words(view: View) -> Mapping[str, str]:
    """Return what the page says while it works, in the view's language; `%(name)s` is filled in the browser."""
    _ = view.gettext
    return {
        "loading": _("Loading the database, about 10 MB…"),
        "table": _("Loading the table %(name)s…"),
        "ready": _("The database is ready."),
        "broken": _("The database did not start:"),
        "running": _("The statement runs…"),
        "stopped": _("Stopped."),
        "failed": _("The statement failed:"),
        "rows": _("Rows: %(rows)s. Time: %(seconds)s s."),
        "shown": _("The first %(shown)s are shown; the CSV file holds all of them."),
        "cut": _("Only the first %(kept)s were read."),
        "caption": _("Result of the statement"),
    }


def _column(column: Any) -> dict[str, str | None]:
    return {"name": column.name, "type": column.sql_type, "unit": column.unit, "description": column.description}
