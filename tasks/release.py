"""Step 8: write the immutable release folder and move one pointer; a refused gate leaves a candidate instead."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import pandas as pd

from schemas.batch import Load
from schemas.declaration import Declaration
from schemas.errors import GateRefused
from schemas.expectation import Validation
from tasks import gate as gates
from tasks import report, revise
from tasks.environment import PACKAGES
from warehouse import canonical, code_version, results
from warehouse import release as folders
from warehouse.home import Home
from warehouse.release import Published


def release(
    tables: Mapping[str, pd.DataFrame],
    declaration: Declaration,
    loads: Sequence[Load],
    release_id: str,
    home: Home,
    validations: Sequence[Validation] = (),
) -> tuple[Published, bool]:
    """Publish the tables. Returns the release and whether it is new: equal content makes no new release.

    tables: estimates, reproduction, regions, dictionary, quality.  validations: what the expectation suites found.
    Raises GateRefused, after writing a candidate, when a check of `quality` refuses.
    """
    previous = folders.published(home, declaration.id)
    content = canonical.content_sha256(tables)
    reasons = gates.refused(tables["quality"])
    if not reasons and previous and previous[-1].manifest["content_sha256"] == content:
        folders.point(home, previous[-1].folder)
        return previous[-1], False
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    same_inputs = bool(previous) and _hashes(previous[-1].manifest["inputs"]) == {
        (load.uri, load.sha256) for load in loads
    }
    commit = code_version.commit()
    full = {
        **tables,
        "estimates": revise.with_vintages(tables["estimates"], previous),
        "revisions": revise.revisions(tables["estimates"], previous, release_id, same_inputs),
        "releases": revise.releases(declaration, previous, release_id, content, commit, now),
    }
    folder = folders.begin(home, release_id)
    results.write(folder, full, declaration.notice)
    quality = json.loads(tables["quality"].to_json(orient="records"))
    (folder / "quality.json").write_text(json.dumps(quality, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    report.report(folder, full, declaration, loads, validations)
    manifest = _manifest(declaration, loads, release_id, content, commit, previous, now)
    if reasons:
        candidate = folders.finish(folder, home.candidates / f"{release_id}-{now:%Y%m%dT%H%M%S}", manifest)
        standing = "The last release stays in force." if previous else "There is no release yet."
        raise GateRefused(
            "the release was refused: " + "; ".join(reasons),
            file=str(candidate),
            expected="every check of quality.json passed or noted",
            next_step=f"{standing} Read report/index.html there, correct the cause, run again.",
        )
    target = folders.finish(folder, home.releases / release_id, manifest)
    folders.point(home, target)
    return folders.published(home, declaration.id)[-1], True


def _hashes(inputs: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {(item["uri"], item["sha256"]) for item in inputs}


def _manifest(
    declaration: Declaration,
    loads: Sequence[Load],
    release_id: str,
    content: str,
    commit: str | None,
    previous: Sequence[Published],
    now: datetime,
) -> dict[str, Any]:
    keys = ("uri", "sha256", "bytes", "rows_read", "rows_accepted", "rows_quarantined")
    return {
        "release_id": release_id,
        "survey_id": declaration.id,
        "notice": declaration.notice,
        "reference_period": declaration.reference_period,
        "created_at": folders.stamp(now),
        "content_sha256": content,
        "previous_release_id": previous[-1].release_id if previous else None,
        "previous_manifest_sha256": previous[-1].manifest_sha256 if previous else None,
        "inputs": [{key: getattr(load, key) for key in keys} for load in sorted(loads, key=lambda load: load.uri)],
        "code_commit": commit,
        "code_sha256": code_version.fingerprint(code_version.RESULTS),
        "declaration_sha256": declaration.fingerprint,
        "lock_sha256": code_version.lock_sha256(),
        "packages": {name: version(name) for name in PACKAGES},
        "settings": declaration.settings,
        "seeds": {},
    }
