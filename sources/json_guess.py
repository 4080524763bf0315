"""Whether a text is JSON, when nobody says: lines of objects, a list, or a list under a name."""

from __future__ import annotations

import codecs
import json
from typing import Any

from sources import json_text
from sources.finding import Finding

_LINES = 50
_USUAL = ("results", "value", "data", "submissions")
"""What interfaces of form servers call their list."""
_FITTING = 0.9
"""Share of the first lines that must be objects."""


def guess(raw: bytes) -> dict[str, Finding] | None:
    """Return format, and `records` where the list has a name; None for what is no JSON."""
    try:
        text = raw.removeprefix(codecs.BOM_UTF8).decode().strip()
    except UnicodeDecodeError:
        return None
    if not text.startswith(("{", "[")):
        return None
    # not splitlines: a text of an answer may hold U+2028 or U+0085, and no line of objects ends there
    lines = [line for line in text.split("\n", _LINES)[:_LINES] if line.strip()]
    share = sum(_is_record(line) for line in lines) / len(lines)
    whole = _whole(text)
    if isinstance(whole, list):
        return {"format": Finding("json", True, confidence=1.0)}
    if isinstance(whole, dict) and (named := _lists(whole)):
        doubt = f'"{named[1]}" is a list too' if named[1:] else "" if named[0] in _USUAL else "or one submission"
        records = Finding(named[0], not doubt, doubt, 1 / len(named) if named[0] in _USUAL else 0.5 / len(named))
        return {"format": Finding("json", True, confidence=1.0), "records": records}
    if share >= _FITTING:
        return {"format": Finding("jsonl", True, confidence=share)}
    return None


def _is_record(line: str) -> bool:
    try:
        json_text.record(line)
    except json_text.UnfitError:
        return False
    return True


def _whole(text: str) -> Any:
    try:
        return json.JSONDecoder(parse_int=str).decode(text)
    except (ValueError, RecursionError):
        return None


def _lists(record: dict[str, Any]) -> list[str]:
    """Return the names of lists of objects, the longest first."""
    lists = {name: value for name, value in record.items() if isinstance(value, list) and value}
    sound = [name for name, value in lists.items() if all(isinstance(item, dict) for item in value)]
    return sorted(sound, key=lambda name: -len(lists[name]))
