"""JSON as text: numbers exactly as written, nested objects as "group/field", lists of codes in one cell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

DEEPEST = 32
"""Levels of nesting; no form has so many, but a file made to exhaust the stack has thousands."""
BETWEEN = "/"
_BETWEEN_CODES = " "


class UnfitError(ValueError):
    """A JSON value that is no record; the text says why."""


class _Number(str):
    """A number as the file writes it; a text of its own kind, so that it can be written back without quotes."""

    __slots__ = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise UnfitError(f'the name "{_shown(twice)}" stands twice in one object')
    return out


DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_Number, parse_float=_Number, parse_constant=_Number, strict=True
)
"""Decodes without changing a digit; raises UnfitError for a name that stands twice, ValueError for what is no JSON."""


def record(text: str) -> dict[str, Any]:
    """Return the object that a text holds. Raises UnfitError."""
    try:
        value = DECODER.decode(text)
    except UnfitError:
        raise
    except json.JSONDecodeError as error:
        raise UnfitError(f"it is no JSON: {error.msg} at character {error.pos + 1:,}") from error
    except RecursionError as error:
        raise UnfitError(f"it is nested deeper than {DEEPEST} levels") from error
    return as_record(value)


def as_record(value: object) -> dict[str, Any]:
    """Return a decoded value as a record. Raises UnfitError when it is something else than an object."""
    if not isinstance(value, dict):
        raise UnfitError(f"it is {_kind(value)}, and no object with names and values")
    return value


def flat(record: dict[str, Any], apart: frozenset[str] = frozenset()) -> dict[str, str | None]:
    """Return the cells of a record by "group/field". apart: lists of objects that are read as tables of their own.

    null is a missing cell, an empty list an empty one. A list of codes is joined with a space; any other list is
    written as JSON. Raises UnfitError for two values of one name, for too many levels, and for half a character.
    """
    cells: dict[str, str | None] = {}
    for name, value in _leaves(record, "", 1):
        if name in apart:
            continue
        if name in cells:
            raise UnfitError(f'two values have the name "{_shown(name)}"')
        cells[name] = _cell(value)
    return cells


def children(record: dict[str, Any], array: str) -> list[dict[str, Any]]:
    """Return the objects of a list of a record, by its "group/field". Raises UnfitError if it is no list of objects."""
    for name, value in _leaves(record, "", 1):
        if name == array and value is not None:
            if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
                raise UnfitError(f'"{_shown(array)}" is no list of objects')
            return value
    return []


def lists(record: dict[str, Any]) -> dict[str, bool]:
    """Return the places of a record that a list of objects can stand in, and whether one does."""
    return {
        name: bool(value) and isinstance(value, list) and all(isinstance(item, dict) for item in value)
        for name, value in _leaves(record, "", 1)
        if value is None or isinstance(value, list)
    }


def _leaves(record: dict[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > DEEPEST:
        raise UnfitError(f"it is nested deeper than {DEEPEST} levels")
    for name, value in record.items():
        place = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _leaves(value, place + BETWEEN, depth + 1)
        else:
            yield place, value


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    return whole(joined(value) if isinstance(value, list) else _scalar(value))


def whole(text: str) -> str:
    """Return a text that can be written as UTF-8. Raises UnfitError for one with half a character (\\ud800)."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UnfitError("a text holds half a character (a lone surrogate)") from error
    return str(text)


def joined(values: list[Any]) -> str:
    """Return a list as one cell: codes with a space between them, anything else as JSON. Raises UnfitError."""
    if not any(value is not None for value in values):
        return ""  # [null, null] is how a form server writes a place that nobody took
    codes = [_scalar(value) for value in values if isinstance(value, str | bool)]
    plain = len(codes) == len(values) and not any(code.split() != [code] for code in codes)
    return _BETWEEN_CODES.join(codes) if plain else written(values)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(value)


def written(value: Any, depth: int = 1) -> str:
    """Write a decoded value as JSON again, its numbers as they were. Raises UnfitError for too many levels."""
    if depth > DEEPEST:
        raise UnfitError(f"it is nested deeper than {DEEPEST} levels")
    if isinstance(value, dict):
        pairs = (f"{json.dumps(name, ensure_ascii=False)}:{written(item, depth + 1)}" for name, item in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(item, depth + 1) for item in value) + "]"
    return str(value) if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)


def _kind(value: object) -> str:
    names = {list: "a list", bool: "a truth value", _Number: "a number", str: "a text", type(None): "null"}
    return names[type(value)]


def _shown(name: str) -> str:
    return name.encode("utf-8", "replace").decode()[:80]
