"""What opens a storage: named values from the environment, never in a file of the project, never shown."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from schemas.errors import DeclarationError

KEYS = (
    "user",
    "password",
    "token",
    "key_id",
    "secret",
    "key_file",
    "passphrase",
    "known_hosts",
    "endpoint",
    "region",
    "query",
    "ca_file",
)
_HIDDEN = ("password", "token", "key_id", "secret", "passphrase", "query")
_SHORT = 6
"""Signs of a secret that is hidden only where it stands by itself: stars inside words would tell its letters."""
ENVIRONMENT = "the environment"


class Credentials(Mapping[str, str]):
    """Values by key (`user`, `password`, ...). Cannot be changed; its repr names the keys only.

    origin: where they were found, for people.
    """

    __slots__ = ("_values", "name", "origin")
    _values: dict[str, str]
    name: str
    origin: str

    def __init__(self, name: str, values: Mapping[str, str], origin: str) -> None:
        """Keep a copy of the values."""
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "origin", origin)
        object.__setattr__(self, "_values", dict(values))

    def __setattr__(self, name: str, _: object) -> None:
        """Refuse every change."""
        raise AttributeError(f"{name} cannot be changed")

    def __getitem__(self, key: str) -> str:
        """Return a value."""
        return str(self._values[key])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys."""
        return iter(self._values)

    def __len__(self) -> int:
        """Count the keys."""
        return len(self._values)

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        """Name the keys, and no value."""
        return f"Credentials({self.name!r}: {', '.join(self)})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Refuse to be written anywhere."""
        raise TypeError("credentials are not written down")

    def hide(self, text: str) -> str:
        """Return a text in which stars stand for the values that must stay secret, however they are written."""
        for value in sorted(self._spellings(), key=len, reverse=True):
            if len(value) < _SHORT:
                text = re.sub(rf"(?<![^\W_]){re.escape(value)}(?![^\W_])", "***", text)
            else:
                text = text.replace(value, "***")
        return text

    def _spellings(self) -> set[str]:
        secrets = {self._values[key] for key in _HIDDEN if self._values.get(key)}
        plain = f"{self._values.get('user', '')}:{self._values.get('password', '')}"
        login = {base64.b64encode(plain.encode()).decode()} if "password" in self._values else set()
        return secrets | login | {quote(s, safe="") for s in secrets} | {quote_plus(s) for s in secrets}


def variable(name: str, key: str = "") -> str:
    """Return the name of the environment variable that holds a key, or what all those of a name begin with."""
    return f"KINSCALE_CREDENTIALS_{name.upper().replace('-', '_')}_{key.upper()}"


def from_environment(name: str) -> Credentials | None:
    """Return what `KINSCALE_CREDENTIALS_<NAME>_<KEY>` hold, or None when none of them is set."""
    found = {key: os.environ[variable(name, key)] for key in KEYS if os.environ.get(variable(name, key))}
    return Credentials(name, found, ENVIRONMENT) if found else None


def from_record(name: str, record: object, origin: str) -> Credentials:
    """Take credentials from an object, or from its JSON text. Raises DeclarationError, which shows no value."""
    if isinstance(record, str):
        try:
            record = json.loads(record)
        except ValueError:
            record = None
    expected = "an object with some of the keys " + ", ".join(key.upper() for key in KEYS)
    if not isinstance(record, Mapping):
        raise DeclarationError(f'credentials "{name}" in {origin} are no object.', expected=expected)
    values = {str(key).lower(): str(value) for key, value in record.items() if value not in (None, "")}
    unknown = sorted(set(values) - set(KEYS))
    if unknown:
        named = ", ".join(key.upper() for key in unknown)
        raise DeclarationError(
            f'credentials "{name}" in {origin} have a key that nothing uses: {named}.', expected=expected
        )
    return Credentials(name, values, origin)
