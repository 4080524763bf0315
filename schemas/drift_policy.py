"""What a source declares about deliveries that change their form: a policy for each thing that can change."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

Policy = Literal["freeze", "evolve", "quarantine"]
FREEZE, EVOLVE, QUARANTINE = "freeze", "evolve", "quarantine"


class DriftPolicy(BaseModel):
    """One policy each. Where nothing is said: unknown or missing columns refuse the file, the rest refuses rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: Policy = "freeze"
    types: Policy = "quarantine"
    codes: Policy = "quarantine"
    regions: Policy = "quarantine"
    form_version: Policy = "evolve"

    @model_validator(mode="before")
    @classmethod
    def _one_for_all(cls, given: object) -> object:
        """Take a single word for the policy of everything."""
        if isinstance(given, str):
            return dict.fromkeys(cls.model_fields, given)
        return {} if given is None else given

    def of(self, aspect: str) -> Policy:
        """Return the policy of one of its keys."""
        found: Policy = getattr(self, aspect)
        return found
