"""A JSON file with a list of objects, as form servers' interfaces answer: the whole file, or under one name."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from schemas.errors import DeclarationError, EncodingMismatch, FormatDamaged
from sources import encodings, json_records, json_text
from sources.some_names import some_names
from sources.table import RawTable

KEYS = ("records", "fields")
SIGNATURE = "text"
_BLANK = re.compile(r"[ \t\r\n]*")


def read(data: Path | bytes, name: str, spec: Mapping[str, Any]) -> RawTable:
    """Read the objects of a list; `source_row` is their place in it, from 1. `records` names the list, if it has one.

    What is no object is set aside. Raises DeclarationError, EncodingMismatch, FileTooLarge, FormatDamaged or
    HeaderMismatch.
    """
    return json_records.table(_items(data, name, spec), name, spec)


def children(data: Path | bytes, name: str, spec: Mapping[str, Any], array: str) -> RawTable:
    """Read the objects in one list of every object; see `json_records.children`."""
    return json_records.children(_items(data, name, spec), name, spec, array)


def _items(data: Path | bytes, name: str, spec: Mapping[str, Any]) -> Iterator[json_records.Written]:
    wanted = spec.get("records")
    if wanted is not None and not isinstance(wanted, str):
        raise DeclarationError(f"records {wanted!r} is no name.", file=name, expected="the name of a list: results")
    scan = _Scan(_decoded(data if isinstance(data, bytes) else data.read_bytes(), name), name)
    return scan.listed() if wanted is None else scan.named(wanted)


def _decoded(raw: bytes, name: str) -> str:
    try:
        if encodings.utf16_of(raw) is not None:
            raise UnicodeDecodeError("utf-8", raw[:2], 0, 1, "UTF-16")
        return raw.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        offset = error.start + (3 if raw.startswith(codecs.BOM_UTF8) else 0)
        raise EncodingMismatch(
            f"byte 0x{raw[offset]:02X} at offset {offset:,} is not UTF-8.",
            file=name,
            expected="UTF-8, in which JSON is always written",
            next_step="Ask for the file again.",
            facts={"declared": "utf-8", "byte_offset": offset, "would_work": []},
        ) from error


class _Scan:
    """A JSON text that is read item by item, so that only one object is held at a time."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self._at = 0

    def listed(self) -> Iterator[json_records.Written]:
        """Yield the items of the list that is the whole text. Raises FormatDamaged."""
        if self._next() == "{":
            names = some_names(self._lists())
            raise FormatDamaged(
                "the file is one object and no list.",
                file=self._name,
                expected="a list of objects",
                next_step=f"Set `records` in this source's reader to the list that holds them ({names}).",
            )
        yield from self._items()
        self._end()

    def named(self, wanted: str) -> Iterator[json_records.Written]:
        """Yield the items of a list of the object that is the whole text. Raises FormatDamaged."""
        found = False
        others = []
        for key in self._keys():
            if key == wanted and not found:
                found = True
                yield from self._items()
                continue
            if self._next() == "[":
                others.append(key)
            self._skip()
        self._end()
        if not found:
            raise FormatDamaged(
                f'the object has no "{wanted}"; the lists it has: {some_names(others)}.',
                file=self._name,
                expected="the list that `records` names",
                next_step="Set `records` in this source's reader to the list that holds the records, or ask for the "
                "file again.",
            )

    def _lists(self) -> list[str]:
        found = []
        for key in self._keys():
            if self._next() == "[":
                found.append(key)
            self._skip()
        return found

    def _keys(self) -> Iterator[str]:
        self._take("{")
        while self._next() != "}":
            if self._next() != '"':
                raise self._damaged("a name is no text")
            key = str(self._value())
            self._take(":")
            self._next()
            yield key
            if self._next() != "}":
                self._take(",")
        self._take("}")

    def _items(self) -> Iterator[json_records.Written]:
        self._take("[")
        number = 0
        while self._next() != "]":
            number += 1
            start = self._at
            try:
                value = self._value()
            except json_text.UnfitError as error:
                self._skip()
                yield number, self._text[start : self._at], partial(_refuse, error)
            else:
                yield number, self._text[start : self._at], partial(json_text.as_record, value)
            if self._next() != "]":
                self._take(",")
        self._take("]")

    def _value(self) -> Any:
        """Decode the next value. Raises FormatDamaged, and UnfitError for one that is JSON and no record."""
        try:
            value, self._at = json_text.DECODER.raw_decode(self._text, self._at)
        except json_text.UnfitError:
            raise
        except json.JSONDecodeError as error:
            raise self._damaged(f"{error.msg} at character {error.pos + 1:,}") from error
        except RecursionError as error:
            raise self._damaged(f"it is nested deeper than {json_text.DEEPEST} levels") from error
        return value

    def _skip(self) -> None:
        """Go behind a value, whatever names stand twice in it."""
        try:
            _, self._at = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode(self._text, self._at)
        except (json.JSONDecodeError, RecursionError) as error:
            raise self._damaged(str(error)) from error

    def _next(self) -> str:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _take(self, sign: str) -> None:
        if self._next() != sign:
            seen = self._text[self._at : self._at + 1]
            raise self._damaged(f'"{sign}" is expected at character {self._at + 1:,}, and there is "{seen}"')
        self._at += 1
        self._next()

    def _end(self) -> None:
        if self._next():
            raise self._damaged(f"something stands behind its end, at character {self._at + 1:,}")

    def _damaged(self, what: str, expected: str = "a whole JSON file with a list of objects") -> FormatDamaged:
        return FormatDamaged(
            f"the file cannot be read to its end ({what}).",
            file=self._name,
            expected=expected,
            next_step="Ask for the file again.",
        )


def _refuse(error: json_text.UnfitError) -> dict[str, Any]:
    raise error
