"""What the sender says a file must be: `.source.yaml`, `.sha256` or `SHA256SUMS` beside it, on any storage."""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import yaml

from schemas.batch import Listed
from schemas.errors import FormatDamaged
from schemas.shown_name import shown_name, shown_once
from sources.credentials import Credentials
from sources.file_names import notes_on
from tasks.note_files import Beside, Fault, read_note
from warehouse.raw_store import Received

LARGEST, LARGEST_LIST = 64 << 10, 8 << 20
"""Bytes of a note on one file, which has a few lines, and of a list: a hundred thousand files."""
_LIST = "SHA256SUMS"
_LISTS_KEPT = 2
"""Files come sorted by folder, so the list of a folder is not needed again after its files."""
_LINE = re.compile(r"\\?([0-9a-fA-F]{64})(?:\s+\*?(.+))?")
_SHA256, _BYTES = re.compile("[0-9a-fA-F]{64}"), re.compile("[0-9]{1,18}")
_DEEPEST = 20
"""Brackets in brackets; PyYAML takes minutes for a note of nothing else."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Said(NamedTuple):
    """What a note says of a file; bytes are None where it does not say them."""

    sha256: str
    bytes: int | None

    def fits(self, received: Received) -> bool:
        """Tell whether a copy is that."""
        return self.sha256.lower() == received.sha256 and self.bytes in (None, received.bytes)


class DeliveryNotes:
    """The notes of a night's files; a list of a whole folder is read once."""

    def __init__(self, declared: Sequence[str]) -> None:
        """Read nothing yet. declared: the addresses of the survey's sources, by their position."""
        self._declared = declared
        self._list = lru_cache(_LISTS_KEPT)(_read_list)

    def check(self, listed: Listed, received: Received, credentials: Credentials | None) -> None:
        """Refuse a copy that is not what a note beside its file says.

        Raises FormatDamaged; SourceRefused for a note that is no file, or a link that leads out of the folder.
        """
        for name in notes_on(listed.name) if listed.beside is None else listed.beside:
            beside = Beside(
                _place(listed, name), self._declared[listed.source], credentials, unlisted=listed.beside is None
            )
            said = self._said(beside, name, listed.name)
            if isinstance(said, Fault):
                raise said.of(name, listed.name)
            if said is None or said.fits(received):
                continue
            size = f"{said.bytes:,} bytes, " if said.bytes is not None else ""
            raise FormatDamaged(
                f"{received.bytes:,} bytes with hash {received.sha256[:12]}... do not match "
                f"its delivery note ({size}{said.sha256[:12]}...).",
                file=listed.name,
                expected=f"the bytes that {name} describes",
                next_step="Copy the file again from where it came from; if it was replaced on purpose, renew the note.",
            )

    def _said(self, beside: Beside, note: str, delivery: str) -> Said | Fault | None:
        if note == _LIST:
            sums = self._list(beside)
            return _of_list(sums, delivery, alone=False) if isinstance(sums, Mapping) else sums
        text = read_note(beside, LARGEST)
        if not isinstance(text, str):
            return text
        if note.endswith(".yaml"):
            return _of_yaml(text, delivery)
        return _of_list(_sums(text), delivery, alone=shown_once(note) == f"{delivery}.sha256")


def _place(listed: Listed, name: str) -> str:
    """Return the address of a note: the file's own with an ending, or one in its folder."""
    if name.startswith(listed.name):
        return listed.address + name.removeprefix(listed.name)
    return posixpath.join(posixpath.dirname(listed.address), name)


def _read_list(beside: Beside) -> Mapping[str, str] | Fault | None:
    text = read_note(beside, LARGEST_LIST)
    return _sums(text) if isinstance(text, str) else text


def _sums(text: str) -> Mapping[str, str]:
    """Return the hash of each file that `sha256sum` wrote down, by its name as it is shown, "" where there is none."""
    found: dict[str, str] = {}
    for line in io.StringIO(text):
        if one := _LINE.fullmatch(line.strip()):
            found.setdefault(shown_name(posixpath.basename(one[2])) if one[2] else "", one[1])
    return found


def _of_list(sums: Mapping[str, str], delivery: str, alone: bool) -> Said | None:
    """Return what a list says of a file, None when it does not name it. alone: it is about no other one."""
    sha256 = sums.get(delivery) or (sums.get("") if alone else None)
    return Said(sha256, None) if sha256 else None


def _of_yaml(text: str, delivery: str) -> Said | Fault:
    """Return what a `.source.yaml` says."""
    try:
        told = _outermost(text)
    except (yaml.YAMLError, ValueError, ArithmeticError, RecursionError):  # PyYAML lets some of int() and chr() out
        told = {}
    sha256, size = told.get("sha256") or "", told.get("bytes") or ""
    if _SHA256.fullmatch(sha256) and _BYTES.fullmatch(size):
        return Said(sha256, int(size))
    return Fault(FormatDamaged, "cannot be used", f"the keys `sha256` and `bytes` of {delivery}")


def _outermost(text: str) -> dict[str | None, str | None]:
    """Return keys and values of the one mapping a YAML text is, as they are written; None for all but scalars.

    Nothing is built of it, and no alias is followed: a few hundred bytes of aliases can stand for gigabytes.
    Raises ValueError for another text, and what PyYAML raises.
    """
    depth, nodes = 0, list[str | None]()
    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.NodeEvent):
            if depth == 0 and (nodes or not isinstance(event, yaml.MappingStartEvent)):
                raise ValueError("not one mapping")
            if depth == 1:
                nodes.append(event.value if isinstance(event, yaml.ScalarEvent) else None)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
    return dict(zip(nodes[::2], nodes[1::2], strict=True))
