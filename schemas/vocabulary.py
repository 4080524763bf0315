"""What codes and columns of the result tables are called, here and in SDMX, as `vocabulary.yaml` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from schemas.read_yaml import read_yaml

_FILE = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class Code:
    """One value of a coded column with its names, and its identifier in SDMX."""

    value: str
    en: str
    ru: str | None
    sdmx: str

    def name_in(self, language: str) -> str:
        """Name the value in a language; in English where it has no name there."""
        return (self.ru if language == "ru" else None) or self.en


@dataclass(frozen=True)
class CodeList:
    """The values a coded column can have, in the order in which they are shown."""

    name: str
    title: str
    codes: tuple[Code, ...]

    def label(self, value: str) -> str:
        """Name a value in English; one that is not in the list is its own name."""
        return next((code.en for code in self.codes if code.value == value), value)

    def covering(self, values: Iterable[str]) -> CodeList:
        """Return the list with those of `values` added that it lacks: a survey may declare a method of its own."""
        known = {code.value for code in self.codes}
        more = tuple(Code(value, value, None, value) for value in sorted(set(values) - known))
        return CodeList(self.name, self.title, (*self.codes, *more))


@cache
def content() -> Mapping[str, Any]:
    """Return the file: code_lists, titles, titles_of_records, leading_methods, methods_of_records, foreign_keys, sdmx,
    no_number, flags, reliability_rule.
    """
    loaded: dict[str, Any] = read_yaml(_FILE)
    return loaded


@cache
def code_lists() -> dict[str, CodeList]:
    """Return every code list by name."""
    return {
        name: CodeList(
            name,
            body["title"],
            tuple(Code(str(v), c["en"], c.get("ru"), c.get("sdmx", str(v))) for v, c in body["codes"].items()),
        )
        for name, body in content()["code_lists"].items()
    }


def code_list(column: str) -> CodeList | None:
    """Return the code list of a column, or None when its values are not coded."""
    return code_lists().get(column.removeprefix("other_"))


def title(column: str, language: str = "en") -> str:
    """Say what a column is called where people read it; in English where the language has no title."""
    plain = column.replace("_", " ")
    names = content()["titles"].get(column, {"en": plain[0].upper() + plain[1:]})
    return str(names.get(language, names["en"]))


def reference(table: str, column: str) -> tuple[str, str] | None:
    """Return the table and column in which a column's values must stand, or None."""
    rule = content()["foreign_keys"].get(column)
    if rule is None or table in rule.get("except", ()):
        return None
    other, _, name = rule["to"].partition(".")
    return None if other == table else (other, name)


def leading(methods: Iterable[str]) -> str:
    """Name the method of a release that a reader is shown first; empty when there is none."""
    there = list(methods)
    return next((method for method in (*content()["leading_methods"], *there) if method in there), "")
