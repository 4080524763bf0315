"""Reconciliation rules as files declare them: read, checked and typed. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from schemas import declaration_faults
from schemas.declaration_faults import line
from schemas.errors import DeclarationError
from schemas.read_yaml import read_yaml
from schemas.reconciliation_kinds import Declared, Rule

KEY = "reconciliations"
"""The key under which an instrument's file lists rules for any survey of it."""
_RULE: TypeAdapter[Declared] = TypeAdapter(Annotated[Declared, Field(discriminator="kind")])

__all__ = ["Rule", "declared", "read"]


def read(paths: Sequence[Path]) -> tuple[Rule, ...]:
    """Read the rules of some files, in their order: lists of rules, or mappings with the key `reconciliations`.

    A file that is not there has no rules. Raises DeclarationError with file, rule and key; also when two rules share
    an id.
    """
    rules = tuple(rule for path in paths if path.exists() for rule in declared(_content(path), path))
    seen: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in seen:
            raise wrong(rule.file, rule.id, "id", f"another rule of {seen[rule.id].file} is called so")
        seen[rule.id] = rule
    return rules


def declared(content: Iterable[Mapping[str, Any]], path: Path) -> Iterable[Rule]:
    """Check and type rules as YAML gives them. Raises DeclarationError for the first that is wrong."""
    for number, item in enumerate(content, start=1):
        if not isinstance(item, Mapping):
            raise wrong(str(path), str(number), "", "it is no mapping")
        name = str(item.get("id", number))
        try:
            yield _RULE.validate_python({**item, "file": str(path)})
        except ValidationError as error:
            first = error.errors()[0]
            place = [str(part) for part in first["loc"]]
            key = ".".join(place[1:] if place and place[0] == item.get("kind") else place) or "kind"
            told = first["msg"].removeprefix("Value error, ")
            raise wrong(str(path), name, key, told, line(path, (number - 1,)) if path.exists() else None) from error


def wrong(file: str, rule: str, key: str, what: str, row: int | None = None) -> DeclarationError:
    """Return the error that says which key of which rule is wrong, and why."""
    named = f"rule {rule}, {key}" if key else f"rule {rule}"
    return DeclarationError(
        f"{named}: {what}.",
        file=file,
        row=row,
        next_step='The kinds and their keys: docs/result-tables.md, "Findings".',
        facts={"rule": rule, "key": key},
    )


def _content(path: Path) -> Iterable[Mapping[str, Any]]:
    try:
        content = read_yaml(path)
    except yaml.YAMLError as error:
        raise declaration_faults.not_yaml(error, path) from error
    if isinstance(content, Mapping):
        content = content.get(KEY)
    if content is None:
        return ()
    if not isinstance(content, list):
        raise DeclarationError("it is no list.", file=str(path), expected="rules that begin with `- id: ...`")
    return content
