"""Columns that say who somebody is: what a declaration wants done with them, and columns that nobody declared.

Not here: how pseudonyms are made (`pseudonyms`), and the step that takes the columns out (tasks/personal).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

FILLED = "(not kept)"
"""Stands for any text in a column that the declaration does not name."""
NOT_KEPT = "(not kept: the source declares personal columns, and what stood here may hold one)"
"""Stands for the text of a row that cannot be cut into cells, and for a message that quoted a cell."""
Normalise = Literal["text", "phone", "digits", "exact"]


class PersonalColumn(BaseModel):
    """What becomes of one column: its cells are dropped, or each is replaced by a keyed pseudonym."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Literal["drop", "pseudonym"]
    normalise: Normalise = "text"
    """What does not tell two cells apart: `text` (case, width, spaces), `phone`, `digits` (all else), `exact`."""
    domain: str = Field(default="", pattern=r"^[A-Za-z0-9_.-]*$")
    """Columns and surveys that name one domain give one person one pseudonym; without it none link."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: object) -> object:
        """Take the word alone for the action."""
        return {"action": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _nothing_said_of_what_is_dropped(self) -> PersonalColumn:
        if self.action == "drop" and self.model_fields_set & {"normalise", "domain"}:
            raise ValueError("`normalise` and `domain` are said of a pseudonym; what is dropped has neither")
        return self


@dataclass(frozen=True)
class LooksPersonal:
    """A column that nobody declared personal and that looks so. why: what it looks like; no value."""

    header: str
    why: str

    @property
    def advice(self) -> str:
        """Return the line to add to the source."""
        return drop_line(self.header)


def drop_line(header: str) -> str:
    """Return the line that declares a column personal and drops it; JSON text is YAML text."""
    return f"personal: {{{json.dumps(header, ensure_ascii=False)}: drop}}"
