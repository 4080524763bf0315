"""Which storages kinscale speaks with in its own way, beside those that fsspec knows."""

from __future__ import annotations

STORES = {
    "kobo": "sources.kobo.Kobo",
    "kobo+http": "sources.kobo.PlainKobo",
    "odk": "sources.odk_central.OdkCentral",
    "odk+http": "sources.odk_central.PlainOdkCentral",
}
"""Protocol: class, imported when an address of the protocol is met."""


def register() -> None:
    """Make the protocols known to fsspec; a second call changes nothing."""
    from fsspec import register_implementation

    for protocol, place in STORES.items():
        register_implementation(protocol, place)
