"""What people declare: surveys, and waivers that end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from flows.checkup.finding import Finding, listed
from schemas import declaration
from schemas.errors import KinscaleError
from schemas.read_yaml import read_yaml

NOTICE_DAYS = 14
"""A waiver that ends sooner is named, so that somebody can decide in time."""


def surveys() -> Finding:
    """Does every declaration load."""
    names = declaration.names()
    wrong = []
    for name in names:
        try:
            declaration.load(name)
        except KinscaleError as error:
            wrong.append(f"{name}: {error.what}")
    if wrong:
        return Finding(
            "declarations", "fail", listed(wrong), "Correct the key that is named; docs/surveys.md has them all."
        )
    if not names:
        return Finding(
            "declarations", "fail", f"no survey in {declaration.surveys_folder()}", "Unset KINSCALE_SURVEYS."
        )
    return Finding("declarations", "ok", listed(names))


def waivers(today: date | None = None) -> Finding:
    """Which waivers have ended, or end soon. The last day counts. today: UTC."""
    today = today or datetime.now(UTC).date()
    over, soon, holding = [], [], 0
    for file in sorted(declaration.surveys_folder().glob("*/waivers.yaml")):
        try:
            for number, until in _ends(file):
                told = f"{file.parent.name} entry {number}, until {until}"
                over += [told] if until < today else []
                soon += [told] if today <= until <= today + timedelta(days=NOTICE_DAYS) else []
                holding += until >= today
        except (OSError, ValueError, yaml.YAMLError) as error:
            why = str(error).splitlines()[0]
            return Finding(
                "waivers", "fail", f"{file}: it cannot be read ({why})", "Every entry needs `until: YYYY-MM-DD`."
            )
    if over or soon:
        parts = ([f"ended: {listed(over)}"] if over else []) + ([f"end soon: {listed(soon)}"] if soon else [])
        how = "Correct the rows, renew `until`, or remove the entry; rows of ended waivers are refused again."
        return Finding("waivers", "warn", ". ".join(parts), how)
    return Finding("waivers", "ok", f"{holding} hold" if holding else "none")


def _ends(file: Path) -> Iterator[tuple[int, date]]:
    """Return the last day of each entry with its number. Raises ValueError for an entry without one."""
    content: Any = read_yaml(file) or []
    if not isinstance(content, list):
        raise ValueError("it is no list of entries")
    for number, entry in enumerate(content, start=1):
        until = entry.get("until") if isinstance(entry, dict) else None
        if isinstance(until, datetime):
            until = until.date()
        yield number, until if isinstance(until, date) else date.fromisoformat(str(until))
