"""Keyed pseudonyms: HMAC-SHA-256 with a key that never lies beside the data, one key for each survey and column.

Who has no key cannot tell whether a pseudonym is of a name, even by trying all names there are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from schemas import phone_numbers
from schemas.personal import Normalise, PersonalColumn

KEY_BYTES = 32
LETTERS = 16
"""Of a pseudonym, five bits each. Of n persons some two share one with probability n * n / 2**81: 4 in 10**13 for a
million, 2 in 10**10 for twenty million."""
_KEY = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class PseudonymKey:
    """The master key. It has no readable form: neither `repr` nor an error shows it."""

    secret: bytes = field(repr=False)

    @classmethod
    def read(cls, text: str) -> PseudonymKey:
        """Read a key as `new_key` writes it. Raises ValueError, which does not repeat the text."""
        if not _KEY.fullmatch(text.strip()):
            raise ValueError("64 digits from 0 to 9 and a to f are needed")
        return cls(bytes.fromhex(text.strip()))

    @property
    def text(self) -> str:
        """Write the key as `read` takes it; for the environment of a child process, never for a file or a message."""
        return self.secret.hex()

    @property
    def fingerprint(self) -> str:
        """Name the key without telling it, 16 hexadecimal digits."""
        return _mac(self.secret, ["fingerprint"]).hex()[:16]

    def replacing(
        self, survey_id: str, column: str, declared: PersonalColumn, country: str = ""
    ) -> Callable[[str], str]:
        """Return the function from the text of a cell to its pseudonym.

        column: what the column is called in every delivery.  country: whose telephone numbers are meant.
        """
        scope = ["domain", declared.domain] if declared.domain else ["column", survey_id, column]
        own = _mac(self.secret, scope)

        def pseudonym(text: str) -> str:
            digest = hmac.digest(own, normalised(text, declared.normalise, country).encode(), hashlib.sha256)
            return base64.b32encode(digest)[:LETTERS].decode()

        return pseudonym


def new_key() -> str:
    """Make a key, as text."""
    return secrets.token_hex(KEY_BYTES)


def normalised(text: str, how: Normalise, country: str = "") -> str:
    """Write two texts of one person alike, as declared; a text without digits is never made an empty one."""
    if how == "exact":
        return text
    if how != "text":
        digits = phone_numbers.international(text, country) if how == "phone" else phone_numbers.digits_of(text)
        if digits:
            return digits
    return folded(text)


def folded(text: str) -> str:
    """Fold a text as names of regions are; most questionnaire numbers are ASCII, of which less can differ."""
    if text.isascii():
        return " ".join(text.lower().replace("`", "'").split())
    from schemas.region_names import fold

    return fold(text)


def _mac(key: bytes, scope: list[str]) -> bytes:
    """Derive a key; JSON keeps the parts of a scope apart."""
    return hmac.digest(key, json.dumps(["kinscale pseudonyms 1", *scope]).encode(), hashlib.sha256)
