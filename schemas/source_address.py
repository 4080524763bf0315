"""The address of a source as a text: whether it holds what must not be written down. No storage is asked."""

from __future__ import annotations

import re
from urllib.parse import unquote

_SIGNED = re.compile(
    r"(?i)(token|secret|password|passwd|passphrase|signature|apikey)$|^(code|jwt)$"
    r"|(^|[-_.])(sig|pass|pwd|credential|credentials|auth|authorization|key)$"
)
"""Names of values that stand for a right to read; `X-Amz-Signature`, `sig`, `accessToken`, `api_key`."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAMED = re.compile(r"([?&;#])([^=&;#?/]{1,200})=")
"""A named value: of a query, of a part of the path, or behind a hash sign."""
_WITHOUT_USER = ("http", "https", "kobo", "kobo+http", "odk", "odk+http", "s3", "webdav", "webdav+http")
"""Where nobody names a user in an address: what stands there is a token, or a key."""


def is_remote(address: str) -> bool:
    """Tell whether an address names another machine's storage."""
    return "://" in address and not address.startswith("file://")


def secret_in(address: str) -> str | None:
    """Name the part of an address that gives a right to read, or None: `a password` or `the query key "sig"`."""
    if "://" not in address:
        return None
    if login := _login(address):
        return login[0]
    rest = address.partition("://")[2]
    found = next((found for found in _NAMED.finditer(rest) if _is_signed(found[2])), None)
    if found is None:
        return None
    return f'the {"query " if found[1] in "?&" else ""}key "{unquote(found[2])}"'


def without_secret(address: str) -> str:
    """Return an address with stars for its login, its query, and all from a value on that must not be shown."""
    scheme, mark, rest = address.partition("://")
    login = _login(address)
    shown = f"***{rest[login[1] :]}" if login else rest
    ends = [found.start() for found in _NAMED.finditer(shown) if _is_signed(found[2])]
    ends += [at] if (at := shown.find("?")) >= 0 else []
    if ends:
        shown = shown[: min(ends) + 1] + "***"
    return f"{scheme}{mark}{shown}"


def _is_signed(name: str) -> bool:
    return bool(_SIGNED.search(_HUMP.sub("_", unquote(name))))


def _login(address: str) -> tuple[str, int] | None:
    """Name what stands before the host and must not, and say where it ends behind `://`; a password may hold slashes.

    A port is a number: where letters stand in its place and an @ follows, they begin a password.
    """
    scheme, _, rest = address.partition("://")
    authority = rest.partition("/")[0]
    user, at, _ = authority.rpartition("@")
    if at and ":" in user:
        return "a password", rest.rindex("@")
    if at:
        return ("a login", len(user)) if scheme.lower() in _WITHOUT_USER else None
    port = authority.rpartition(":")[2] if ":" in authority and not authority.endswith("]") else ""
    if port and not port.isdigit() and "@" in rest:
        return "a password", rest.rindex("@")
    return None
