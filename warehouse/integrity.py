"""Whether what is published is what was published: chain, manifests, approvals, tombstones, files, rows, pointer."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse import chain, table_copies
from warehouse import release as folders
from warehouse.home import Home
from warehouse.release import APPROVAL, BUILDING, MANIFEST

PASSING = (BUILDING, ".latest-next", ".chain.jsonl-next")
"""Beginnings of names that a night which was killed can leave behind; the next one removes or overwrites them."""


@dataclass(frozen=True)
class Fault:
    """Something that is not as published: where, what, and the rows where readable copies of a table disagree."""

    release_id: str | None
    file: str
    what: str
    rows: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the fault as lines."""
        return "\n".join([f"{self.file}: {self.what}", *(f"  {row}" for row in self.rows)])


def check(home: Home) -> list[Fault]:
    """Compare everything below `releases/` with the chain; return what differs, nothing if all is as published."""
    try:
        entries = chain.entries(home)
    except ValueError as error:
        return [Fault(None, chain.NAME, f"it cannot be read ({error})")]
    faults = [*_chain(home, entries), *_strangers(home, entries), *_pointer(home, entries)]
    for number, entry in enumerate(entries):
        later = entries[number + 1 :]
        faults += _OF_EVENT.get(str(entry.get("event")), _withdrawn)(home, entry, later)
    return faults


def _chain(home: Home, entries: list[dict[str, Any]]) -> Iterator[Fault]:
    if entries and chain.path(home).read_text(encoding="utf-8") != chain.as_text(entries):
        yield Fault(None, chain.NAME, "it is not written as it was")
    before = None
    for number, entry in enumerate(entries, start=1):
        if chain.entry_sha256(entry) != entry.get("entry"):
            yield Fault(entry.get("release_id"), chain.NAME, f"line {number} was changed: it has not its own hash")
        elif entry["previous"] != before:
            yield Fault(entry["release_id"], chain.NAME, f"line {number} does not follow the line before it")
        before = entry.get("entry")


def _released(home: Home, entry: Mapping[str, Any], later: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Check one release: its manifest against the chain and the release after it, its files against the manifest."""
    name = str(entry.get("release_id"))
    folder = home.releases / name
    if not folder.is_dir():
        return [Fault(name, name, "the release is not there")]
    manifest = folder / MANIFEST
    if not manifest.is_file() or manifest.is_symlink():
        return [Fault(name, f"{name}/{MANIFEST}", "the manifest is not there")]
    if folders.sha256_of(manifest) != entry.get("sha256"):
        agrees = _successor_agrees(home, entry, later, folders.sha256_of(manifest))
        whose = "; the release after it agrees with the manifest, so look at chain.jsonl" if agrees else ""
        what = f"it is not the manifest that was published{whose}; files were not compared with it"
        return [Fault(name, f"{name}/{MANIFEST}", what)]
    approved = any(e.get("event") == chain.APPROVED and e.get("release_id") == name for e in later)
    beside = {APPROVAL} if approved else set()  # its hash is in the chain, not in the manifest
    return list(files(folder, json.loads(manifest.read_text(encoding="utf-8")), beside))


def _successor_agrees(home: Home, entry: Mapping[str, Any], later: Sequence[Mapping[str, Any]], sha256: str) -> bool:
    """Ask the next release of the survey which manifest came before it."""
    for other in later:
        path = home.releases / str(other.get("release_id")) / MANIFEST
        if other.get("event") == chain.RELEASED and other.get("survey_id") == entry.get("survey_id") and path.exists():
            try:
                return bool(json.loads(path.read_bytes())["previous_manifest_sha256"] == sha256)
            except (ValueError, KeyError):
                return False  # that manifest is damaged too, and is told of on its own line
    return False


def files(folder: Path, manifest: Mapping[str, Any], beside: Collection[str] = ()) -> Iterator[Fault]:
    """Compare the files of a release with its manifest, and name the rows that a changed table disagrees on.

    beside: files that the manifest does not name, and that somebody else answers for.
    """
    name = folder.name
    listed = {item["name"]: item["sha256"] for item in manifest["files"]}
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_symlink() or not p.is_dir()}
    there -= {MANIFEST, *beside}
    for extra in sorted(there - listed.keys()):
        yield Fault(name, f"{name}/{extra}", "it was added; the manifest does not name it")
    changed = []
    for file in sorted(listed):
        path = folder / file
        if file not in there:
            yield Fault(name, f"{name}/{file}", "it is missing")
        elif path.is_symlink() or not path.is_file():
            yield Fault(name, f"{name}/{file}", "it was replaced by a link or something that is no file")
        elif folders.sha256_of(path) != listed[file]:
            changed.append(file)
    intact = (listed.keys() & there) - set(changed)
    for file in changed:
        rows = tuple(table_copies.differences(folder, file, intact))
        yield Fault(name, f"{name}/{file}", "it is not the file that was published", rows)


def _approved(home: Home, entry: Mapping[str, Any], _: Sequence[Mapping[str, Any]]) -> list[Fault]:
    name = str(entry.get("release_id"))
    path = home.releases / name / APPROVAL
    if not path.is_file():
        return [Fault(name, f"{name}/{APPROVAL}", "the approval is not there; the release was approved")]
    if folders.sha256_of(path) != entry.get("sha256"):
        return [Fault(name, f"{name}/{APPROVAL}", "it is not the approval that was given")]
    return []


def _withdrawn(home: Home, entry: Mapping[str, Any], _: Sequence[Mapping[str, Any]]) -> list[Fault]:
    name = str(entry.get("release_id"))
    path = folders.tombstone_of(home, name)
    if not path.is_file():
        return [Fault(name, path.name, "the tombstone is not there; the release was withdrawn")]
    if folders.sha256_of(path) != entry.get("sha256"):
        return [Fault(name, path.name, "it is not the tombstone that was written")]
    return []


_OF_EVENT = {chain.RELEASED: _released, chain.APPROVED: _approved, chain.WITHDRAWN: _withdrawn}


def _strangers(home: Home, entries: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    """Name what is below `releases/` and not in the chain."""
    known = {chain.NAME, home.latest.name}
    for entry in entries:
        name = str(entry.get("release_id"))
        known.add(folders.tombstone_of(home, name).name if entry.get("event") == chain.WITHDRAWN else name)
        known.add(home.latest_of(str(entry.get("survey_id"))).name)
    for path in sorted(home.releases.iterdir()):
        if path.name not in known and not path.name.startswith(PASSING):
            what = "the chain does not name it"
            if (path / MANIFEST).exists() or path.name.endswith(".withdrawn.json"):
                what += "; if a night or a withdrawal was killed, the next run enters it"
            yield Fault(None, path.name, what)


def _pointer(home: Home, entries: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    """`latest` points to the newest release in force of a survey, or is absent without one; so does each survey's."""
    withdrawn = {entry.get("release_id") for entry in entries if entry.get("event") == chain.WITHDRAWN}
    newest = {
        str(entry.get("survey_id")): str(entry.get("release_id"))
        for entry in entries
        if entry.get("event") == chain.RELEASED and entry.get("release_id") not in withdrawn
    }
    yield from _led(home.latest, list(newest.values()))
    for survey_id, release_id in newest.items():
        link = home.latest_of(survey_id)
        if link.is_symlink() or link.exists():  # releases of earlier code have none; the next night makes it
            yield from _led(link, [release_id])


def _led(link: Path, right: Sequence[str]) -> Iterator[Fault]:
    should = " or ".join(right) or "nothing"
    if not link.is_symlink():
        if link.exists() or right:
            yield Fault(None, link.name, f"it is no link; it should point to {should}")
    elif str(link.readlink()) not in right:
        yield Fault(None, link.name, f"it points to {link.readlink()}, not to {should}")
