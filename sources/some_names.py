"""Names out of a file as a message shows them: a few, short, and in double quotes, for they may be personal data."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice

_MOST = 5
_LONGEST = 40


def some_names(names: Collection[str]) -> str:
    """Return the first names, each as '"name"', and how many more there are; "none" for no name.

    Whoever masks personal data finds a name by its quotes, so that none within a name is kept.
    """
    shown = ", ".join(f'"{_short(name)}"' for name in islice(names, _MOST))
    more = f" and {len(names) - _MOST:,} more" if len(names) > _MOST else ""
    return shown + more or "none"


def _short(name: str) -> str:
    """Return the beginning of a name; what is half a character cannot be printed."""
    return name[:_LONGEST].encode("utf-8", "replace").decode().replace('"', "'")
