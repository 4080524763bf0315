"""What is looked at in each interviewer's work, and when it is told, as `fieldwork.yaml` says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.read_yaml import read_yaml

_FILE = Path(__file__).with_suffix(".yaml")


class _Part(BaseModel):
    """A part of the file: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Part):
    """From when on a measure counts, and from when on an interviewer is flagged."""

    min_interviews: int = Field(ge=1)
    min_peers: int = Field(ge=2)
    clustering: float = Field(ge=1)
    z: float = Field(gt=0)
    score_from: float = Field(ge=0)
    score_most: float = Field(gt=0)


class NearDuplicates(_Part):
    """When two questionnaires are nearly equal, and how many are looked at together."""

    differing_answers: int = Field(ge=0)
    block: int = Field(ge=2)


class Row(_Part):
    """A row of the summary."""

    unit: str
    title: Mapping[str, str]


class Measure(Row):
    """One measure of an interviewer's work; `of`, `among` and `squares` are columns of `interviewer_settlements`."""

    kind: Literal["share", "mean", "most"]
    of: str
    among: str
    squares: str | None = None
    flag: Literal["high", "low", "both"]
    above: float | None = None
    """Limit of a measure of kind `most`: flagged beyond it."""
    apart: float = Field(default=0.0, ge=0)
    """Of a mean: how far honest interviewers lie apart at least, as a share of it; few may seem to be closer."""
    within_region: bool = False
    """Regions differ in it: not compared with interviewers of other regions where the own has too few."""
    cases: bool = False
    """Falls under the survey's disclosure rule."""


class Release(_Part):
    """What a release may say of interviewers."""

    min_interviewers: int = Field(ge=3)
    fewest_flagged: int = Field(ge=1)
    decimals: int = Field(ge=0)
    flagged: Row
    quotas: Mapping[Literal["quota_planned", "quota_achieved", "quota_fulfilment"], Row]


class BackChecks(_Part):
    """How many interviewers of a country are visited again, and which part of them is drawn."""

    share: float = Field(gt=0, le=1)
    at_least: int = Field(ge=1)
    random_share: float = Field(ge=0, le=1)
    seed: int = Field(ge=0)


class FieldworkRules(_Part):
    """The whole file."""

    limits: Limits
    near_duplicates: NearDuplicates
    measures: Mapping[str, Measure]
    release: Release
    back_checks: BackChecks


@cache
def rules() -> FieldworkRules:
    """Read the file. Raises pydantic.ValidationError for a key that is not known or a number that cannot be."""
    return FieldworkRules.model_validate(read_yaml(_FILE))
