"""The last step of a backfill: a candidate that waits for approval, or that a gate refused. Nothing is published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from schemas.backfill import Plan
from schemas.batch import Load
from schemas.declaration import Declaration
from schemas.expectation import Validation
from schemas.reason import Reason
from tasks.release import drafted, refusal, written
from warehouse import proposals
from warehouse import release as folders
from warehouse.release import Published
from warehouse.shadow import Shadow

WITH_REASON = './kinscale backfill run ... --reason "..."'

Step = Callable[..., tuple[Published, bool]]


def for_plan(plan: Plan) -> Step:
    """Return the step for one plan; it takes the place, and the arguments, of `release` in a night."""

    def propose(
        tables: Mapping[str, pd.DataFrame],
        declaration: Declaration,
        loads: Sequence[Load],
        release_id: str,
        home: Shadow,
        validations: Sequence[Validation] = (),
        reason: Reason | None = None,
    ) -> tuple[Published, bool]:
        """Leave the tables as a candidate. Returns the release in force and False when no cell changes.

        Raises GateRefused, after writing the candidate, when a check of `quality` refuses.
        """
        folders.sweep(home)
        draft = drafted(tables, declaration, loads, release_id, home, reason)
        if draft.same:
            return draft.standing[-1], False
        folder, about = written(draft, declaration, loads, validations, home)
        about |= {proposals.KEY: said(plan)} | ({"refused": list(draft.refused)} if draft.refused else {})
        target = folders.finish(folder, home.candidates / proposals.name(release_id, plan.plan_id), about)
        if draft.refused:
            raise refusal(draft.tables["quality"], target, draft.standing, WITH_REASON)
        return Published(release_id, target, about), True

    return propose


def said(plan: Plan) -> dict[str, object]:
    """What the manifest says of a plan: what was asked for, what it was built on, what was read and computed again."""
    record = plan.as_record()
    kept = ("plan_id", "request", "base_release", "base_manifest_sha256", "files", "parts", "kept", "narrowed")
    final = {"final_since": record["final_since"]}
    return {**{key: record[key] for key in kept}, **final}
