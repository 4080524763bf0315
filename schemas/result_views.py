"""The views and macros of a release as `result_views.yaml` describes them: kind, parameters, meaning, columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from schemas.read_yaml import read_yaml

_FILE = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class View:
    """A view, a table macro, or a macro that gives one value."""

    name: str
    kind: str
    description: str
    like: str | None = None
    """Table whose columns of the same names mean the same here."""
    parameters: str = ""
    example: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    """Name and meaning of the columns that are its own."""

    @property
    def call(self) -> str:
        """How it is written in a query."""
        return self.name + self.parameters

    @property
    def comment(self) -> str:
        """What stands as a comment in DuckDB."""
        return f"{self.description} Example: {self.example}" if self.example else self.description


@cache
def views() -> dict[str, View]:
    """Return every view and macro by name, in the order of the file."""
    content: dict[str, dict[str, Any]] = read_yaml(_FILE)
    return {
        name: View(name, **{**body, "columns": tuple(body.get("columns", {}).items())})
        for name, body in content.items()
    }
