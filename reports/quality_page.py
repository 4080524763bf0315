"""The pages about quality: the quality report, and what each expectation suite found.

great_expectations' own Data Docs load styles and scripts from the network and take 4 MB; these pages are made from
the same results, work offline, and show no value of any row.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from reports.pages import environment
from reports.quality_report import Indicator, dimensions
from schemas.expectation import Validation


def quality_page(report: Sequence[Indicator], title: str, release_id: str, notice: str = "") -> str:
    """Render the quality report."""
    sections = []
    for name, lines in groupby(report, key=lambda line: line.dimension):
        groups = [list(group) for _, group in groupby(lines, key=lambda line: line.indicator)]
        sections.append({"title": dimensions()[name]["title"], "groups": groups})
    page = environment().get_template("quality.html.j2")
    return page.render(title=title, release_id=release_id, notice=notice, sections=sections)


def expectations_page(validations: Sequence[Validation], title: str, release_id: str, notice: str = "") -> str:
    """Render what each suite found, with its query."""
    suites: list[dict[str, Any]] = [
        {"told": told, "met": sum(finding.success for finding in told.findings)} for told in validations
    ]
    page = environment().get_template("expectations.html.j2")
    return page.render(title=title, release_id=release_id, notice=notice, suites=suites)
