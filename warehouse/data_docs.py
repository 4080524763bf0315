"""Data Docs: great_expectations' own pages of what the suites found, written by its renderers from counts alone.

They are made from what a checkpoint keeps (`schemas/expectation.py`), not from its results: what was never kept
cannot be shown. How the pages become part of the site, and what they look like there, is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from schemas.expectation import Finding, Validation
from warehouse import checkpoint

ROW_COUNT = "expect_table_row_count_to_be_between"
"""The one expectation whose observed value is a count that is kept."""
NO_TRACEBACK = "The traceback is not kept: it may quote what was looked at."


@dataclass(frozen=True)
class Run:
    """What the pages call the run: the release's name, and the time at which it was published."""

    name: str
    time: datetime


def pages(validations: Sequence[Validation], run: Run, templates: Path) -> dict[str, str]:
    """Return the page of each suite as HTML, by the suite's name.

    templates: Jinja2 templates that come before great_expectations' own of the same name.
    """
    version = checkpoint.prepare().__version__
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView
    from jinja2 import ChoiceLoader, FileSystemLoader

    view = DefaultJinjaPageView()
    view.env.loader = ChoiceLoader([FileSystemLoader(templates), view.env.loader])
    renderer = ValidationResultsPageRenderer()
    return {
        validation.suite: str(view.render(renderer.render(_result(validation, run, version))))
        for validation in validations
    }


def _result(validation: Validation, run: Run, version: str) -> Any:
    """Put what was kept of a suite into the form in which great_expectations tells it."""
    from great_expectations.core import ExpectationSuiteValidationResult

    met, asked = sum(finding.success for finding in validation.findings), len(validation.findings)
    return ExpectationSuiteValidationResult(
        success=met == asked,
        results=[_one(finding, validation.rows) for finding in validation.findings],
        suite_name=validation.suite,
        statistics={
            "evaluated_expectations": asked,
            "successful_expectations": met,
            "unsuccessful_expectations": asked - met,
            "success_percent": 100 * met / asked if asked else None,
        },
        meta={
            "run_id": {"run_name": run.name, "run_time": run.time.isoformat()},
            "great_expectations_version": version,
            "batch_spec": {"datasource": "warehouse", "data_asset_name": validation.suite},
        },
    )


def _one(finding: Finding, rows: int) -> Any:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    observed: Mapping[str, float] = {"observed_value": rows} if finding.type == ROW_COUNT and not finding.error else {}
    return ExpectationValidationResult(
        success=finding.success,
        expectation_config=ExpectationConfiguration(
            type=finding.type, kwargs=dict(finding.kwargs), meta={}, severity=finding.severity
        ),
        result={**finding.counts, **observed},
        exception_info={
            "raised_exception": bool(finding.error),
            "exception_message": finding.error,
            "exception_traceback": NO_TRACEBACK if finding.error else "",
        },
    )
