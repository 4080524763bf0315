"""Release folders: built aside, named when whole, pointed to last. A release is never changed after that."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from warehouse.home import Home

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Published:
    """A release on disk."""

    release_id: str
    folder: Path
    manifest: dict[str, Any]

    @property
    def manifest_sha256(self) -> str:
        """Hash of the manifest's bytes; the next release holds it, which makes a chain."""
        return sha256_of(self.folder / MANIFEST)

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.folder / "results.duckdb"


def published(home: Home, survey_id: str) -> list[Published]:
    """List the releases of a survey, oldest first."""
    found = []
    for folder in home.releases.glob(f"{survey_id}-*-r*"):
        number = re.fullmatch(r".*-r(\d+)", folder.name)
        if number and (folder / MANIFEST).exists():
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            found.append((int(number[1]), Published(folder.name, folder, manifest)))
    return [release for _, release in sorted(found, key=lambda item: item[0])]


def next_id(home: Home, survey_id: str, period: str) -> str:
    """Name the next release: survey, reference period, number."""
    numbers = [int(r.release_id.rsplit("-r", 1)[1]) for r in published(home, survey_id)]
    return f"{survey_id}-{period}-r{max(numbers, default=0) + 1}"


def begin(home: Home, release_id: str) -> Path:
    """Make an empty folder to build in; what an earlier, interrupted build left there is removed."""
    folder = home.releases / f".building-{release_id}"
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def finish(folder: Path, target: Path, manifest: dict[str, Any]) -> Path:
    """Write the manifest over the folder's files, make them read-only, and give the folder its name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest["files"] = [
        {"name": str(path.relative_to(folder)), "sha256": sha256_of(path), "bytes": path.stat().st_size}
        for path in files
    ]
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    for path in [*files, folder / MANIFEST]:
        _sync(path)
        path.chmod(0o444)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(target)
    _sync(target.parent)
    return target


def point(home: Home, target: Path) -> None:
    """Move `latest` to a release, atomically: a reader sees the old release or the new one, nothing between."""
    link = home.releases / ".latest-next"
    link.unlink(missing_ok=True)
    link.symlink_to(target.name)
    link.replace(home.latest)
    _sync(home.releases)


def sha256_of(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def stamp(moment: datetime) -> str:
    """Write a UTC time as manifests do."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
