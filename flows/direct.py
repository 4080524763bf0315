"""A night without Prefect: the same steps as plain functions."""

from __future__ import annotations

from flows.night import Outcome, night
from flows.steps import Say, Steps
from schemas.declaration import Declaration
from schemas.reason import Reason
from warehouse.home import Home


def steps() -> Steps:
    """Import the steps; this is where the heavy libraries load."""
    from tasks import (
        aggregate,
        assemble,
        disclose,
        estimate,
        expect,
        fieldwork,
        gate,
        gather,
        hide_records,
        land,
        pull,
        read,
        release,
        sensitivity,
        tabulate,
        validate,
    )

    return Steps(
        look=pull.look,
        pull=pull.pull,
        read=read.read,
        validate=validate.validate,
        land=land.land,
        refuse=land.refuse,
        aggregate=aggregate.aggregate,
        fieldwork=fieldwork.fieldwork,
        estimate=estimate.estimate,
        assemble=assemble.assemble,
        explain=sensitivity.explain,
        expect=expect.expect,
        gate=gate.gate,
        disclose=disclose.disclose,
        release=release.release,
        gather=gather.gather,
        tabulate=tabulate.tabulate,
        hide_records=hide_records.hide_records,
    )


def run(declaration: Declaration, home: Home, say: Say, reason: Reason | None = None) -> Outcome:
    """Run one night in this process."""
    return night(declaration, home, steps, say, reason=reason)
