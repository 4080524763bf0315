"""What the operator sees of the interviewers' work, and whom to visit again. For the terminal only: it names people."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import pandas as pd

from estimators.back_checks import choose
from estimators.interviewer_diagnostics import diagnose
from schemas import fieldwork as rules_of
from schemas.errors import KinscaleError
from warehouse import build
from warehouse import fieldwork as counted
from warehouse.home import Home


@dataclass(frozen=True)
class Work:
    """The private table in three views: by interviewer and region, by interviewer and settlement, and back-checks."""

    interviewers: pd.DataFrame
    settlements: pd.DataFrame
    back_checks: pd.DataFrame


def look(home: Home, survey_id: str, seed: int | None = None) -> Work:
    """Return the interviewers' work as the last night left it; distances by today's `schemas/fieldwork.yaml`.

    seed: of the drawn part of the back-checks; the file's own when nothing is said. Raises KinscaleError where no
    night has looked at the interviewers yet.
    """
    rules = rules_of.rules()
    with build.read(home) as warehouse:
        settlements = counted.kept(warehouse, survey_id) if warehouse else None
        if warehouse is None or settlements is None:
            raise KinscaleError(
                f"nothing is known of the interviewers of {survey_id}.",
                expected="a night that took in interviews with the code of their interviewer",
                next_step=f"./kinscale run --survey {survey_id}",
            )
        work = counted.kept_by_interviewer(warehouse, survey_id)
    found = diagnose(work, rules)
    key = ["country", "region", "interviewer"]
    beside = [name for name in work if name not in rules.measures and name not in key]
    interviewers = pd.concat([found, work[beside]], axis=1)
    ordered = interviewers.sort_values(["country", "score", "interviewer"], ascending=[True, False, True])
    own = zlib.crc32(survey_id.encode())
    chosen = choose(found, rules.back_checks, (rules.back_checks.seed if seed is None else seed) ^ own)
    return Work(ordered.reset_index(drop=True), settlements, _placed(chosen, settlements))


def _placed(chosen: pd.DataFrame, settlements: pd.DataFrame) -> pd.DataFrame:
    """Say where to go: the settlement with most near-equal and repeated forms, then that with most interviews."""
    most = settlements.assign(seen=settlements["near_duplicates"] + settlements["repeated_reports"]).sort_values(
        ["country", "interviewer", "seen", "interviews", "district", "settlement"],
        ascending=[True, True, False, False, True, True],
    )
    places = most.drop_duplicates(["country", "interviewer"])[
        ["country", "interviewer", "ngo", "region", "district", "settlement", "interviews", "flags"]
    ]
    return chosen.merge(places, on=["country", "interviewer"], how="left", validate="one_to_one")
