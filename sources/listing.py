"""Which files a declared pattern names and whether they changed, on any storage fsspec knows."""

from __future__ import annotations

import difflib
import logging
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import translate
from typing import Any, BinaryIO
from urllib.parse import unquote

from schemas.errors import KinscaleError, SourceMissing, SourceRefused
from schemas.shown_name import shown_name
from schemas.source_address import without_secret
from sources import symlinks
from sources.credentials import Credentials
from sources.file_names import is_note, is_on_its_way, is_passing, notes_on
from sources.form_address import is_form_server, without_review
from sources.storage import connect, own_errors

_SHOWN = 10
_VERSION_KEYS = (
    "ETag",
    "etag",
    "md5Hash",
    "generation",
    "LastModified",
    "last_modified",
    "mtime",
    "created",
    "modified",
)
"""What storages call the mark of a change; for local files `created` is when the inode last changed."""
_TIME_KEYS = ("LastModified", "last_modified", "mtime", "modified")


@dataclass(frozen=True, order=True)
class RemoteFile:
    """A file as a listing shows it. version: equal while the file is unchanged; costs no read of it.

    bytes: 0 where nobody knows. exact: whether `look_again` tells the version in the same way as the listing.
    beside: names of notes that the listing shows beside it; None when no listing was asked.
    modified: when it last changed, by the storage's clock; None where nobody knows.
    fault: why it is not to be read, where the other files of its source are; None for all that are.
    """

    uri: str
    name: str
    bytes: int
    version: str
    exact: bool = field(default=True, compare=False)
    beside: tuple[str, ...] | None = field(default=None, compare=False)
    modified: datetime | None = field(default=None, compare=False)
    fault: KinscaleError | None = field(default=None, compare=False)


def list_files(pattern: str, credentials: Credentials | None = None) -> list[RemoteFile]:
    """List the files a path, glob or URL names, sorted, by one round of listings.

    Left out are lock files of office programs, notes, and files whose names say that they are still on their way.
    Raises SourceMissing (with the near misses), SourceRefused, SourceUnreachable or DeclarationError.
    """
    with own_errors(pattern, credentials):
        storage, path = connect(pattern, credentials)
        if type(storage).glob.__module__.startswith("sources."):  # a storage of ours that knows its own names
            named = {path: storage.info(path)} if storage.isfile(path) else storage.glob(path, detail=True)
            files = [replace(_remote(storage, place, info), beside=()) for place, info in named.items()]
            return _sorted(files, storage, path, pattern)
        wildcards = "*[" if _is_http(path) else "*?["  # a question mark begins what an HTTP server is asked
        if not any(sign in path for sign in wildcards):
            return _sorted(_one(storage, path), storage, path, pattern)
        try:
            found = list(_of_folders(storage, path, wildcards))
        except (FileNotFoundError, NotADirectoryError):
            found = []
        return _sorted(found, storage, path, pattern)


def look_again(uri: str, credentials: Credentials | None = None) -> RemoteFile:
    """Look at one file as it is now. Raises as `list_files`."""
    with own_errors(uri, credentials):
        storage, path = connect(uri, credentials)
        return _remote(storage, path, storage.info(path))


def open_stream(uri: str, credentials: Credentials | None = None) -> BinaryIO:
    """Open one file for reading bytes; close it. Raises SourceMissing, SourceRefused or SourceUnreachable."""
    with own_errors(uri, credentials):
        storage, path = connect(uri, credentials)
        stream: BinaryIO = storage.open(path, "rb")
        return stream


def read_blocks(
    uri: str, credentials: Credentials | None = None, start: int = 0, size: int = 1 << 20
) -> Iterator[bytes]:
    """Yield the bytes of one file from a place on, block by block; errors of the storage become ours, others pass.

    Raises SourceMissing, SourceRefused or SourceUnreachable, and CannotResume where `start` is not granted.
    """
    with open_stream(uri, credentials) as stream:
        if start:
            stream.seek(start)
        while True:
            with own_errors(uri, credentials):
                block = stream.read(size)
            if not block:
                return
            yield block


def md5_of(uri: str, credentials: Credentials | None = None) -> str | None:
    """Return the MD5 that a storage keeps of a file, or None where it keeps none. Raises as `look_again`."""
    with own_errors(uri, credentials):
        storage, path = connect(uri, credentials)
        known = getattr(type(storage), "md5", None)
        return known(storage, path) if known else None


def _one(storage: Any, path: str) -> list[RemoteFile]:
    """Describe a file that is named without wildcards; none when it is a folder or not there."""
    try:
        info = storage.info(path)
    except FileNotFoundError:
        return []
    info = symlinks.followed(storage, posixpath.dirname(path), path, info)
    return [_marked(_remote(storage, path, info), True)] if info["type"] == "file" else []


def _of_folders(storage: Any, path: str, wildcards: str) -> Iterator[RemoteFile]:
    """Yield what fits in each folder that the pattern names: one listing a folder, and no question about a file.

    What only a question can tell (an unknown size, where a link leads) is asked of files that fit.
    """
    folder, name = posixpath.split(path)
    base = folder
    while any(sign in base for sign in wildcards):
        base = posixpath.dirname(base)
    if "**" in path:
        entries = storage.glob(path, detail=True)
        yield from _fitting(storage, base, entries, "*")
        return
    folders = [folder]
    if base != folder:
        inside = storage.glob(folder, detail=True)
        folders = [place for place, info in inside.items() if info["type"] == "directory"]
    for place in folders:
        listed = storage.ls(place, detail=True)
        yield from _fitting(storage, base, {str(info["name"]): info for info in listed}, name)


def _fitting(storage: Any, base: str, entries: Mapping[str, Any], pattern: str) -> Iterator[RemoteFile]:
    shape = re.compile(translate(pattern))
    names = {place: _name(place) for place in entries}
    beside = {name for name in names.values() if is_note(name)}
    waiting = []
    for place, info in entries.items():
        name = names[place]
        if not (shape.match(name) or name == pattern) or is_passing(name) or is_note(name):
            continue  # a name may hold brackets of its own
        if is_on_its_way(name):
            waiting.append(shown_name(name))
            continue
        try:
            about = symlinks.followed(storage, base, place, info)
        except SourceRefused as error:
            yield RemoteFile(storage.unstrip_protocol(place), name, 0, "", fault=error)
            continue
        if about["type"] == "file":
            exact = about.get("size") is not None
            file = _marked(_remote(storage, place, about if exact else storage.info(place)), exact)
            yield replace(file, beside=tuple(note for note in notes_on(name) if note in beside))
    if waiting:
        named = ", ".join(sorted(waiting)[:_SHOWN])
        logging.getLogger("kinscale").info(f"left for the next run, still being copied by their names: {named}")


def _sorted(files: list[RemoteFile], storage: Any, path: str, pattern: str) -> list[RemoteFile]:
    """Return files in order. Raises SourceMissing when there is none, and SourceRefused when none may be read."""
    if not files:
        raise _missing(storage, path, pattern)
    faults = [file.fault for file in files if file.fault]
    if len(faults) == len(files):
        raise faults[0]
    return sorted(files)


def _marked(file: RemoteFile, exact: bool) -> RemoteFile:
    """Mark a version that its storage does not mark by this moment: nobody can say that it is still the same."""
    if "|" in file.version:
        return replace(file, exact=exact)
    return replace(file, exact=False, version=f"{file.version}|seen {datetime.now(UTC).isoformat()}")


def _remote(storage: Any, path: str, info: Mapping[str, Any]) -> RemoteFile:
    size = int(info.get("size") or 0)
    marks = [_mark(info[key]) for key in _VERSION_KEYS if info.get(key) is not None]
    uri = storage.unstrip_protocol(path)
    return RemoteFile(
        uri,
        _name(without_review(uri) if is_form_server(uri) else path),
        size,
        "|".join([str(size), *marks]),
        modified=next((_time(info[key]) for key in _TIME_KEYS if info.get(key) is not None), None),
    )


def _mark(told: object) -> str:
    """Write a mark the same in every time zone: one storage tells a time in this machine's, and then in UTC."""
    return str(told.astimezone(UTC)) if isinstance(told, datetime) and told.tzinfo else str(told)


def _time(told: object) -> datetime | None:
    """Read a time as storages tell it: seconds since 1970, or a time, of UTC where it names no zone."""
    if isinstance(told, int | float):
        return datetime.fromtimestamp(told, UTC)
    if isinstance(told, datetime):
        return told if told.tzinfo else told.replace(tzinfo=UTC)
    return None


def _is_http(path: str) -> bool:
    return path.startswith(("http://", "https://"))


def _name(path: str) -> str:
    name = posixpath.basename(path.rstrip("/"))
    return unquote(name.partition("?")[0]) if _is_http(path) else name


def _missing(storage: Any, path: str, pattern: str) -> SourceMissing:
    """Build the error for a pattern without a match: where it looked, what is there, what is nearly right."""
    name = _name(path)
    folder = posixpath.dirname(path)
    while any(sign in folder for sign in "*?["):
        folder = posixpath.dirname(folder)
    asked = folder
    there = _inside(storage, folder)
    while there is None and folder not in ("", "/") and folder != posixpath.dirname(folder):
        folder = posixpath.dirname(folder)
        there = _inside(storage, folder)
    names = there or []
    if folder != asked:
        name = posixpath.relpath(asked, folder).split("/")[0]
    near = _near(name, names)
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
    seen = f'the folder "{asked}" is not there' if folder != asked else f'nothing is called "{name}"'
    return SourceMissing(
        f"{seen}; {'its nearest folder' if folder != asked else 'the folder'} holds {shown or 'nothing'}.",
        file=without_secret(str(pattern)),
        expected="at least one file",
        next_step=f'Did you mean "{near[0]}"? Check `path` of this source.' if near else "Check `path` of this source.",
        facts={"folder": folder, "there": names, "near": near},
    )


def _inside(storage: Any, folder: str) -> list[str] | None:
    """Return the names in a folder, or None when it cannot be listed."""
    try:
        entries = storage.ls(folder, detail=False)
    except (FileNotFoundError, NotADirectoryError, SourceMissing):
        return None
    names = sorted(_name(str(entry)) for entry in entries)
    return None if names == [posixpath.basename(folder)] and not storage.isdir(folder) else names


def _near(name: str, there: Sequence[str]) -> list[str]:
    """Return the entries that resemble a name, ignoring case and wildcards."""
    wanted = "".join(sign for sign in name if sign not in "*?[]").casefold()
    folded = {entry.casefold(): entry for entry in there}
    return [folded[entry] for entry in difflib.get_close_matches(wanted, list(folded), n=3, cutoff=0.6)]
