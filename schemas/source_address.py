"""The address of a source as a text: whether it holds what must not be written down. No storage is asked."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

_SIGNED = re.compile(
    r"(?i)(^|[-_.])(sig|signature|token|secret|password|passwd|pwd|credential|credentials|apikey|auth|authorization|key)$"
)
"""Names in a query that stand for a right to read; `X-Amz-Signature`, `sig`, `access_token`, `api_key`."""


def is_remote(address: str) -> bool:
    """Tell whether an address names another machine's storage."""
    return "://" in address and not address.startswith("file://")


def secret_in(address: str) -> str | None:
    """Name the part of an address that gives a right to read, or None: `a password` or `the query key "sig"`."""
    if "://" not in address:
        return None
    authority = address.partition("://")[2].partition("/")[0]
    login, at, _ = authority.rpartition("@")
    if at and ":" in login:
        return "a password"
    try:
        query = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    except ValueError:  # no address at all; whoever opens it says so
        return None
    return next((f'the query key "{name}"' for name, _ in query if _SIGNED.search(name)), None)


def without_secret(address: str) -> str:
    """Return an address with stars for its login and its query."""
    scheme, mark, rest = address.partition("://")
    authority, slash, path = rest.partition("/")
    login, at, host = authority.rpartition("@")
    shown = f"***@{host}" if at and ":" in login else authority
    place, question, _ = path.partition("?")
    return f"{scheme}{mark}{shown}{slash}{place}" + ("?***" if question else "")
