"""Polygons out of TopoJSON: arcs decoded and simplified once, regions dissolved from the features they are made of.

Arcs are simplified before rings are put together, so that neighbours of one file keep their common border. Points are
(longitude, latitude) in degrees. TopoJSON: https://github.com/topojson/topojson-specification, version 1.0.0.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

Point = tuple[float, float]
Ring = list[Point]


def arcs(topology: Mapping[str, Any]) -> list[Ring]:
    """Return the arcs of a quantised topology as lines of points in degrees."""
    (scale_x, scale_y), (from_x, from_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    lines = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            line.append((x * scale_x + from_x, y * scale_y + from_y))
        lines.append(line)
    return lines


def simplified(line: Ring, smallest: float) -> Ring:
    """Leave out points whose triangle with their neighbours is smaller than `smallest` square kilometres.

    Ends stay, and of a closed line at least three different points. Source: Visvalingam and Whyatt (1993).
    """
    before, after = list(range(-1, len(line) - 1)), list(range(1, len(line) + 1))
    kept = [True] * len(line)
    waiting = [(_triangle(line[at - 1], line[at], line[at + 1]), at) for at in range(1, len(line) - 1)]
    areas = {at: area for area, at in waiting}
    heapq.heapify(waiting)
    left, fewest = len(line), 4 if line[0] == line[-1] else 2
    while waiting and left > fewest:
        area, at = heapq.heappop(waiting)
        if not kept[at] or area != areas[at]:
            continue
        if area >= smallest:
            break
        kept[at] = False
        left -= 1
        after[before[at]], before[after[at]] = after[at], before[at]
        for one in (before[at], after[at]):
            if 0 < one < len(line) - 1:  # never less than what was left out already, or a spike would go first
                areas[one] = max(area, _triangle(line[before[one]], line[one], line[after[one]]))
                heapq.heappush(waiting, (areas[one], one))
    return [point for point, stays in zip(line, kept, strict=True) if stays]


def dissolved(geometries: Iterable[Mapping[str, Any]], lines: Sequence[Ring]) -> list[list[Ring]]:
    """Join features into one: polygons as lists of rings, the outer one first and anticlockwise, holes clockwise.

    A border between two of the features disappears. Raises ValueError for arcs that do not close.
    """
    used = [arc for geometry in geometries for ring in _rings(geometry) for arc in ring]
    directed = set(used)
    return polygons(_closed([arc for arc in used if ~arc not in directed], lines))


def polygons(rings: Sequence[Ring]) -> list[list[Ring]]:
    """Sort rings into polygons with their holes; what winds like the largest ring is an outer one."""
    largest = max(rings, key=lambda ring: abs(signed_area(ring)))
    turn = math.copysign(1, signed_area(largest))
    outer = [[_wound(ring, 1)] for ring in rings if signed_area(ring) * turn > 0]
    for ring in rings:
        if signed_area(ring) * turn < 0:
            holders = [polygon for polygon in outer if contains(polygon[0], ring[0])]
            min(holders, key=lambda polygon: abs(signed_area(polygon[0]))).append(_wound(ring, -1))
    return sorted(outer, key=lambda polygon: -abs(signed_area(polygon[0])))


def signed_area(ring: Ring) -> float:
    """Return the area inside a closed ring on the sphere in square kilometres, positive if it winds anticlockwise.

    Source: Chamberlain and Duquette (2007), JPL Publication 07-3, on the sphere of the Earth's area (6371.007 km).
    """
    total = 0.0
    for (x, y), (next_x, next_y) in pairwise(ring):
        total += math.radians(next_x - x) * (2 + math.sin(math.radians(y)) + math.sin(math.radians(next_y)))
    return -total * 6371.007**2 / 2


def contains(ring: Ring, point: Point) -> bool:
    """Tell whether a point is inside a closed ring, by the number of edges east of it."""
    x, y = point
    inside = False
    for (from_x, from_y), (to_x, to_y) in pairwise(ring):
        if (from_y > y) != (to_y > y) and x < from_x + (y - from_y) / (to_y - from_y) * (to_x - from_x):
            inside = not inside
    return inside


def _triangle(first: Point, second: Point, third: Point) -> float:
    """Area of a small triangle in square kilometres."""
    east = 111.195 * math.cos(math.radians(second[1]))
    (ax, ay), (bx, by) = (((other[0] - second[0]) * east, (other[1] - second[1]) * 111.195) for other in (first, third))
    return abs(ax * by - bx * ay) / 2


def _rings(geometry: Mapping[str, Any]) -> Iterator[list[int]]:
    """Yield the rings of a feature as numbers of arcs; ~3 is arc 3 backwards."""
    parts = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    for polygon in parts:
        yield from polygon


def _closed(directed: list[int], lines: Sequence[Ring]) -> list[Ring]:
    """Put arcs end to end until every ring is closed."""
    waiting = [list(reversed(lines[~arc])) if arc < 0 else list(lines[arc]) for arc in directed]
    rings = []
    while waiting:
        ring = waiting.pop()
        while ring[0] != ring[-1]:
            at = next((at for at, line in enumerate(waiting) if line[0] == ring[-1]), None)
            if at is None:
                raise ValueError(f"a ring that begins at {ring[0]} does not close after {ring[-1]}")
            ring += waiting.pop(at)[1:]
        rings.append(ring)
    return rings


def _wound(ring: Ring, turn: int) -> Ring:
    return ring if signed_area(ring) * turn > 0 else ring[::-1]
