"""The commands of backfills: plan, run, list, diff, approve, reject."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows import completion
from flows.console import say
from flows.options import HomeOption, JsonOption
from flows.release_commands import print_json, released_home
from flows.table import Column, draw

if TYPE_CHECKING:
    from flows.night import Outcome
    from schemas.backfill import Plan, Request

CandidateArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[CANDIDATE]",
        help="Candidate, or its plan; default the only one that waits.",
        autocompletion=completion.candidates,
    ),
]
Names = list[str] | None
SurveysOption = Annotated[
    Names,
    typer.Option("--survey", help="Survey; may be repeated; default all declared.", autocompletion=completion.surveys),
]
CountryOption = Annotated[
    Names,
    typer.Option(
        "--country",
        help="Country whose files are read again; may be repeated.",
        autocompletion=completion.countries,
    ),
]
FromOption = Annotated[str | None, typer.Option("--period-from", help="First period of surveys: 2009, 2009-Q3.")]
ToOption = Annotated[str | None, typer.Option("--period-to", help="Last period of surveys.")]
LoadOption = Annotated[Names, typer.Option("--load", help="Beginning of a load to read again; may be repeated.")]
MethodOption = Annotated[Names, typer.Option("--method", help="Method to estimate again; may be repeated.")]
CodeOption = Annotated[
    str | None, typer.Option("--code-version", help="Beginning of a commit, or of the hash of the reading code.")
]
ReasonOption = Annotated[str | None, typer.Option("--reason", help="Why final numbers may change; stored and shown.")]
ByOption = Annotated[str, typer.Option("--by", help="Who decides.")]
WhyOption = Annotated[str, typer.Option("--reason", help="Why; stored with the decision.")]

CANDIDATES = (
    Column("candidate"),
    Column("status", state=True),
    Column("built", spare=1),
    Column("on"),
    Column("why", fold=True),
)

backfill = typer.Typer(
    help="Compute again what is published, aside, and publish it when somebody approves.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the commands to a command line."""
    app.add_typer(backfill, name="backfill")
    examples: dict[str, tuple[Callable[..., None], str]] = {
        "plan": (plan, "./kinscale backfill plan --survey central_asia_2009 --country KZ"),
        "run": (run, './kinscale backfill run --country KZ --reason "the list of regions was corrected"'),
        "list": (list_, "./kinscale backfill list"),
        "diff": (diff, "./kinscale backfill diff --page changes.html"),
        "approve": (approve, './kinscale backfill approve --by "head of unit" --reason "checked against the forms"'),
        "reject": (reject, './kinscale backfill reject --by "head of unit" --reason "the limit was wrong"'),
    }
    for name, (command, example) in examples.items():
        backfill.command(name, epilog=f"Example: {example}")(command)


def plan(
    survey: SurveysOption = None,
    country: CountryOption = None,
    period_from: FromOption = None,
    period_to: ToOption = None,
    load: LoadOption = None,
    method: MethodOption = None,
    code_version: CodeOption = None,
    reason: ReasonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which files, parts and published cells a backfill would touch, why, and how long it takes. Writes nothing.

    Without --country, --load and --code-version those files are read again whose rows would be others today.
    """
    from flows import plan_table
    from tasks import backfill_plan

    asked = request(survey, country, period_from, period_to, load, method, code_version, reason)
    plans = backfill_plan.plans(asked, released_home(home))
    if as_json:
        return print_json([one.as_record() for one in plans])
    for one in plans:
        plan_table.show(one)
    return None


def run(
    survey: SurveysOption = None,
    country: CountryOption = None,
    period_from: FromOption = None,
    period_to: ToOption = None,
    load: LoadOption = None,
    method: MethodOption = None,
    code_version: CodeOption = None,
    reason: ReasonOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Carry out a plan in a copy of the build warehouse, and leave a candidate. After a kill, call it again."""
    import logging

    from flows import shadow, terminal

    asked = request(survey, country, period_from, period_to, load, method, code_version, reason)
    folder = released_home(home)
    with terminal.Progress():
        found = shadow.run(asked, folder, logging.getLogger("kinscale").info)
    told = [shadow.told(one, outcome, folder) for one, outcome in found]
    if as_json:
        print_json(told)
    else:
        for (one, outcome), row in zip(found, told, strict=True):
            _show(one, outcome, row)
    raise typer.Exit(max(outcome.exit_code for _, outcome in found))


def _show(one: Plan, outcome: Outcome, told: dict[str, Any]) -> None:
    from flows import plan_table, terminal

    plan_table.show_built(one, told, failed=bool(outcome.errors))
    for error in outcome.errors:
        terminal.fail(error)


def list_(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the candidates of backfills: those that wait, those that a gate refused or a person rejected."""
    from warehouse import proposals

    rows = [
        {
            "candidate": one.name,
            "status": one.status,
            "survey_id": one.candidate.manifest["survey_id"],
            "built_at": one.candidate.manifest["created_at"],
            "base_release": one.about["base_release"],
            "reason": one.about["request"]["reason"],
            "rejection": one.rejection,
        }
        for one in proposals.every(released_home(home))
    ]
    if as_json:
        return print_json(rows)
    lines = [
        (
            row["candidate"],
            row["status"],
            row["built_at"],
            row["base_release"],
            row["rejection"]["reason"] if row["rejection"] else row["reason"],
        )
        for row in rows
    ]
    if not rows:
        say("No candidate waits.")
    else:
        draw(CANDIDATES, lines)
    return None


def diff(
    candidate: CandidateArgument = None,
    page: Annotated[Path | None, typer.Option("--page", help="Write a page (HTML) to this file.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare a candidate cell by cell with the release in force, and the rows of each file before and after."""
    from flows import release_history
    from flows.release_commands import show_changes

    one, other, changed = release_history.proposed(released_home(home), candidate)
    files = release_history.rows_by_file(one, other)
    told = {"candidate": other.folder.name, **show_changes(one, other, changed, page, as_json), "files": files}
    if as_json:
        return print_json(told)
    print()
    kinds = ("read", "accepted", "quarantined")
    draw(
        (Column("rows of", fold=True), *(Column(kind, number=True) for kind in kinds)),
        [(row["uri"], *(_moved(row[f"before_rows_{k}"], row[f"after_rows_{k}"]) for k in kinds)) for row in files],
    )
    return None


def _moved(before: int | None, after: int | None) -> str:
    told = ["–" if number is None else f"{number:,}" for number in (before, after)]
    return told[1] if before == after else " → ".join(told)


def approve(by: ByOption, reason: WhyOption, candidate: CandidateArgument = None, home: HomeOption = None) -> None:
    """Publish a candidate: its bytes, as they were validated, become the next release, and latest moves to it."""
    from tasks import approve as step

    release, is_new = step.approve(released_home(home), candidate, by, reason)
    print(f"{release.release_id} is published." if is_new else f"{release.release_id} was published before.")
    print(f"Folder   {release.folder}")


def reject(by: ByOption, reason: WhyOption, candidate: CandidateArgument = None, home: HomeOption = None) -> None:
    """Record that a candidate is not wanted. Its folder stays; its copy of the build warehouse goes."""
    from tasks import approve as step

    said = step.reject(released_home(home), candidate, by, reason)
    print(f"{said['candidate']} is rejected: {said['reason']}")


def request(
    survey: Names,
    country: Names,
    period_from: str | None,
    period_to: str | None,
    load: Names,
    method: Names,
    code_version: str | None,
    reason: str | None,
) -> Request:
    """Put what was asked for together; the flow takes the same names."""
    from schemas.backfill import Request

    return Request(
        tuple(survey or ()),
        tuple(country or ()),
        period_from,
        period_to,
        tuple(load or ()),
        tuple(method or ()),
        code_version,
        reason,
    )
