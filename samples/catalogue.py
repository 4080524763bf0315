"""Which samples there are, by name."""

from __future__ import annotations

import importlib
from pathlib import Path

from schemas.errors import KinscaleError

NAMES = ("central_asia_2009", "new_country")


def write(name: str, folder: Path) -> list[Path]:
    """Write the raw files of a sample into a folder. Raises KinscaleError for a name that is none."""
    if name not in NAMES:
        raise KinscaleError(f'there is no sample "{name}".', expected="one of: " + ", ".join(NAMES))
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = importlib.import_module(f"samples.{name}").write(folder)
    return written
