"""Who of this machine may look where: everything in the data folder is its owner's, but for the releases.

Whatever the caller's umask is: what is written below goes by these rules and no other.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from schemas import settings
from schemas.errors import SettingsError
from warehouse.home import Home

OWNER_ONLY = 0o077
"""The umask under which the data folder is written, by kinscale and by DuckDB."""
READ_ONLY = 0o400
"""Of files that are never changed."""
FOLDERS = {"everyone": 0o755, "group": 0o750, "owner": 0o700}
FILES = {"everyone": 0o444, "group": 0o440, "owner": 0o400}
PASSING = {"everyone": 0o711, "group": 0o710, "owner": 0o700}
"""Of the data folder itself: one may pass through it to the releases, and cannot list it."""


@contextlib.contextmanager
def umask() -> Iterator[None]:
    """Let everything that is created in the block be its owner's alone."""
    before = os.umask(OWNER_ONLY)
    try:
        yield
    finally:
        os.umask(before)


def make(home: Home) -> None:
    """Make the data folder if it is not there; one that is there keeps its mode, which `doctor` looks at."""
    if not home.root.exists():
        home.root.mkdir(parents=True, exist_ok=True)
        home.root.chmod(PASSING[readers(home.root)])


def open_release(folder: Path, releases: Path) -> None:
    """Let those read a release who may, before it has its name. releases: the folder that it will be in.

    That folder is opened once, when kinscale has just made it; what somebody set for it since is left as it is.
    """
    who = readers(releases.parent)
    if not releases.stat().st_mode & OWNER_ONLY:
        releases.chmod(FOLDERS[who])
    for path in (folder, *folder.rglob("*")):
        path.chmod(FOLDERS[who] if path.is_dir() else FILES[who])


def is_public(folder: Path) -> bool:
    """Tell whether a folder is the one that releases are in."""
    return folder == Home(folder.parent).releases


def mode_in(folder: Path) -> int:
    """Return the mode of a file that is written once into a folder."""
    return FILES[readers(folder.parent)] if is_public(folder) else READ_ONLY


def readers(root: Path) -> str:
    """Say who may read the releases of a data folder; nobody but the owner while its settings are wrong."""
    try:
        return settings.load(root).releases_readable_by
    except SettingsError:
        return "owner"
