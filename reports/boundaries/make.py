"""Make a survey's `boundaries/regions.geojson` from the TopoJSON files that its `boundaries/sources.yaml` names.

    python -m reports.boundaries.make central_asia_2009 --from FOLDER

Done once per division of a country: what it writes is kept with the survey, and no run needs the package again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reports.boundaries.topology import Ring, arcs, dissolved, signed_area, simplified
from schemas.declaration import surveys_folder
from schemas.errors import DeclarationError
from schemas.read_yaml import read_yaml

PLACES = 3
"""Decimals of a degree: 0.001 is about 100 metres."""
SHARE = 400
"""A triangle of a city keeps its place if it is at least this part of the city."""


def make(sources: Mapping[str, Any], folder: Path) -> str:
    """Return the regions as GeoJSON (RFC 7946), one feature a line, in the order of their codes.

    Raises DeclarationError for a file that is not the declared one, and for a feature that nobody assigned.
    """
    features = [
        feature
        for name, declared in sources["files"].items()
        for feature in _features(_topology(folder / name, declared["sha256"]), declared, sources)
    ]
    features += [_feature(region, "Point", place) for region, place in sources["points"].items()]
    lines = [
        json.dumps(one, separators=(",", ":")) for one in sorted(features, key=lambda one: one["properties"]["region"])
    ]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def _topology(path: Path, sha256: str) -> Mapping[str, Any]:
    content = path.read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != sha256:
        raise DeclarationError(f"its SHA-256 is {found}", file=str(path), expected=sha256)
    topology: Mapping[str, Any] = json.loads(content)
    return topology


def _features(
    topology: Mapping[str, Any], declared: Mapping[str, Any], sources: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the regions of one file: features put together, small parts and declared holes left out."""
    lines = [simplified(line, _detail(line, sources["smallest_triangle_km2"])) for line in arcs(topology)]
    members: dict[str, list[Mapping[str, Any]]] = {}
    (layer,) = topology["objects"].values()
    for geometry in layer["geometries"]:
        name = geometry["properties"]["name"] or ""
        if name in declared.get("left_out", {}):
            continue
        if name not in declared["regions"]:
            raise DeclarationError(f'nobody assigned the feature "{name}" to a region', file="boundaries/sources.yaml")
        members.setdefault(declared["regions"][name], []).append(geometry)
    for region, geometries in members.items():
        parts = dissolved(geometries, lines)
        holes = region not in declared.get("without_holes", [])
        large = [part for part in parts if signed_area(part[0]) >= sources["smallest_part_km2"]] or parts[:1]
        kept = [_rounded(part, sources["smallest_part_km2"] if holes else None) for part in large]
        yield _feature(region, "Polygon", kept[0]) if len(kept) == 1 else _feature(region, "MultiPolygon", kept)


def _detail(line: Ring, smallest: float) -> float:
    """Return the smallest triangle kept: of a line that is a whole region or island, a share of its own size."""
    return min(smallest, abs(signed_area(line)) / SHARE) if line[0] == line[-1] else smallest


def _rounded(polygon: list[Ring], smallest_hole: float | None) -> list[Ring]:
    """Round the points; leave out holes smaller than so many square kilometres, or every hole."""
    outer, *holes = polygon
    kept = [] if smallest_hole is None else [hole for hole in holes if -signed_area(hole) >= smallest_hole]
    return [[(round(x, PLACES), round(y, PLACES)) for x, y in ring] for ring in (outer, *kept)]


def _feature(region: str, kind: str, coordinates: object) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"region": region},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def main() -> None:
    """Write the file."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("survey", help="the survey whose boundaries/sources.yaml is read")
    asked.add_argument("--from", dest="folder", type=Path, required=True, help="folder with the TopoJSON files")
    given = asked.parse_args()
    boundaries = surveys_folder() / given.survey / "boundaries"
    text = make(read_yaml(boundaries / "sources.yaml"), given.folder)
    (boundaries / "regions.geojson").write_text(text, encoding="utf-8")
    regions = len(json.loads(text)["features"])
    print(f"{boundaries / 'regions.geojson'}: {regions} regions, {len(text.encode()):,} bytes")  # noqa: T201  a command


if __name__ == "__main__":
    main()
