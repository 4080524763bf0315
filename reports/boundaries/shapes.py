"""The boundaries a survey declares, `surveys/<id>/boundaries/`, as the maps of the site need them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.read_yaml import read_yaml


@dataclass(frozen=True)
class Boundaries:
    """Regions as GeoJSON features by code, and who is to be named under a map, by language."""

    features: Mapping[str, Mapping[str, Any]]
    attribution: Mapping[str, str]

    def of(self, regions: Collection[str]) -> dict[str, Any]:
        """Return the shapes of some regions as GeoJSON; a region without one is left to the map to name."""
        return {
            "type": "FeatureCollection",
            "features": [self.features[one] for one in regions if one in self.features],
        }

    def named_in(self, language: str) -> str:
        """Say whose boundaries they are; in English where the survey does not say it in that language."""
        return self.attribution.get(language, self.attribution["en"])


def read(survey: Path) -> Boundaries | None:
    """Read the boundaries in a survey's folder; None for a survey without, which has no map."""
    folder = survey / "boundaries"
    if not (folder / "regions.geojson").exists():
        return None
    content = json.loads((folder / "regions.geojson").read_text(encoding="utf-8"))
    features = {feature["properties"]["region"]: feature for feature in content["features"]}
    return Boundaries(features, read_yaml(folder / "sources.yaml")["attribution"])
