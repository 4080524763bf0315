"""What the expectation suites found, as checks: a critical expectation that is not met refuses, any other is noted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.expectation import Finding, Validation
from tasks.gates.check import Check


def expectations(validations: Sequence[Validation]) -> Iterator[Check]:
    """Make one check per suite; value: how many of its expectations were not met."""
    for validation in validations:
        critical, mild = validation.unmet("critical"), validation.unmet("warning", "info")
        unmet = [*critical, *mild]
        told = "refused" if critical else "noted" if mild else "passed"
        detail = f"{len(validation.findings) - len(unmet)} of {len(validation.findings)} expectations met"
        detail += "; not met: " + "; ".join(_told(finding) for finding in unmet) if unmet else ""
        scope = f"{validation.rows:,} rows"
        yield Check("expectations", validation.suite, scope, len(unmet), 0, told, detail)


def _told(finding: Finding) -> str:
    return f"{finding.title} ({finding.error or finding.severity})"
