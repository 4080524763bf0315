"""Why numbers changed: a code that programs group by, and the words a person gave."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """The codes of the column `reason_code` of the table `revisions`."""

    NEW_DATA = "new_data"
    CORRECTION = "correction"
    METHOD = "method"
    RECLASSIFICATION = "reclassification"


@dataclass(frozen=True)
class Reason:
    """What whoever runs a night says about the change it brings; without a code the inputs decide it."""

    text: str
    code: ReasonCode | None = None
