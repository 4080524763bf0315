"""The page about expectations: what each expectation suite found, with its query and no value of any row.

It links to great_expectations' own pages where they stand beside it (`data_docs_files`). Those are in English only, and
say neither why something is expected nor of what query.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.site import data_docs_files
from reports.site.page import Page
from reports.site.release_view import View
from reports.site.texts import catalogue


def pages(view: View) -> Iterator[Page]:
    """Yield the page, which that about quality links to."""
    _ = view.gettext
    data_docs = f"{data_docs_files.FOLDER}/index.html" if view.published.has_data_docs else ""
    values = {"suites": suites(view), "severities": severities(view), "data_docs": data_docs}
    yield Page("expectations", _("Expectations"), "expectations.html.j2", "", values)


def suites(view: View) -> list[dict[str, Any]]:
    """Lay out what each suite found: its name in the language, and how many expectations were met."""
    named = catalogue("gate_checks")["checks"]
    return [
        {
            "told": told,
            "name": view.language.pick(named.get(told.suite, {"en": told.suite})),
            "met": sum(finding.success for finding in told.findings),
        }
        for told in view.published.validations
    ]


def severities(view: View) -> dict[str, str]:
    """Name how much hangs on an expectation."""
    _ = view.gettext
    return {"critical": _("stops a release"), "warning": _("is noted"), "info": _("is noted")}
