"""Step 8: write the immutable release folder and move one pointer; a refused gate leaves a candidate instead."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from schemas.batch import Load
from schemas.declaration import Declaration
from schemas.errors import GateRefused
from schemas.expectation import Validation
from schemas.reason import Reason
from tasks import exchange, report, revise
from tasks import gate as gates
from tasks.manifest import manifest
from tasks.standing_numbers import NEEDS_A_REASON, with_history
from warehouse import candidates, canonical, chain, code_version, results
from warehouse import release as folders
from warehouse.home import Home
from warehouse.release import Published

WITH_REASON = './kinscale run --reason "..." [--reason-code correction]'


@dataclass(frozen=True)
class Draft:
    """Tables put beside the releases before them, and what the gate says of them; nothing is written yet.

    same: they hold what the release in force holds, and no check refuses.
    """

    tables: Mapping[str, pd.DataFrame]
    new: revise.NewRelease
    previous: Sequence[Published]
    standing: Sequence[Published]
    refused: Sequence[str]
    same: bool


def release(
    tables: Mapping[str, pd.DataFrame],
    declaration: Declaration,
    loads: Sequence[Load],
    release_id: str,
    home: Home,
    validations: Sequence[Validation] = (),
    reason: Reason | None = None,
) -> tuple[Published, bool]:
    """Publish the tables. Returns the release and whether it is new: equal content makes no new release.

    tables: what `assemble` and `explain` return, and `quality`.  validations: what the expectation suites found.
    reason: what a person says about the change.
    Raises GateRefused, after writing a candidate, when a check of `quality` refuses.
    """
    folders.sweep(home)
    chain.settle(home, declaration.id)
    draft = drafted(tables, declaration, loads, release_id, home, reason)
    if draft.same:
        folders.point(home, draft.standing[-1].folder)
        return draft.standing[-1], False
    call = f"{WITH_REASON} --survey {declaration.id}"
    quality, content = draft.tables["quality"], draft.new.content_sha256
    if draft.refused and (candidate := candidates.same(home, declaration.id, content, draft.refused)):
        raise refusal(quality, candidate, draft.standing, call)
    folder, about = written(draft, declaration, loads, validations, home)
    if draft.refused:
        candidate = candidates.named(home, release_id, draft.new.now)
        folders.finish(folder, candidate, {**about, "refused": draft.refused})
        candidates.drop_equal(candidate, home, declaration.id, content)
        raise refusal(quality, candidate, draft.standing, call)
    target = folders.finish(folder, home.releases / release_id, about)
    chain.settle(home, declaration.id)
    folders.point(home, target)
    return folders.published(home, declaration.id)[-1], True


def drafted(
    tables: Mapping[str, pd.DataFrame],
    declaration: Declaration,
    loads: Sequence[Load],
    release_id: str,
    home: Home,
    reason: Reason | None = None,
) -> Draft:
    """Put tables beside the releases before them: what changed, why, and what history has against it."""
    previous = folders.published(home, declaration.id)
    standing = folders.standing(previous)
    content, now = canonical.content_sha256(tables), folders.now_after(standing)
    code = revise.reason_code(reason, previous, declaration, loads)
    new = revise.NewRelease(release_id, content, code_version.commit(), now, reason.text if reason else None, code)
    equal = bool(standing) and standing[-1].manifest["content_sha256"] == content
    if equal and not gates.refused(tables["quality"]):
        return Draft(tables, new, previous, standing, (), same=True)
    changed = revise.changed_cells(tables["estimates"], previous)
    quality = with_history(tables["quality"], changed, previous, content, declaration, reason, now.date())
    full = _with_history({**tables, "quality": quality}, changed, declaration, previous, new)
    return Draft(full, new, previous, standing, gates.refused(quality), same=False)


def written(
    draft: Draft, declaration: Declaration, loads: Sequence[Load], validations: Sequence[Validation], home: Home
) -> tuple[Path, dict[str, Any]]:
    """Write every file of a draft into a folder that has no name yet; return the folder and its manifest."""
    folder = _write(draft.tables, declaration, loads, validations, draft.new.release_id, home)
    return folder, manifest(declaration, loads, draft.previous, draft.new, home)


def _with_history(
    tables: Mapping[str, pd.DataFrame],
    changed: pd.DataFrame | None,
    declaration: Declaration,
    previous: Sequence[Published],
    new: revise.NewRelease,
) -> dict[str, pd.DataFrame]:
    cells = revise.with_status(tables["estimates"], changed, declaration.is_final(new.now.date()))
    return {
        **tables,
        "estimates": revise.with_vintages(cells, previous),
        "revisions": revise.revisions(changed, cells, previous, new),
        "releases": revise.releases(declaration, previous, new),
    }


def _write(
    tables: Mapping[str, pd.DataFrame],
    declaration: Declaration,
    loads: Sequence[Load],
    validations: Sequence[Validation],
    release_id: str,
    home: Home,
) -> Path:
    """Write every file of a release but its manifest into a folder that has no name yet."""
    folder = folders.begin(home, release_id)
    try:
        results.write(folder, tables, declaration.notice)
        quality = json.loads(tables["quality"].to_json(orient="records"))
        text = json.dumps(quality, ensure_ascii=False, indent=1) + "\n"
        (folder / "quality.json").write_text(text, encoding="utf-8")
        exchange.exchange(folder, tables, release_id, declaration)
        report.report(folder, tables, declaration, loads, validations)
    except BaseException:
        folders.sweep(home)  # on a full disk the half of a release would take the space that the next night needs
        raise
    return folder


def refusal(quality: pd.DataFrame, candidate: Path, standing: Sequence[Published], call: str) -> GateRefused:
    """Say what was refused and what to do: correct the cause or, where only a reason is missing, give it.

    call: the command that takes the reason.
    """
    stays = "The last release stays in force." if standing else "There is no release in force."
    checks = set(quality.loc[quality["verdict"] == "refused", "check_id"])
    step = "Read report/index.html there, correct the cause, run again."
    if checks <= set(NEEDS_A_REASON):
        step = (
            "Look at its table revisions. If the change is wrong, correct its cause and run again; if it is right, say "
            f"why: {call}"
        )
    return GateRefused(
        "the release was refused: " + "; ".join(gates.refused(quality)),
        file=str(candidate),
        expected="every check of quality.json passed or noted",
        next_step=f"{stays} {step}",
        facts={"checks": sorted(checks)},
    )
