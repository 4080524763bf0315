"""What an expectation suite found: data only, and no value of any row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One expectation and whether it was met. severity: critical stops a release, warning and info do not.

    counts: elements looked at and unexpected ones; never the unexpected values themselves.  error: why it could
    not be run, as when its column is not in the result of the query.
    """

    type: str
    kwargs: Mapping[str, Any]
    why: str
    severity: str
    success: bool
    counts: Mapping[str, float] = field(default_factory=dict)
    error: str = ""

    @property
    def title(self) -> str:
        """Write the expectation in one line: what is expected, of which columns, with which bounds."""
        given = ", ".join(f"{name} {_short(value)}" for name, value in self.kwargs.items())
        return f"{self.type.removeprefix('expect_').replace('_', ' ')}: {given}"


@dataclass(frozen=True)
class Validation:
    """What one suite found on the result of its query; rows: how many the query gave."""

    suite: str
    about: str
    query: str
    rows: int
    findings: tuple[Finding, ...]

    def unmet(self, *severities: str) -> list[Finding]:
        """List the expectations of these severities that were not met."""
        return [finding for finding in self.findings if not finding.success and finding.severity in severities]

    def as_record(self) -> dict[str, Any]:
        """Return it for JSON."""
        met = sum(finding.success for finding in self.findings)
        return {**asdict(self), "success": met == len(self.findings), "met": met}


def _short(value: Any) -> str:
    return " ".join(str(item) for item in value) if isinstance(value, list | tuple | set) else str(value)
