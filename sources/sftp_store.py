"""Files on an SFTP server whose host key is known. A key that nobody has vouched for is refused, and never learnt."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import stat
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem
from paramiko.hostkeys import HostKeyEntry, HostKeys, InvalidHostKey

from schemas.errors import SourceRefused
from sources import sftp_names
from sources.placed_stream import PlacedStream

CONNECT_SECONDS, SILENT_SECONDS = 30.0, 60.0
_PIECE, _WINDOW = 32 << 10, 4 << 20
"""Bytes of one request, as every server grants them, and of those that are under way together."""
_FIELDS, _SHOWN = 3, 60
"""Of a line of known hosts: its least parts, and how much of it a message shows."""
_STILL_ASKING = -1
"""Stands for a request, whose numbers are never negative, until the last one is out."""


class SftpStore(SFTPFileSystem):
    """SFTP by password or key file. known_hosts: a file, or its lines; `~/.ssh/known_hosts` when nothing is said."""

    protocol = ("sftp",)

    def __init__(
        self,
        host: str,
        port: int = 22,
        username: str | None = None,
        user: str | None = None,
        password: str | None = None,
        key_file: str | None = None,
        passphrase: str | None = None,
        known_hosts: str | None = None,
    ) -> None:
        """Connect. username: from the address, where the credentials name no user. Raises SourceRefused."""
        if self._cached:
            return
        self._site = f"{username}@" * bool(username) + host + f":{port}" * (port != 22)
        self._known_hosts = known_hosts
        logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # its errors are raised as well
        super().__init__(
            host,
            port=port,
            username=user or username,
            password=password,
            key_filename=str(Path(key_file).expanduser()) if key_file else None,
            passphrase=passphrase,
            allow_agent=not (password or key_file),
            look_for_keys=not (password or key_file),
            timeout=CONNECT_SECONDS,
            banner_timeout=CONNECT_SECONDS,
            auth_timeout=CONNECT_SECONDS,
        )

    def __repr__(self) -> str:
        """Name the kind alone: no credentials."""
        return "<SftpStore>"

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        weakref.finalize(self, self.client.close)
        self.client.set_missing_host_key_policy(_Refuse(_trust(self.client, self._known_hosts)))
        with self._refusals():
            try:
                self.client.connect(self.host, **self.ssh_kwargs)
            except (OSError, paramiko.SSHException):
                _check_key(self.ssh_kwargs["key_filename"], self.ssh_kwargs["passphrase"])
                raise
            self.ftp = self.client.open_sftp()
            self.ftp.get_channel().settimeout(SILENT_SECONDS)

    @staticmethod
    def _get_kwargs_from_urls(urlpath: str) -> dict[str, Any]:
        authority = urlpath.partition("://")[2].partition("/")[0]
        login, _, place = authority.rpartition("@")
        host, _, port = place.rpartition(":") if place.rpartition(":")[2].isdigit() else (place, "", "22")
        return {"host": host.strip("[]"), "port": int(port)} | ({"username": login} if login else {})

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.partition("://")[2].partition("/")[2] if "://" in path else path

    def unstrip_protocol(self, name: str) -> str:
        """Return the address of a place, with its host."""
        return f"sftp://{self._site}{name}"

    def ls(self, path: str, detail: bool = False) -> Any:
        """List a folder; sizes and times come with the names."""
        with self._refusals():
            folder = self._strip_protocol(path)
            found = [self._decode_stat(about, folder) for about in sftp_names.listed(self.ftp, folder)]
        return found if detail else sorted(about["name"] for about in found)

    def info(self, path: str) -> dict[str, Any]:
        """Describe a file, or what a link leads to; `islink` tells them apart."""
        with self._refusals():
            place = self._strip_protocol(path)
            name = sftp_names.as_bytes(place)
            about = self._decode_stat(self.ftp.stat(name))
            return {**about, "name": place, "islink": stat.S_ISLNK(self.ftp.lstat(name).st_mode or 0)}

    def real_path(self, path: str) -> str:
        """Return where a path leads when all its links are followed."""
        with self._refusals():
            return sftp_names.real_path(self.ftp, path)

    def _open(self, path: str, *_: Any, **__: Any) -> io.BufferedReader:
        with self._refusals():
            name = sftp_names.as_bytes(path)
            if not stat.S_ISREG(self.ftp.stat(name).st_mode or 0):
                raise PermissionError(f"{path} is no file")  # a pipe would never end
            return io.BufferedReader(SftpStream(self.ftp.open(name, "rb"), self._refusals), _WINDOW)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Connect again if the connection has gone, and give paramiko's errors the names that files have."""
        transport = self.client.get_transport()
        if hasattr(self, "ftp") and (transport is None or not transport.is_active()):
            del self.ftp
            self._connect()
        try:
            yield
        except paramiko.BadHostKeyException as error:
            raise _changed(self.host, error) from None
        except (paramiko.AuthenticationException, paramiko.PasswordRequiredException) as error:
            raise PermissionError(f"the server does not let this account in ({type(error).__name__})") from None
        except (FileNotFoundError, PermissionError):
            raise
        except OSError:
            self.client.close()  # a connection that failed is not used again
            raise
        except (paramiko.SSHException, EOFError) as error:
            self.client.close()
            raise ConnectionError(f"the connection broke ({type(error).__name__}: {error})") from error


class SftpStream(PlacedStream):
    """One file, asked for in many pieces at once, of which no more than a window is held."""

    def __init__(self, remote: Any, refusals: Any) -> None:
        """Begin at its first byte. remote: paramiko's file; refusals: what names its errors."""
        super().__init__()
        self._remote, self._refusals = remote, refusals
        remote._prefetch_thread = partial(_asked, remote, remote._prefetch_thread)
        self._size = int(remote.stat().st_size or 0)

    def readinto(self, target: Any) -> int:
        """Fill a buffer, or what the file still has of it."""
        end = min(self._at + min(len(target), _WINDOW), self._size)
        pieces = [(at, min(_PIECE, end - at)) for at in range(self._at, end, _PIECE)]
        begin = self._at
        with self._refusals():
            for (at, size), piece in zip(pieces, self._remote.readv(pieces), strict=True):
                if len(piece) != size:
                    raise ConnectionError(f"byte {at + len(piece)} did not come")
                target[at - begin : at - begin + size] = piece
        self._at = max(begin, end)
        return self._at - begin

    def close(self) -> None:
        """Close the file on the server."""
        if not self.closed:
            self._remote.close()
        super().close()


def _asked(remote: Any, ask: Callable[..., None], *pieces: Any) -> None:
    """Ask for pieces in a thread of paramiko's; where the connection breaks, whoever waits for them raises that."""
    under_way = remote._prefetch_extents
    with remote._prefetch_lock:
        # paramiko holds that all has come when nothing is under way. That is so as well when the first piece came
        # before the second was asked for, and then it would fetch each piece a second time, one by one.
        under_way[_STILL_ASKING] = (0, 0)
    with suppress(OSError, EOFError, paramiko.SSHException):
        ask(*pieces)
    with remote._prefetch_lock:
        del under_way[_STILL_ASKING]
        remote._prefetch_done = not under_way


class _Refuse(paramiko.MissingHostKeyPolicy):
    """Refuses a server whose key is not known, and says which line would make it known."""

    def __init__(self, unread: Sequence[str]) -> None:
        """unread: lines of known hosts that could not be read: the key may be meant by one of them."""
        self._unread = f" Of the known hosts, {_counted(unread)} cannot be read." if unread else ""

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        raise SourceRefused(
            f"nobody has vouched for the key of {hostname}: {_fingerprint(key)}.{self._unread}",
            file=f"sftp://{hostname}",
            expected="a host key that is known before the first connection",
            next_step="Ask who runs the server whether this is its fingerprint. If it is, add the line to "
            f"~/.ssh/known_hosts or to KNOWN_HOSTS of the credentials:\n{_line(hostname, key)}",
            facts={"fingerprint": _fingerprint(key), "line": _line(hostname, key)},
        )


def _changed(host: str, error: paramiko.BadHostKeyException) -> SourceRefused:
    return SourceRefused(
        f"{host} shows another key ({_fingerprint(error.key)}) than the one that is known "
        f"({_fingerprint(error.expected_key)}).",
        file=f"sftp://{host}",
        expected="the key that was vouched for",
        next_step="Ask who runs the server. If its key was renewed, replace the old line in known_hosts; "
        "if nobody knows of it, somebody else may be answering.",
        facts={"fingerprint": _fingerprint(error.key)},
    )


def _fingerprint(key: paramiko.PKey) -> str:
    """Write a key's fingerprint as OpenSSH does."""
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    return f"{key.get_name()} SHA256:{digest}"


def _line(hostname: str, key: paramiko.PKey) -> str:
    return f"{hostname} {key.get_name()} {key.get_base64()}"


def _trust(client: paramiko.SSHClient, known_hosts: str | None) -> list[str]:
    """Tell a client which host keys are known, and return the lines that cannot be read: `line 3 ("h ssh-rsa")`.

    Raises SourceRefused for a file that is not there.
    """
    lines = (known_hosts or "").strip()
    if " " in lines and not Path(lines).expanduser().is_file():
        return _known(client.get_host_keys(), lines)
    path = Path(lines or "~/.ssh/known_hosts").expanduser()
    if path.is_file():
        return _known(client.get_host_keys(), path.read_text(encoding="utf-8", errors="replace"))
    if lines:
        raise SourceRefused(
            "the file of known host keys is not there.",
            file=str(path),
            next_step="Correct KNOWN_HOSTS of the credentials.",
        )
    return []


def _known(keys: HostKeys, text: str) -> list[str]:
    """Take the keys in, and return the lines that hold none; kinds of keys that are not known here count as read."""
    unread = []
    for number, line in enumerate((line.strip() for line in text.splitlines()), start=1):
        if not line or line.startswith("#"):
            continue
        try:
            entry = HostKeyEntry.from_line(line)
        except (InvalidHostKey, paramiko.SSHException, ValueError):
            unread.append(f'line {number} ("{line[:_SHOWN]}")')
            continue
        if entry is None and len(line.split()) < _FIELDS:
            unread.append(f'line {number} ("{line[:_SHOWN]}")')
        if entry is not None and entry.key is not None:
            for name in entry.hostnames or ():
                keys.add(name, entry.key.get_name(), entry.key)
    return unread


def _counted(lines: Sequence[str]) -> str:
    return ", ".join(lines[:3]) + (f" and {len(lines) - 3:,} more" if len(lines) > 3 else "")


def _check_key(path: str | None, passphrase: str | None) -> None:
    """Raise SourceRefused for a key file that cannot be used: paramiko calls that a connection that failed."""
    if path is None:
        return
    for kind in (paramiko.RSAKey, paramiko.ECDSAKey, paramiko.Ed25519Key):
        with suppress(paramiko.SSHException, OSError, ValueError, TypeError, IndexError):
            kind.from_private_key_file(path, passphrase)
            return
    raise SourceRefused(
        "KEY_FILE of the credentials is no private key, or PASSPHRASE does not open it.",
        file=path,
        expected="a key of OpenSSH: RSA, ECDSA or Ed25519",
        next_step="Correct KEY_FILE or PASSPHRASE of this source's credentials; `ssh-keygen -y -f` tells whether a "
        "file is a key, and `puttygen -O private-openssh` turns one of PuTTY's into one.",
    )
