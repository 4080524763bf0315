"""The key of pseudonyms: is there one where a survey asks for it, safe from others, and the one of before."""

from __future__ import annotations

from flows.checkup.finding import Finding, listed
from schemas import declaration
from schemas.errors import KinscaleError, WarehouseLocked
from tasks import pseudonym_key
from warehouse import build, pseudonym_keys
from warehouse.home import Home

NAME = "pseudonym key"


def key(home: Home) -> Finding:
    """Look for the key, and hold its fingerprint to those that surveys were taken in with."""
    asking = []
    for name in declaration.names():
        try:
            if pseudonym_key.wanted(declaration.load(name)):
                asking.append(name)
        except KinscaleError:
            continue  # the check of the declarations says it
    if not asking:
        return Finding(NAME, "ok", "no survey asks for one")
    try:
        fingerprint = pseudonym_key.find(home).fingerprint
    except KinscaleError as error:
        return Finding(NAME, "fail", error.what, error.next_step or "")
    try:
        with build.read(home) as warehouse:
            held = {name: pseudonym_keys.of(warehouse, name) for name in asking} if warehouse else {}
    except WarehouseLocked:
        return Finding(NAME, "ok", f"{fingerprint}; a night is running, so it was not compared")
    other = [name for name, known in held.items() if known not in (None, fingerprint)]
    if other:
        how = "Give the key of before, or see docs/security.md, Rotation."
        return Finding(NAME, "fail", f"{fingerprint} is not the key of {listed(other)}", how)
    return Finding(NAME, "ok", f"{fingerprint}, for {listed(asking)}")
