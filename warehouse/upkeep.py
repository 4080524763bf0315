"""What a data folder needs now and then: leftovers swept, raw bytes read against their names, the build file folded.

Nothing that somebody may want is deleted here: old candidates are named, never removed.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from warehouse import build, incoming, interview_parts, lock, raw_store, release_names, shadow
from warehouse import release as folders
from warehouse.home import Home
from warehouse.scratch import PREFIX

SCRATCH_SECONDS = 2 * 86_400.0
"""A verification that began longer ago than this was killed."""
SECONDS_BETWEEN_LINES = 30.0
SET_ASIDE = "before-rebuild-"
"""Beginning of the names of warehouses that a rebuild has set aside."""


@dataclass(frozen=True)
class RawStore:
    """What reading the raw store found: files, bytes, damaged files, and hashes that a release needs and lacks."""

    files: int
    bytes: int
    damaged: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Disk:
    """Bytes of the file system that the data folder is on."""

    free: int
    total: int


def sweep(home: Home, temporary: Path | None = None) -> list[str]:
    """Remove what killed builds, copies and verifications left; return their names. Raises WarehouseLocked."""
    if not home.root.exists():
        return []
    with lock.hold(home):
        left = [*home.releases.glob(f"{folders.BUILDING}*"), *home.raw.glob(".incoming-*")]
        folders.sweep(home)
        raw_store.sweep(home)
        left += incoming.sweep(home)
        left += [Path(place) for place in _parts_that_count_nowhere(home)]
    old = time.time() - SCRATCH_SECONDS
    for place in (temporary or Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
        if place.stat().st_mtime < old and place.owner() == home.root.owner():
            shutil.rmtree(place)
            left.append(place)
    return sorted(str(path) for path in left)


def _parts_that_count_nowhere(home: Home) -> list[str]:
    """Remove the files of interviews that no warehouse of the data folder counts; none while a backfill works."""
    shadows = shadow.every(home)
    if not home.warehouse.exists() or any(map(shadow.is_held, shadows)):
        return []
    others = [one.warehouse for one in shadows] + sorted(home.warehouse.parent.glob(f"{SET_ASIDE}*.duckdb"))
    with build.held(home) as warehouse:
        return interview_parts.sweep(warehouse, others)


def read_raw_store(home: Home, say: Callable[[str], None]) -> RawStore:
    """Hash every stored file again, and look for those that releases were made from. Takes as long as reading them."""
    files = sorted(path for path in home.raw.glob("[0-9a-f][0-9a-f]/*") if not path.name.endswith(".source.yaml"))
    size, damaged, told = 0, [], time.monotonic()
    for number, path in enumerate(files, start=1):
        size += path.stat().st_size
        if folders.sha256_of(path) != path.name:
            damaged.append(f"{path.parent.name}/{path.name}")
        if time.monotonic() - told > SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            say(f"reading the raw store: {number:,} of {len(files):,} files")
    there = {path.name for path in files}
    return RawStore(len(files), size, tuple(damaged), tuple(sorted(needed(home) - there)))


def needed(home: Home) -> set[str]:
    """Return the hashes of all files that releases were made from."""
    found: set[str] = set()
    for release in release_names.every(home):
        found |= {item["sha256"] for item in release.manifest["inputs"]}
        found |= {item["sha256"] for item in release.manifest.get("declaration_files") or ()}
    return found


def fold(home: Home) -> tuple[int, int]:
    """Fold the log of changes into the build file; return its bytes before and after. Raises WarehouseLocked."""
    before = _size(home)
    if home.warehouse.exists():
        with lock.hold(home):
            build.checkpoint(home)
    return before, _size(home)


def old_candidates(home: Home, days: int, now: datetime) -> Iterator[str]:
    """Name the candidates that were made more than `days` ago, oldest first."""
    limit = now - timedelta(days=days)
    for path in sorted(home.candidates.glob(f"*/{folders.MANIFEST}")):
        if folders.moment(folders.read_json(path)["created_at"]) < limit:
            yield path.parent.name


def disk(home: Home) -> Disk:
    """Tell how much room there is where the data folder is."""
    there = next(path for path in (home.root, *home.root.parents) if path.exists())
    usage = shutil.disk_usage(there)
    return Disk(usage.free, usage.total)


def _size(home: Home) -> int:
    files = (home.warehouse, home.warehouse.with_name(f"{home.warehouse.name}.wal"))
    return sum(file.stat().st_size for file in files if file.exists())
