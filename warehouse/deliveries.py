"""The history of deliveries as the raw store and the manifests know it: every version of every file, oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from warehouse import raw_store
from warehouse import release as folders
from warehouse.home import Home
from warehouse.raw_files import Origin


def surveys(home: Home) -> list[str]:
    """Name the surveys whose deliveries are in the raw store, or whose releases name any."""
    stored = {str(document["survey"]) for _, document in raw_store.origins(home) if "survey" in document}
    return sorted(stored | set(folders.surveys(home)))


def history(home: Home, survey_id: str) -> list[Origin]:
    """Return what a survey's places brought, in the order in which it came.

    Notes of before surveys were written into them (`first_pulled` tells them) belong to the survey whose manifests
    name the place, or to the only one there is. What only a manifest names is added with the time of its release.
    """
    published = [(r.published_at, item) for r in folders.published(home, survey_id) for item in r.manifest["inputs"]]
    countries = {str(item["uri"]): str(item["country"]) for _, item in published}
    alone = surveys(home) == [survey_id]
    found = [
        _origin(sha256, document, survey_id, countries)
        for sha256, document in raw_store.origins(home)
        if _is_of(document, survey_id, alone or document.get("uri") in countries)
    ]
    noted = {(origin.uri, origin.sha256) for origin in found}
    for at, item in published:
        if (item["uri"], item["sha256"]) not in noted:
            noted.add((item["uri"], item["sha256"]))
            found.append(_origin(item["sha256"], {**item, "pulled_at": at.isoformat()}, survey_id, countries))
    return sorted(found, key=lambda origin: (origin.pulled_at, origin.uri, origin.sha256))


def counted(home: Home, survey_id: str) -> dict[tuple[str, str], list[datetime]]:
    """Return when releases were published that count a version of a file, by address and hash."""
    found: dict[tuple[str, str], list[datetime]] = {}
    for release in folders.published(home, survey_id):
        for item in release.manifest["inputs"]:
            found.setdefault((item["uri"], item["sha256"]), []).append(release.published_at)
    return found


def _is_of(document: dict[str, Any], survey_id: str, is_its_place: bool) -> bool:
    if "survey" in document:
        return bool(document["survey"] == survey_id)
    return "first_pulled" in document and is_its_place


def _origin(sha256: str, document: dict[str, Any], survey_id: str, countries: dict[str, str]) -> Origin:
    uri = str(document["uri"])
    return Origin(
        survey=survey_id,
        uri=uri,
        name=str(document.get("name") or uri.rsplit("/", maxsplit=1)[-1]),
        country=str(document.get("country") or countries.get(uri, "")),
        path=str(document.get("path") or ""),
        version=str(document.get("version") or ""),
        sha256=sha256,
        bytes=int(document["bytes"]),
        pulled_at=datetime.fromisoformat(str(document.get("pulled_at") or document["first_pulled"])),
    )


def nights(history: list[Origin]) -> Iterator[list[Origin]]:
    """Cut a history where a place brings a second version: between the cuts everything can be taken in at once."""
    night: list[Origin] = []
    for origin in history:
        if any(origin.uri == other.uri for other in night):
            yield night
            night = []
        night.append(origin)
    if night:
        yield night
