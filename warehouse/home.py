"""The data folder: where raw bytes, the build warehouse, releases and candidates are. Nothing is created by looking."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Home:
    """The layout below one data folder."""

    root: Path

    @classmethod
    def find(cls, given: Path | None = None) -> Home:
        """Take the folder given, else `KINSCALE_HOME`, else `data/` in the checkout."""
        return cls((given or Path(os.environ.get("KINSCALE_HOME") or CHECKOUT / "data")).expanduser().resolve())

    @property
    def raw(self) -> Path:
        """Immutable raw bytes by their SHA-256."""
        return self.root / "raw"

    @property
    def warehouse(self) -> Path:
        """The private build file: one writer, never opened by analysts."""
        return self.root / "build" / "warehouse.duckdb"

    @property
    def lock(self) -> Path:
        """The file that the one writer holds locked."""
        return self.root / "build" / "warehouse.lock"

    @property
    def workshop(self) -> Path:
        """Where a release is built before it has its name: beside those that have one, so that naming it is a move."""
        return self.releases

    @property
    def releases(self) -> Path:
        """Immutable release folders, and `latest`."""
        return self.root / "releases"

    @property
    def latest(self) -> Path:
        """The pointer to the newest release of the survey that the folder began with; such links alone ever move."""
        return self.releases / "latest"

    def latest_of(self, survey_id: str) -> Path:
        """The pointer to the newest release of a survey."""
        return self.releases / f"latest-{survey_id}"

    @property
    def prefect(self) -> Path:
        """Records, logs and leases of the Prefect server that `serve` runs."""
        return self.root / "prefect"

    @property
    def candidates(self) -> Path:
        """Builds that a gate refused, or that wait for approval."""
        return self.root / "candidates"

    @property
    def nights(self) -> Path:
        """What each night came to, for people: summaries that are kept for a while."""
        return self.root / "nights"
