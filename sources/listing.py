"""Which files a declared pattern names and whether they changed, on any storage fsspec knows."""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from schemas.errors import DeclarationError, KinscaleError, SourceMissing, SourceRefused, SourceUnreachable
from sources import protocols
from sources.form_address import without_review

_MAGIC = "*?["
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


@dataclass(frozen=True, order=True)
class RemoteFile:
    """A file as a listing shows it. version: equal while the file is unchanged; costs no read of it."""

    uri: str
    name: str
    bytes: int
    version: str


def list_files(pattern: str) -> list[RemoteFile]:
    """List the files a path, glob or URL names, sorted; lock files of office programs are left out.

    Raises SourceMissing (with the near misses), SourceRefused, SourceUnreachable or DeclarationError.
    """
    with _own_errors(pattern):
        storage, path = _storage(pattern)
        if storage.isfile(path):  # a name may hold brackets of its own
            found = {path: storage.info(path)}
        elif any(sign in path for sign in _MAGIC):
            found = storage.glob(path, detail=True)
        else:
            found = {}
        files = [
            _remote(storage, place, info)
            for place, info in found.items()
            if info["type"] == "file" and not _is_passing(posixpath.basename(place))
        ]
        if not files:
            raise _missing(storage, path)
        return sorted(files)


def open_stream(uri: str) -> BinaryIO:
    """Open one file for reading bytes; close it. Raises SourceMissing, SourceRefused or SourceUnreachable."""
    with _own_errors(uri):
        storage, path = _storage(uri)
        stream: BinaryIO = storage.open(path, "rb")
        return stream


def read_blocks(uri: str, size: int = 1 << 20) -> Iterator[bytes]:
    """Yield the bytes of one file block by block; errors of the storage become ours, others pass.

    Raises SourceMissing, SourceRefused or SourceUnreachable.
    """
    with open_stream(uri) as stream:
        while True:
            with _own_errors(uri):
                block = stream.read(size)
            if not block:
                return
            yield block


def _storage(pattern: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    protocols.register()
    try:
        storage, path = url_to_fs(str(pattern))
    except (ValueError, ImportError) as error:
        raise DeclarationError(
            f'the address "{pattern}" cannot be opened: {error}',
            expected="a path, a glob, or a URL of a storage whose package is installed",
            next_step="Correct `path` of this source, or install the package that the message names.",
        ) from error
    storage.invalidate_cache()
    return storage, path


def _remote(storage: Any, path: str, info: Mapping[str, Any]) -> RemoteFile:
    size = int(info.get("size") or 0)
    marks = [str(info[key]) for key in _VERSION_KEYS if info.get(key) is not None]
    uri = storage.unstrip_protocol(path)
    name = posixpath.basename(without_review(uri))
    return RemoteFile(uri, name, size, "|".join([str(size), *marks]))


def _is_passing(name: str) -> bool:
    """Return whether a name belongs to a file that is only there while another is open or being copied."""
    return name.startswith(("~$", "."))


def _missing(storage: Any, path: str) -> SourceMissing:
    """Build the error for a pattern without a match: where it looked, what is there, what is nearly right."""
    name = posixpath.basename(path)
    folder = posixpath.dirname(path)
    while any(sign in folder for sign in _MAGIC):
        folder = posixpath.dirname(folder)
    asked = folder
    while folder and folder != posixpath.dirname(folder) and not storage.isdir(folder):
        folder = posixpath.dirname(folder)
    there = sorted(posixpath.basename(entry.rstrip("/")) for entry in storage.ls(folder, detail=False))
    if folder != asked:
        name = posixpath.relpath(asked, folder).split("/")[0]
    near = _near(name, there)
    shown = ", ".join(there[:_SHOWN]) + (f" and {len(there) - _SHOWN:,} more" if len(there) > _SHOWN else "")
    seen = f'the folder "{asked}" is not there' if folder != asked else f'nothing is called "{name}"'
    return SourceMissing(
        f"{seen}; {'its nearest folder' if folder != asked else 'the folder'} holds {shown or 'nothing'}.",
        file=path,
        expected="at least one file",
        next_step=f'Did you mean "{near[0]}"? Check `path` of this source.' if near else "Check `path` of this source.",
        facts={"folder": folder, "there": there, "near": near},
    )


def _near(name: str, there: list[str]) -> list[str]:
    """Return the entries that resemble a name, ignoring case and wildcards."""
    wanted = "".join(sign for sign in name if sign not in "*?[]").casefold()
    folded = {entry.casefold(): entry for entry in there}
    return [folded[entry] for entry in difflib.get_close_matches(wanted, list(folded), n=3, cutoff=0.6)]


@contextmanager
def _own_errors(address: str) -> Iterator[None]:
    """Turn errors of the storage into ours, the cause kept."""
    try:
        yield
    except KinscaleError:
        raise
    except FileNotFoundError as error:
        raise SourceMissing("the file is not there.", file=address, next_step="Check `path` of this source.") from error
    except PermissionError as error:
        raise SourceRefused(
            f"it may not be read: {error}",
            file=address,
            next_step="Check the rights of the account that runs the night.",
        ) from error
    except OSError as error:
        raise SourceUnreachable(
            f"the storage did not answer: {error}", file=address, next_step="Try again; nothing was changed."
        ) from error
