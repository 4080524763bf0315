"""What an SFTP server calls its files: bytes, of which those that are no UTF-8 are kept as Python keeps them on disks.

paramiko's own listing gives a whole folder up at the first such name. Source: PEP 383; draft-ietf-secsh-filexfer-02,
section 6.7 (reading a folder) and 6.11 (real paths).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import paramiko
from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR, CMD_REALPATH

_UNDER_WAY = 50
"""Requests that are sent before the first answer is read; each brings about a hundred names."""


def as_bytes(path: str) -> bytes:
    """Return a place as the server knows it."""
    return path.encode("utf-8", "surrogateescape")


def listed(ftp: paramiko.SFTPClient, folder: str) -> Iterator[paramiko.SFTPAttributes]:
    """Yield what a folder holds, names and attributes. Raises OSError and paramiko's errors."""
    kind, answer = ftp._request(CMD_OPENDIR, ftp._adjust_cwd(as_bytes(folder)))
    _expect(kind, CMD_HANDLE)
    handle = answer.get_string()
    with suppress(EOFError):  # the end of the folder
        while True:
            asked = [ftp._async_request(type(None), CMD_READDIR, handle) for _ in range(_UNDER_WAY)]
            for number in asked:
                kind, answer = ftp._read_response(number)
                _expect(kind, CMD_NAME)
                for _ in range(answer.get_int()):
                    name, long = _name(answer), _name(answer)
                    found = paramiko.SFTPAttributes._from_msg(answer, name, long)
                    if name not in (".", ".."):
                        yield found
    ftp._request(CMD_CLOSE, handle)


def real_path(ftp: paramiko.SFTPClient, path: str) -> str:
    """Return where a path leads when all its links are followed."""
    kind, answer = ftp._request(CMD_REALPATH, ftp._adjust_cwd(as_bytes(path)))
    _expect(kind, CMD_NAME)
    answer.get_int()
    return _name(answer)


def _name(answer: paramiko.Message) -> str:
    return answer.get_string().decode("utf-8", "surrogateescape")


def _expect(kind: int, wanted: int) -> None:
    if kind != wanted:
        raise paramiko.SFTPError(f"the server answered with {kind}, not with {wanted}")
