"""The checks that compare a delivery with the one before it, and their thresholds, as `delivery_checks.yaml` has them.

Lives here: what is checked, as data. Not here: how it is measured (estimators, warehouse) or judged (tasks).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.read_yaml import read_yaml

OK, WARN, REFUSE = "ok", "warn", "refuse"
VERDICTS = (OK, WARN, REFUSE)
"""From the mildest on."""


class Limits(BaseModel):
    """What a survey or a source chooses for one check; a key that is left out stays as it is, null is never."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    warn: float | None = Field(default=None, ge=0)
    refuse: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _warns_first(self) -> Self:
        if self.warn is not None and self.refuse is not None and self.warn > self.refuse:
            raise ValueError(f"warn ({self.warn:g}) is above refuse ({self.refuse:g}): nothing is ever warned of")
        return self


@dataclass(frozen=True)
class Check:
    """One check. false_alarms: largest probability of a verdict by chance, where sampling error is taken into account.

    refuse_from: fewest questionnaires that must be gone for a refusal.  largest: the largest value that there can be.
    """

    check_id: str
    title: str
    value: str
    why: str
    warn: float | None
    refuse: float | None
    refuse_from: int = 0
    largest: float | None = None
    false_alarms: float | None = None

    def verdict(self, value: float, may_refuse: bool = True) -> str:
        """Judge a value: above a threshold is not good."""
        if may_refuse and self.refuse is not None and value > self.refuse:
            return REFUSE
        return WARN if self.warn is not None and value > self.warn else OK


@dataclass(frozen=True)
class Earlier:
    """With how many earlier files of its source a new file is compared, and what is asked of few; see the YAML."""

    at_most: int
    enough: int
    beyond: float
    few_distance: float


@cache
def earlier() -> Earlier:
    """Return how new files are compared with earlier ones."""
    return Earlier(**_content()["earlier"])


@cache
def checks() -> Mapping[str, Check]:
    """Return the checks with their default thresholds."""
    return {name: Check(check_id=name, **item) for name, item in _content()["checks"].items()}


def _content() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(Path(__file__).with_suffix(".yaml"))
    return found


def chosen(*choices: Mapping[str, Limits]) -> dict[str, Check]:
    """Return the checks with the thresholds that were chosen; later choices go over earlier ones."""
    found = dict(checks())
    for choice in choices:
        for name, limits in choice.items():
            said = {key: getattr(limits, key) for key in limits.model_fields_set}
            found[name] = replace(found[name], **said)
    return found


def known(choice: Mapping[str, Limits]) -> Mapping[str, Limits]:
    """Return a choice whose checks exist and can fail. Raises ValueError with the name of another."""
    unknown = sorted(set(choice) - set(checks()))
    if unknown:
        raise ValueError(f"there is no check {', '.join(unknown)}; there are {', '.join(checks())}")
    for name, limits in choice.items():
        largest = checks()[name].largest
        highest = max(limits.warn or 0, limits.refuse or 0)
        if largest is not None and highest > largest:
            raise ValueError(f"{name} is never above {largest:g}, so {highest:g} means never; say null for that")
    return choice


def worst(verdicts: list[str]) -> str:
    """Return the severest of verdicts."""
    return max(verdicts, key=VERDICTS.index, default=OK)
