"""A notice as every channel takes it, and why one could not be delivered."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Notice:
    """One line, a few lines below it, and the same for programs. `name` is the same in every try, and in no other."""

    name: str
    line: str
    body: str
    content: Mapping[str, Any]


class NotDelivered(Exception):  # noqa: N818 - it tells a state
    """The other side did not take a notice; `heals`: another try may be taken."""

    def __init__(self, why: str, heals: bool = False) -> None:
        """Keep why, in words without a secret."""
        super().__init__(why)
        self.heals = heals


def variable(name: str) -> str:
    """Return the value of an environment variable that the settings name. Raises NotDelivered when there is none."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise NotDelivered(f"the environment variable {name} is not set")
    return value
