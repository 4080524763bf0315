"""The steps of a night, which `direct` fills with plain functions and `nightly` with Prefect tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
    estimate: Step
    assemble: Step
    explain: Step
    expect: Step
    gate: Step
    disclose: Step
    release: Step
