"""The manifest of a release: everything it was made from, by hash, so that it can be made again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from estimators.seeds import seeds
from schemas.batch import Load
from schemas.declaration import Declaration, fingerprint_of
from schemas.errors import DeclarationError
from tasks.environment import PACKAGES
from tasks.revise import NewRelease
from warehouse import code_version, raw_store
from warehouse import release as folders
from warehouse.home import Home
from warehouse.release import Published

INPUT = ("uri", "country", "sha256", "bytes", "rows_read", "rows_accepted", "rows_quarantined")


def manifest(
    declaration: Declaration, loads: Sequence[Load], previous: Sequence[Published], new: NewRelease, home: Home
) -> dict[str, Any]:
    """Return the manifest without its files. The declaration's own files are kept in the raw store, by hash."""
    return {
        "release_id": new.release_id,
        "survey_id": declaration.id,
        "notice": declaration.notice,
        "reference_period": declaration.reference_period,
        "created_at": folders.stamp(new.now),
        "reason": new.reason,
        "reason_code": new.reason_code,
        "freeze_date": declaration.freeze_date.isoformat() if declaration.freeze_date else None,
        "content_sha256": new.content_sha256,
        "previous_release_id": previous[-1].release_id if previous else None,
        "previous_manifest_sha256": previous[-1].manifest_sha256 if previous else None,
        "inputs": [{key: getattr(load, key) for key in INPUT} for load in sorted(loads, key=lambda load: load.uri)],
        "code_commit": new.code_commit,
        "code_sha256": code_version.fingerprint(code_version.RESULTS),
        "declaration_sha256": declaration.fingerprint,
        "declaration_files": keep_declaration(declaration, home),
        "day": declaration.day.isoformat(),
        "amendments_sha256": declaration.amendments,
        "classification_sha256": declaration.classification,
        "lock_sha256": code_version.lock_sha256(),
        "packages": {name: version(name) for name in PACKAGES},
        "settings": declaration.settings,
        "seeds": seeds(declaration.settings),
    }


def keep_declaration(declaration: Declaration, home: Home) -> list[dict[str, Any]]:
    """Keep the declaration's files byte for byte in the raw store and name them.

    Raises DeclarationError when they are not those the night began with.
    """
    contents = {name: path.read_bytes() for name, path in declaration.files.items()}
    if fingerprint_of(contents) != declaration.fingerprint:
        raise DeclarationError(
            "its files changed while the night ran.", file=str(declaration.folder), next_step="Run again."
        )
    kept = []
    for name, content in contents.items():
        sha256, size = hashlib.sha256(content).hexdigest(), len(content)
        if not raw_store.holds(home, sha256):
            raw_store.keep(home, [content])
        raw_store.describe(home, sha256, {"uri": f"{declaration.id}/{name}", "name": name, "bytes": size})
        kept.append({"name": name, "sha256": sha256, "bytes": size})
    return kept
