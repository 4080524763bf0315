"""Step 8: write the immutable release folder and move one pointer; a refused gate leaves a candidate instead."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

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
    previous = folders.published(home, declaration.id)
    standing = folders.standing(previous)
    content, now = canonical.content_sha256(tables), folders.now_after(standing)
    same = bool(standing) and standing[-1].manifest["content_sha256"] == content
    if same and not gates.refused(tables["quality"]):
        folders.point(home, standing[-1].folder)
        return standing[-1], False
    changed = revise.changed_cells(tables["estimates"], previous)
    quality = with_history(tables["quality"], changed, previous, content, declaration, reason, now.date())
    refused = gates.refused(quality)
    if refused and (candidate := candidates.same(home, declaration.id, content, refused)):
        raise refusal(quality, candidate, standing)
    code = revise.reason_code(reason, previous, declaration, loads)
    new = revise.NewRelease(release_id, content, code_version.commit(), now, reason.text if reason else None, code)
    full = _with_history({**tables, "quality": quality}, changed, declaration, previous, new)
    folder = _write(full, declaration, loads, validations, release_id, home)
    about = manifest(declaration, loads, previous, new, home)
    if refused:
        candidate = candidates.named(home, release_id, now)
        folders.finish(folder, candidate, {**about, "refused": refused})
        candidates.drop_equal(candidate, home, declaration.id, content)
        raise refusal(quality, candidate, standing)
    target = folders.finish(folder, home.releases / release_id, about)
    chain.settle(home, declaration.id)
    folders.point(home, target)
    return folders.published(home, declaration.id)[-1], True


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
        report.report(folder, tables, declaration, loads, validations)
        exchange.exchange(folder, tables, release_id, declaration)
    except BaseException:
        folders.sweep(home)  # on a full disk the half of a release would take the space that the next night needs
        raise
    return folder


def refusal(quality: pd.DataFrame, candidate: Path, standing: Sequence[Published]) -> GateRefused:
    """Say what was refused and what to do: correct the cause or, where only a reason is missing, give it."""
    stays = "The last release stays in force." if standing else "There is no release in force."
    checks = set(quality.loc[quality["verdict"] == "refused", "check_id"])
    step = "Read report/index.html there, correct the cause, run again."
    if checks <= set(NEEDS_A_REASON):
        step = (
            "Look at its table revisions. If the change is wrong, correct its cause and run again; if it is right, say "
            'why: ./kinscale run --reason "..." [--reason-code correction]'
        )
    return GateRefused(
        "the release was refused: " + "; ".join(gates.refused(quality)),
        file=str(candidate),
        expected="every check of quality.json passed or noted",
        next_step=f"{stays} {step}",
    )
