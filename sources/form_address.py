"""Addresses on servers of forms, as texts: which they are, and what they say beside a place. No server is asked."""

from __future__ import annotations

PROTOCOLS = ("kobo", "kobo+http", "odk", "odk+http")
REVIEW = "?review="
"""What follows it is which submissions count, by the state of their review."""


def is_form_server(address: str) -> bool:
    """Tell whether an address is on a server of forms, whose listing says all there is."""
    return address.partition("://")[0] in PROTOCOLS


def without_review(address: str) -> str:
    """Return the place alone: a day keeps its name, and so its rows their load, when other submissions count."""
    return address.partition(REVIEW)[0] if is_form_server(address) else address
