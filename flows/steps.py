"""The steps of a night, which `direct` fills with plain functions and `nightly` with Prefect tasks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.side_by_side import Pool
    from schemas.settings import Dask

Step = Callable[..., Any]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Steps:
    """The steps of a night, as plain functions or as Prefect tasks."""

    look: Step
    pull: Step
    read: Step
    validate: Step
    land: Step
    refuse: Step
    aggregate: Step
    fieldwork: Step
    estimate: Step
    assemble: Step
    explain: Step
    expect: Step
    gate: Step
    disclose: Step
    release: Step
    gather: Step
    tabulate: Step
    hide_records: Step
    pool: Callable[[Dask], AbstractContextManager[Pool]] | None = None
    """Begins the workers that read files side by side, where the settings want them; no step itself."""


def names() -> list[str]:
    """Name the steps, in the order of a night."""
    return [field.name for field in fields(Steps) if field.default is MISSING]
