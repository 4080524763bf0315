"""The credentials of a source: from the environment, else from a Prefect Secret block. They travel no further."""

from __future__ import annotations

from functools import cache
from typing import Any

from schemas.declaration import Declaration, Source
from schemas.errors import CredentialsMissing, KinscaleError
from sources.credentials import Credentials, from_environment, variable
from tasks import secret_block


def of(source: Source) -> Credentials | None:
    """Return the credentials that a source names, None when it names none. Raises CredentialsMissing."""
    name = source.credentials
    if name is None:
        return None
    found = from_environment(name) or secret_block.read(name)
    if found is None:
        raise CredentialsMissing(
            f'the credentials "{name}" are not set.',
            file=source.path,
            expected=f"environment variables {variable(name)}USER, ...PASSWORD and so on, or the Prefect Secret block "
            f"{secret_block.block_name(name)}",
            next_step='Set them where the night runs; docs/surveys.md, "Where files come from", lists the keys.',
            facts={"name": name, "variables": variable(name)},
        )
    return found


class Opened:
    """The credentials of a survey's sources, each looked for once."""

    def __init__(self, declaration: Declaration) -> None:
        """Look for nothing yet."""
        self.of = cache(lambda position: of(declaration.sources[position]))


def listed(source: Source) -> dict[str, Any] | None:
    """Tell which credentials a source needs, where they were found and which keys they have; no value.

    found_in: None when they are missing; problem: why, if so.
    """
    if source.credentials is None:
        return None
    try:
        found = of(source)
    except KinscaleError as error:
        return {"name": source.credentials, "found_in": None, "keys": [], "problem": error.what}
    return {
        "name": source.credentials,
        "found_in": found.origin if found else None,
        "keys": sorted(key.upper() for key in found or ()),
    }
