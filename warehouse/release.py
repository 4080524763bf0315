"""Release folders: built aside, named when whole, pointed to last. A release is never changed after that."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas.errors import ReleaseDamaged
from warehouse import private
from warehouse.home import Home

MANIFEST = "manifest.json"
APPROVAL = "approval.json"
"""Who approved a release that waited for it, when and why; beside the manifest, whose bytes were settled before."""
BUILDING = ".building-"
_STAMP = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Published:
    """A release on disk; `tombstone` says why it was withdrawn, `approval` who approved it, each when."""

    release_id: str
    folder: Path
    manifest: dict[str, Any]
    tombstone: dict[str, Any] | None = None
    approval: dict[str, Any] | None = None

    @property
    def published_at(self) -> datetime:
        """When it was published (UTC, without a zone): made, or approved where it waited for that."""
        return moment(self.approval["approved_at"] if self.approval else self.manifest["created_at"])

    @property
    def withdrawn_at(self) -> datetime | None:
        """When it was withdrawn (UTC, without a zone), or None."""
        return moment(self.tombstone["withdrawn_at"]) if self.tombstone else None

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
            manifest = read_json(folder / MANIFEST)
            if manifest.get("survey_id", survey_id) != survey_id:
                continue  # of a survey whose name begins with this one's
            stone = tombstone_of(home, folder.name)
            about = read_json(stone) if stone.exists() else None
            found.append((int(number[1]), Published(folder.name, folder, manifest, about, approval_of(folder))))
    return [release for _, release in sorted(found, key=lambda item: item[0])]


def approval_of(folder: Path) -> dict[str, Any] | None:
    """Read who approved a release or candidate, or None where nobody had to."""
    return read_json(folder / APPROVAL) if (folder / APPROVAL).exists() else None


def surveys(home: Home) -> list[str]:
    """List the surveys that have a release."""
    return sorted({read_json(path)["survey_id"] for path in home.releases.glob(f"*-r*/{MANIFEST}")})


def read_json(path: Path) -> dict[str, Any]:
    """Read a manifest or a tombstone. Raises ReleaseDamaged when it is none any more."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReleaseDamaged(
            f"it cannot be read ({error}).",
            file=str(path),
            next_step="See what was changed: ./kinscale verify --chain    Then restore it from a backup.",
        ) from error
    return content


def standing(releases: Sequence[Published]) -> list[Published]:
    """Leave out the releases that were withdrawn; the last of the rest is in force."""
    return [release for release in releases if release.tombstone is None]


def in_force(releases: Sequence[Published], at: datetime) -> Published | None:
    """Return the release that was in force at a moment (UTC): published by then and not withdrawn by then."""
    by_then = [r for r in releases if r.published_at <= at and not (r.withdrawn_at and r.withdrawn_at <= at)]
    return by_then[-1] if by_then else None


def tombstone_of(home: Home, release_id: str) -> Path:
    """Where a withdrawn release's tombstone is: beside its folder, which nothing touches."""
    return home.releases / f"{release_id}.withdrawn.json"


def next_id(home: Home, survey_id: str, period: str) -> str:
    """Name the next release: survey, reference period, number."""
    numbers = [int(r.release_id.rsplit("-r", 1)[1]) for r in published(home, survey_id)]
    return f"{survey_id}-{period}-r{max(numbers, default=0) + 1}"


def sweep(home: Home) -> None:
    """Remove what interrupted builds left behind. Call under the warehouse lock: one builds at a time."""
    for left in home.workshop.glob(f"{BUILDING}*"):
        shutil.rmtree(left)


def begin(home: Home, release_id: str) -> Path:
    """Make an empty folder to build in; what an earlier, interrupted build left there is removed."""
    folder = home.workshop / f"{BUILDING}{release_id}"
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def finish(folder: Path, target: Path, manifest: dict[str, Any]) -> Path:
    """Write the manifest over the folder's files, make them read-only, and give the folder its name.

    Others may read them when they are a release, see `give_name`.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest["files"] = [
        {"name": str(path.relative_to(folder)), "sha256": sha256_of(path), "bytes": path.stat().st_size}
        for path in files
    ]
    (folder / MANIFEST).write_text(as_text(manifest), encoding="utf-8")
    for path in [*files, folder / MANIFEST]:
        _sync(path)
        path.chmod(private.READ_ONLY)
    return give_name(folder, target)


def give_name(folder: Path, target: Path) -> Path:
    """Move a whole folder to the name under which it is found: all of it at once, or nothing.

    A release can be read then by those who may; anything else stays its owner's.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if private.is_public(target.parent):
        private.open_release(folder, target.parent)
    folder.rename(target)
    _sync(target.parent)
    return target


def point(home: Home, target: Path) -> None:
    """Move the link of a release's survey to it, and `latest` unless that is of another survey.

    Atomically: a reader sees the old release or the new one, nothing between. So `latest` stays with the survey that a
    data folder began with, whichever was published last.
    """
    survey_id = survey_of(target)
    held = survey_of(home.latest) if home.latest.exists() else survey_id
    for link in (home.latest_of(survey_id), *([home.latest] if held == survey_id else [])):
        following = home.releases / ".latest-next"
        following.unlink(missing_ok=True)
        following.symlink_to(target.name)
        following.replace(link)
    _sync(home.releases)


def survey_of(folder: Path) -> str:
    """Return the survey that a release is of."""
    return str(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["survey_id"])


def sha256_of(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_once(path: Path, text: str) -> None:
    """Write a read-only file that has its name only when it is whole; one that is there is replaced."""
    whole = path.with_name(f".{path.name}-next")
    whole.unlink(missing_ok=True)
    whole.write_text(text, encoding="utf-8")
    _sync(whole)
    whole.chmod(private.mode_in(path.parent))
    whole.replace(path)
    _sync(path.parent)


def as_text(content: Mapping[str, Any]) -> str:
    """Write a manifest or a tombstone as text: keys in order, one to a line."""
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def stamp(time: datetime) -> str:
    """Write a UTC time as manifests do."""
    return time.strftime(_STAMP)


def moment(text: str) -> datetime:
    """Read a UTC time as manifests write it; without a zone, as everywhere in kinscale."""
    return datetime.strptime(text, _STAMP)


def now() -> datetime:
    """Return the UTC time to the second, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def now_after(standing: Sequence[Published]) -> datetime:
    """Return the UTC time to the second, but not before the newest release: a clock may go back a minute unseen."""
    return max(now(), standing[-1].published_at) if standing else now()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
