"""A release by the name a person types: its own, `latest`, a survey's, or `rN`."""

from __future__ import annotations

import re

from schemas.errors import KinscaleError
from warehouse import release as folders
from warehouse.home import Home
from warehouse.release import Published


def every(home: Home) -> list[Published]:
    """List the releases of all surveys, each survey's oldest first, withdrawn ones included."""
    return [release for survey in folders.surveys(home) for release in folders.published(home, survey)]


def find(home: Home, name: str) -> Published:
    """Return the release of a name. Raises KinscaleError, with the names there are, when there is none or more."""
    releases = every(home)
    if not releases:
        raise KinscaleError("there is no release yet.", file=str(home.releases), next_step="Make one: ./kinscale run")
    if name == "latest":
        name = home.latest.resolve().name if home.latest.exists() else "latest"
    elif (own := home.latest_of(name)).exists():
        name = own.resolve().name
    numbered = re.fullmatch(r"r\d+", name)
    found = [r for r in releases if (r.release_id.endswith(f"-{name}") if numbered else r.release_id == name)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(r.release_id for r in releases)
    what = f'"{name}" names {len(found)} releases.' if found else f'there is no release "{name}".'
    if name == "latest":
        what = "no release is in force: every one was withdrawn."
    raise KinscaleError(what, file=str(home.releases), expected=f"one of: {known}", next_step="./kinscale releases")
