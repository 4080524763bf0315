"""What is wrong with a declaration, place by place: keys that are missing or wrong, choices that nobody has made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from schemas.errors import DeclarationError
from schemas.read_yaml import DuplicateKey
from schemas.source_address import without_secret

CHOOSE = "CHOOSE"
"""Stands where `./kinscale new-survey` could not know. No declaration loads with it."""
Place = tuple[str | int, ...]


def unfinished(content: object, path: Path) -> list[DeclarationError]:
    """Return one error for each place of a YAML file that holds CHOOSE, as a value or as a key."""
    return [
        DeclarationError(
            f"{key(place)} is not chosen yet.",
            file=str(path),
            row=line(path, place),
            column=None,
            expected=f"a value where {CHOOSE} stands; the comment beside it says what is known",
            next_step=f"Write it over {CHOOSE}.",
            facts={"key": key(place)},
        )
        for place in _chosen_nowhere(content)
    ]


def not_yaml(error: Exception, path: Path) -> DeclarationError:
    """Return the error for a file that cannot be read as YAML, or has a key twice."""
    if not isinstance(error, DuplicateKey):
        return DeclarationError(f"not valid YAML: {error}", file=str(path))
    return DeclarationError(
        f"{error.told}.",
        file=str(path),
        row=error.line,
        expected="every key once",
        next_step="Put what stands below the two under one of them, and take the other out.",
        facts={"key": error.key},
    )


def invalid(error: ValidationError, path: Path) -> list[DeclarationError]:
    """Return one error for each key that a declaration lacks, misspells, or gives a value of the wrong kind."""
    return [
        DeclarationError(
            f"{key(fault['loc'])}: {fault['msg']}",
            file=str(path),
            row=line(path, fault["loc"]),
            facts={"key": key(fault["loc"])},
        )
        for fault in error.errors()
    ]


def holds_secret(held: str, address: str, path: Path, at: int) -> DeclarationError:
    """Return the error for a source whose address holds a password or a signature, which it does not show."""
    place = ("sources", at, "path")
    return DeclarationError(
        f"{key(place)}: the address holds {held}: {without_secret(address)}",
        file=str(path),
        row=line(path, place),
        expected="an address that anybody may read",
        next_step="Take it out of the file, and renew it if the file was shared. Give the source `credentials: name` "
        "and set KINSCALE_CREDENTIALS_NAME_PASSWORD, or ..._QUERY for what signs an address; docs/surveys.md, "
        '"Where files come from".',
        facts={"key": key(place)},
    )


def key(place: Place) -> str:
    """Write a place as its keys: `sources.0.columns.relatives`."""
    return ".".join(str(part) for part in place)


def line(path: Path, place: Place) -> int | None:
    """Return the line of a YAML file, from 1, on which a key stands, or the nearest key above it that is there."""
    node = yaml.compose(path.read_text(encoding="utf-8"))
    found = None
    for part in place:
        if isinstance(node, yaml.MappingNode):
            pairs = [(k, v) for k, v in node.value if str(k.value) == str(part)]
            if not pairs:
                return found
            found, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            found = node.start_mark.line + 1
        else:
            return found
    return found


def _chosen_nowhere(content: object, place: Place = ()) -> Iterator[Place]:
    if isinstance(content, dict):
        for name, value in content.items():
            if name == CHOOSE:
                yield (*place, name)
            yield from _chosen_nowhere(value, (*place, name))
    elif isinstance(content, list):
        for position, value in enumerate(content):
            yield from _chosen_nowhere(value, (*place, position))
    elif content == CHOOSE:
        yield place


def unfinished_cells(rows: list[list[Any]], path: Path) -> list[DeclarationError]:
    """Return one error for each cell of a table that holds CHOOSE. rows: the table with its header."""
    return [
        DeclarationError(
            f"the {rows[0][position]} is not chosen yet.",
            file=str(path),
            row=number,
            column=rows[0][position],
            expected=f"a value where {CHOOSE} stands",
            next_step=f"Write it over {CHOOSE}.",
        )
        for number, row in enumerate(rows[1:], start=2)
        for position, cell in enumerate(row)
        if cell == CHOOSE and position < len(rows[0])
    ]
