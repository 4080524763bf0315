"""Where a Prefect server may listen: on loopback, elsewhere with a password; on a free port; once per data folder."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import ipaddress
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

from flows.prefect_api import Api
from schemas.errors import AddressTaken, ListeningUnsafe

PASSWORD = "PREFECT_SERVER_API_AUTH_STRING"


def addresses(host: str) -> list[str]:
    """Resolve a host to its addresses. Raises ListeningUnsafe when it has none: nobody knows where it would listen."""
    try:
        found = socket.getaddrinfo(host or "0.0.0.0", None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ListeningUnsafe(
            f'"{host}" is no address of this machine ({error}).', expected="127.0.0.1, or a name or address of it"
        ) from error
    return sorted({str(address[4][0]) for address in found})


def check_safe(host: str, settings: Mapping[str, str]) -> None:
    """Refuse an address that others can reach unless the server asks for a password. Raises ListeningUnsafe."""
    reachable = [found for found in addresses(host) if not ipaddress.ip_address(found.partition("%")[0]).is_loopback]
    password = settings.get(PASSWORD, "")
    user, _, secret = password.partition(":")
    if password and not (user and secret):
        raise ListeningUnsafe(f"{PASSWORD} has no user or no password.", expected="user:password")
    if reachable and not password:
        raise ListeningUnsafe(
            f"on {host or 'every address'} ({', '.join(reachable)}) others could reach the server and start runs.",
            expected=f"127.0.0.1, or a password in {PASSWORD}",
            next_step=f"export {PASSWORD}='user:a long password'    Prefect's own commands want the same in "
            "PREFECT_API_AUTH_STRING.",
        )


def client_host(host: str) -> str:
    """Return the address at which this machine reaches a server that listens on `host`."""
    found = addresses(host)
    if host in ("", "0.0.0.0"):
        return "127.0.0.1"
    if found == ["::"]:
        return "[::1]"
    return f"[{host}]" if ":" in host else host


def check_free(host: str, port: int) -> None:
    """Refuse a port on which something listens. Raises AddressTaken, saying whether it is a Prefect server."""
    family, kind, _, _, place = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
        except OSError as error:
            by = ""
            if error.errno == errno.EADDRINUSE:
                prefect = Api(f"http://{client_host(host)}:{port}/api").healthy()
                by = f": {'a Prefect server, not of this data folder,' if prefect else 'another program'} listens there"
            raise AddressTaken(
                f"port {port} of {host} cannot be had ({error.strerror}){by}.",
                next_step="Choose another port: ./kinscale serve --port 4201",
            ) from error


@contextlib.contextmanager
def once(folder: Path, address: str) -> Iterator[None]:
    """Serve a data folder once at a time; the operating system ends the claim with its process.

    Raises AddressTaken, with process and address of the one that serves it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "serve.lock").open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.seek(0)
            raise AddressTaken(
                f"this data folder is served already: {handle.read().strip() or 'by a process that just began'}.",
                file=str(folder),
                next_step="Use that server, or stop it first.",
            ) from error
        handle.truncate(0)
        handle.write(f"process {os.getpid()} at {address}\n")
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)
