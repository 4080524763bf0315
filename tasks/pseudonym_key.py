"""Where the key of pseudonyms comes from: the environment, or a file that is not beside the data and nobody else's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from schemas import settings
from schemas.declaration import Declaration
from schemas.errors import PseudonymKeyUnusable, SettingsError
from schemas.pseudonyms import PseudonymKey
from warehouse.home import CHECKOUT, Home

VARIABLE = "KINSCALE_PSEUDONYM_KEY"
MAKE = "Make one: ./kinscale key new FILE    and name it in settings.yaml: pseudonym_key_file: FILE"


def find(home: Home) -> PseudonymKey:
    """Return the key of a data folder. Raises PseudonymKeyUnusable when there is none, or none that can be used."""
    given = os.environ.get(VARIABLE)
    if given:
        return _read(given, f"the environment variable {VARIABLE}")
    try:
        named = settings.load(home.root).pseudonym_key_file
    except SettingsError as error:
        raise PseudonymKeyUnusable(
            f"the settings, which name its file, are wrong: {error.what}", file=error.where.file, next_step=MAKE
        ) from None
    if named is None:
        raise PseudonymKeyUnusable(
            "a source declares pseudonyms, and there is no key to make them with.",
            expected=f"{VARIABLE}, or `pseudonym_key_file` in settings.yaml",
            next_step=MAKE,
        )
    path = named.expanduser()
    check_file(path, home)
    return _read(path.read_text(encoding="utf-8", errors="replace"), str(path))


def check_file(path: Path, home: Home) -> None:
    """Refuse a key file that is not there, lies beside the data or the code, or may be read by others."""
    check_place(path, home)
    try:
        about = path.stat()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise PseudonymKeyUnusable(f"the key file cannot be read: {why}.", file=str(path), next_step=MAKE) from None
    if about.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PseudonymKeyUnusable(
            f"others may read the key file (mode {stat.S_IMODE(about.st_mode):04o}).",
            file=str(path),
            expected="a file that its owner alone can read",
            next_step=f"chmod 600 {path}    If others can have read it, it is no secret: docs/security.md, Rotation.",
        )


def check_place(path: Path, home: Home) -> None:
    """Refuse a place inside the data folder or the checkout, where copies and backups would take the key along."""
    if not path.is_absolute():
        raise PseudonymKeyUnusable("the name of the key file does not begin with /.", file=str(path))
    for inside in (home.root, CHECKOUT):
        if path.resolve().is_relative_to(inside.resolve()):
            raise PseudonymKeyUnusable(
                f"the key file lies in {inside}.",
                file=str(path),
                expected="a place outside the data folder and the checkout: whoever copies them has no key then",
                next_step="Move it, for example to /etc/kinscale/ or to the home folder of the account.",
            )


def wanted(declaration: Declaration) -> bool:
    """Tell whether any source of a survey asks for pseudonyms."""
    return any(column.action == "pseudonym" for source in declaration.sources for column in source.personal.values())


def _read(text: str, place: str) -> PseudonymKey:
    try:
        return PseudonymKey.read(text)
    except ValueError as error:
        raise PseudonymKeyUnusable(f"{place} holds no key: {error}.", next_step=MAKE) from None
