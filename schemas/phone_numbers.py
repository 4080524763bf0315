"""Telephone numbers: one written form for all the ways in which people write them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schemas.read_yaml import read_yaml

_ABROAD = ("00", "810")
"""What is dialled before an international number."""


@dataclass(frozen=True)
class Plan:
    """The numbers of one country."""

    code: str
    digits: int
    trunk: tuple[str, ...]

    def international(self, digits: str) -> bool:
        """Tell whether digits are an international number of this country."""
        return digits.startswith(self.code) and len(digits) == len(self.code) + self.digits

    def national(self, digits: str) -> str | None:
        """Return the international form of a number as it is dialled inside the country, or None."""
        if len(digits) == self.digits:
            return self.code + digits
        for first in self.trunk:
            if digits.startswith(first) and len(digits) == len(first) + self.digits:
                return self.code + digits[len(first) :]
        return None


@cache
def plans() -> dict[str, Plan]:
    """Return the plan of each country of phone_numbers.yaml."""
    content = read_yaml(Path(__file__).with_name("phone_numbers.yaml"))
    return {country: Plan(plan["code"], plan["digits"], tuple(plan["trunk"])) for country, plan in content.items()}


def digits_of(text: str) -> str:
    """Return the digits of a text, in whichever script they are, as 0 to 9."""
    return "".join(str(int(char)) for char in text if char.isdecimal())


def international(text: str, country: str) -> str:
    """Write a number with its country's code and nothing but digits; other digits, or none, are returned as they are.

    country: whose numbers are meant when a text names no code.
    """
    digits = digits_of(text)
    for prefix in ("", *_ABROAD):
        rest = digits.removeprefix(prefix)
        if digits.startswith(prefix) and any(plan.international(rest) for plan in plans().values()):
            return rest
    own = plans().get(country)
    return (own.national(digits) if own else None) or digits
