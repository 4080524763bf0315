"""A scratch folder in which a release is made again: its declaration and raw bytes by hash, the releases before it."""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from schemas import waivers
from schemas.errors import KinscaleError, ReleaseDamaged
from warehouse import raw_store
from warehouse import release as folders
from warehouse.home import Home
from warehouse.release import Published

OUTSIDE = "from_outside"
"""Folder of the scratch survey for files that the declaration takes from elsewhere."""

PREFIX = "kinscale-verify-"
"""How the scratch folders of verifications are called, in the system's temporary folder."""


def survey(release: Published, home: Home, surveys: Path) -> None:
    """Lay out the survey of a release below `surveys`, from the raw store, as its manifest names it.

    Files from outside the survey's folder (URLs, absolute paths) are put inside, and `path` of their source is changed.
    Raises ReleaseDamaged when bytes are missing or have another hash, KinscaleError when the manifest is too old.
    """
    manifest = release.manifest
    if "declaration_files" not in manifest:
        raise KinscaleError(
            f"{release.release_id} was made before declarations were kept; it cannot be made again from its manifest."
        )
    folder = surveys / str(manifest["survey_id"])
    for item in manifest["declaration_files"]:
        _place(home, item, (surveys if "/" in item["name"] else folder) / item["name"])
    _judge_waivers(folder / waivers.NAME, date.fromisoformat(manifest.get("day", manifest["created_at"][:10])))
    inside = [item for item in manifest["inputs"] if _is_inside(item["uri"])]
    for item in inside:
        _place(home, item, folder / item["uri"])
    outside = [item for item in manifest["inputs"] if not _is_inside(item["uri"])]
    if outside:
        _bring_in(outside, home, folder)


def earlier(release: Published, home: Home, scratch: Home) -> None:
    """Link the releases of the survey that came before a release, with what was withdrawn by then."""
    scratch.releases.mkdir(parents=True)
    for before in folders.published(home, str(release.manifest["survey_id"])):
        if before.release_id == release.release_id:
            return
        (scratch.releases / before.release_id).symlink_to(before.folder)
        if before.withdrawn_at and before.withdrawn_at <= release.published_at:
            stone = folders.tombstone_of(home, before.release_id)
            (scratch.releases / stone.name).write_bytes(stone.read_bytes())


def _judge_waivers(file: Path, day: date) -> None:
    """Leave the waivers that held when the release was made, and let them hold for ever."""
    if file.exists():
        entries = yaml.safe_load(file.read_text(encoding="utf-8")) or []
        entries = [entry for entry in entries if date.fromisoformat(str(entry["until"])) >= day]
        lasting = [{**entry, "until": date.max} for entry in entries]
        file.write_text(yaml.safe_dump(lasting, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _is_inside(uri: str) -> bool:
    return "://" not in uri and not PurePosixPath(uri).is_absolute() and ".." not in PurePosixPath(uri).parts


def _place(home: Home, item: Mapping[str, Any], target: Path) -> None:
    """Copy stored bytes, whose hash is checked, to the name they had; a glob would not see a link."""
    if not raw_store.verify(home, item["sha256"]):
        raise ReleaseDamaged(
            f"the bytes of {target.name} are not in the raw store, or have another hash.",
            file=str(raw_store.place(home, item["sha256"])),
            next_step="Restore the raw store from a backup.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(raw_store.place(home, item["sha256"]), target)


def _bring_in(outside: list[Mapping[str, Any]], home: Home, folder: Path) -> None:
    """Place files from elsewhere in the order of their addresses, which is the order in which they are read."""
    file = folder / "survey.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    left = sorted(outside, key=lambda item: str(item["uri"]))
    for position, source in enumerate(content["sources"]):
        if _is_inside(source["path"]):
            continue
        name = PurePosixPath(source["path"]).name
        mine = [item for item in left if item["country"] == source["country"] and _matches(item["uri"], name)]
        left = [item for item in left if item not in mine]
        for number, item in enumerate(mine):
            _place(home, item, folder / OUTSIDE / str(position) / f"{number:06d}" / PurePosixPath(item["uri"]).name)
        source["path"] = f"{OUTSIDE}/{position}/*/*"
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _matches(uri: str, pattern: str) -> bool:
    name = PurePosixPath(uri).name
    return name == pattern or fnmatch.fnmatchcase(name, pattern)
