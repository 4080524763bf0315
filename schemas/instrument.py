"""Which instruments exist: an instrument is a module of this room with a pandera model and its row rules."""

from __future__ import annotations

import importlib
from types import ModuleType

from schemas.errors import DeclarationError

NAMES = ("family_survey",)


def find(name: str) -> ModuleType:
    """Return the module of an instrument. Raises DeclarationError for a name that is none."""
    if name not in NAMES:
        raise DeclarationError(f'instrument "{name}" is not known.', expected="one of: " + ", ".join(NAMES))
    return importlib.import_module(f"schemas.{name}")
