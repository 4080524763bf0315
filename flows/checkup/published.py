"""What is published: the pointer, and the chain with the manifests it names; every file is for `verify --chain`."""

from __future__ import annotations

from typing import Any

from flows.checkup.finding import Finding, listed
from warehouse import chain
from warehouse import release as folders
from warehouse.home import Home


def latest(home: Home) -> Finding:
    """Does `latest` lead to a whole release."""
    link = home.latest
    there = sorted(home.releases.glob(f"*-r*/{folders.MANIFEST}"))
    if not link.is_symlink() and not link.exists():
        standing = [p for p in there if not folders.tombstone_of(home, p.parent.name).exists()]
        if standing:
            return Finding(
                "latest", "fail", "there is no latest", "The next night points to the newest: ./kinscale run"
            )
        return Finding("latest", "skipped", "no release is in force", "./kinscale run")
    if not link.is_symlink():
        return Finding(
            "latest", "fail", f"{link} is no link", "Move it away; the next night makes the link: ./kinscale run"
        )
    target = link.readlink().name
    if not link.exists():
        how = f"Restore releases/{target} from a backup, or run: the next night points to the newest that is there."
        return Finding("latest", "fail", f"it leads to {target}, which is not there", how)
    return _release(home, target)


def _release(home: Home, target: str) -> Finding:
    lacking = [name for name in (folders.MANIFEST, "results.duckdb") if not (home.releases / target / name).is_file()]
    if lacking:
        return Finding("latest", "fail", f"{target} has no {' and no '.join(lacking)}", "Restore it from a backup.")
    if folders.tombstone_of(home, target).exists():
        return Finding("latest", "fail", f"it leads to {target}, which is withdrawn", "./kinscale run mends it.")
    return Finding("latest", "ok", target)


def manifests(home: Home) -> Finding:
    """Do the lines of the chain follow one another, and is every manifest the one that the chain names."""
    how = "See every file: ./kinscale verify --chain    Then restore releases/ from a backup."
    try:
        entries = chain.entries(home)
        wrong = _links(entries) + _hashes(home, entries)
    except (ValueError, KeyError) as error:
        return Finding("chain", "fail", f"{chain.NAME} cannot be read ({error})", how)
    if wrong:
        return Finding("chain", "fail", listed(wrong), how)
    if not entries:
        return Finding("chain", "skipped", "nothing is published", "./kinscale run")
    return Finding("chain", "ok", f"{len(entries)} lines; every manifest is as published (every file: verify --chain)")


def _links(entries: list[dict[str, Any]]) -> list[str]:
    wrong, before = [], None
    for number, entry in enumerate(entries, start=1):
        if chain.entry_sha256(entry) != entry["entry"] or entry["previous"] != before:
            wrong.append(f"line {number} of {chain.NAME} was changed or does not follow the one before")
        before = entry["entry"]
    return wrong


def _hashes(home: Home, entries: list[dict[str, Any]]) -> list[str]:
    released = [(e["release_id"], e["sha256"]) for e in entries if e["event"] == chain.RELEASED]
    files = [(name, home.releases / name / folders.MANIFEST, sha256) for name, sha256 in released]
    return [
        f"the manifest of {name} is {'another' if path.is_file() else 'not there'}"
        for name, path, sha256 in files
        if not path.is_file() or folders.sha256_of(path) != sha256
    ]
