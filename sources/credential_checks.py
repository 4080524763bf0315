"""Credentials that no storage can use: said by their key before anything is asked, for another try cannot help."""

from __future__ import annotations

import re
import ssl
from functools import lru_cache
from pathlib import Path

from schemas.errors import SourceRefused
from sources.credentials import Credentials

_FILES = ("ca_file", "key_file")
_IN_A_HEADER = ("token", "key_id")
_VISIBLE = re.compile(r"([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?")
_PAIRS = (("key_id", "secret"), ("secret", "key_id"))


def check(credentials: Credentials, address: str) -> None:
    """Raise SourceRefused for what is missing, is no file, or cannot be sent. address: as it may be shown."""
    for key in _FILES:
        if key in credentials and (fault := _of_file(key, credentials[key])):
            raise refused(key, f"names {credentials[key]}, which {fault}", credentials.name, address)
    for key in _IN_A_HEADER:
        if not _VISIBLE.fullmatch(credentials.get(key, "")):
            fault = "has a sign that cannot be sent: a line end, a space at an end, or a letter outside ASCII"
            raise refused(key, fault, credentials.name, address)
    endpoint = credentials.get("endpoint", "https://")
    if not endpoint.startswith(("http://", "https://")):
        raise refused("endpoint", "begins with neither https:// nor http://", credentials.name, address)
    for key, other in _PAIRS:
        if key in credentials and other not in credentials:
            raise refused(other, f"is not set, and {key.upper()} is", credentials.name, address)


def refused(key: str, fault: str, name: str, address: str) -> SourceRefused:
    """Return the error for one value of credentials, by its key; the value is not shown."""
    return SourceRefused(
        f'{key.upper()} of the credentials "{name}" {fault}.',
        file=address,
        next_step=f"Correct {key.upper()} where the credentials are set; docs/surveys.md lists the keys.",
        facts={"credentials": name, "key": key},
    )


def _of_file(key: str, path: str) -> str | None:
    """Say what is wrong with a file that credentials name, or None."""
    try:
        place = Path(path).expanduser() if key == "key_file" else Path(path)  # as the storages take them
        about = place.stat()
        with place.open("rb") as file:
            file.read(1)
    except FileNotFoundError:
        return "is not there"
    except (OSError, ValueError, RuntimeError) as error:
        return f"cannot be read ({getattr(error, 'strerror', None) or error})"
    if key == "ca_file" and not _holds_certificates(str(place), about.st_mtime_ns, about.st_size):
        return "holds no certificates in PEM"
    return None


@lru_cache
def _holds_certificates(path: str, *_: int) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (OSError, ValueError):
        return False
    return True
