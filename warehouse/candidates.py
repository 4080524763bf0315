"""Candidates: builds that a gate refused. Equal content is kept once, however many nights come to it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from warehouse.home import Home
from warehouse.release import MANIFEST, read_json


def named(home: Home, release_id: str, now: datetime) -> Path:
    """Return a folder name that is not taken: release and second, numbered where two are refused in one second."""
    first = home.candidates / f"{release_id}-{now:%Y%m%dT%H%M%S}"
    names = (first, *(first.with_name(f"{first.name}-{number}") for number in range(2, 1000)))
    return next(name for name in names if not name.exists())


def same(home: Home, survey_id: str, content_sha256: str, refused: Sequence[str]) -> Path | None:
    """Return the candidate with this content that was refused for the same reasons, or None."""
    for folder, manifest in _refused(home, survey_id):
        if manifest["content_sha256"] == content_sha256 and manifest["refused"] == list(refused):
            return folder
    return None


def drop_equal(kept: Path, home: Home, survey_id: str, content_sha256: str) -> None:
    """Remove other refused candidates with the same content: they were refused for reasons that no longer hold."""
    for folder, manifest in _refused(home, survey_id):
        if manifest["content_sha256"] == content_sha256 and folder != kept:
            shutil.rmtree(folder)


def _refused(home: Home, survey_id: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(home.candidates.glob(f"*/{MANIFEST}")):
        manifest = read_json(path)
        if manifest["survey_id"] == survey_id and "refused" in manifest:
            yield path.parent, manifest
