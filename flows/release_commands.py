"""The commands about what was published: releases, show, diff, verify, asof, withdraw."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows import completion
from flows.console import say
from flows.options import HomeOption, JsonOption
from flows.table import Column, draw, interval
from schemas.errors import KinscaleError
from warehouse.home import Home

if TYPE_CHECKING:
    import pandas as pd

    from warehouse.release import Published

ReleaseArgument = Annotated[
    str,
    typer.Argument(help="Name of a release, its number as rN, or latest.", autocompletion=completion.releases),
]
ABOUT = (
    "release_id", "survey_id", "published_at", "status", "supersedes", "superseded_by", "reason", "reason_code",
    "approved_by", "approval_reason", "withdrawn_at", "withdrawal_reason", "replaced_by", "content_sha256",
    "manifest_sha256", "code_commit",
    "code_sha256", "lock_sha256", "declaration_sha256", "folder",
)  # fmt: skip
SHOWN = 40
"""Changed cells that a terminal shows; --json and --page have the others."""
TOTALS = (
    Column("country"),
    Column("estimate", number=True),
    Column("limits", number=True),
    Column("reliability", state=True),
)
LABEL = 19
"""Where values begin beside their names."""
CELLS = (
    Column("cell", heading=True),
    Column("what", heading=True, state=True),
    Column("before", number=True),
    Column("limits", number=True),
    Column("after", number=True),
    Column("limits", number=True),
    Column("change", number=True, spare=1),
)


def register(app: typer.Typer) -> None:
    """Add the commands to a command line."""
    examples: dict[Callable[..., None], str] = {
        releases: "./kinscale releases",
        show: "./kinscale show latest",
        diff: "./kinscale diff r1 r2 --page changes.html",
        verify: "./kinscale verify latest    ./kinscale verify --chain",
        asof: "./kinscale asof 2026-12-31",
        withdraw: './kinscale withdraw r2 --reason "two deliveries were swapped"',
    }
    for command, example in examples.items():
        app.command(epilog=f"Example: {example}")(command)


def releases(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the releases: when, status, and why. The one in force is marked with a star."""
    from flows import release_history

    rows = release_history.listed(released_home(home))
    if as_json:
        return print_json(rows)
    draw(
        (Column(""), Column("release"), Column("published"), Column("status", state=True), Column("why", fold=True)),
        [
            ("*" if row["in_force"] else "", row["release_id"], row["published_at"], row["status"], _why(row))
            for row in rows
        ],
    )
    return None


def show(name: ReleaseArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show one release: status, what it was made from, what it revised. A withdrawn one names its replacement."""
    from flows import release_history

    told = release_history.shown(released_home(home), name)
    if as_json:
        return print_json(told)
    for key in ABOUT:
        if told[key] is not None:
            say(str(told[key]), key, LABEL)
    say(", ".join(f"{kind} {n:,}" for kind, n in told["revised"].items()) or "nothing", "revised", LABEL)
    print()
    inputs = [(item["uri"], f"{item['rows_read']:,}", item["sha256"][:16]) for item in told["inputs"]]
    draw((Column("input", fold=True), Column("rows", number=True), Column("sha256", spare=1)), inputs)
    return None


def diff(
    before: Annotated[
        str,
        typer.Argument(
            metavar="A", help="Release before: its name, rN, or latest.", autocompletion=completion.releases
        ),
    ],
    after: Annotated[str, typer.Argument(metavar="B", help="Release after.", autocompletion=completion.releases)],
    page: Annotated[
        Path | None, typer.Option("--page", help="Write a page (HTML, whole by itself) to this file.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two releases cell by cell: added, removed, changed, moved beyond their own uncertainty.

    Beyond its uncertainty is a cell whose new estimate lies outside the limits of the old one.
    """
    from flows import release_history

    told = show_changes(*release_history.compared(released_home(home), before, after), page, as_json)
    if as_json:
        print_json(told)


def show_changes(
    one: Published, other: Published, changed: pd.DataFrame, page: Path | None, quiet: bool
) -> dict[str, Any]:
    """Print the cells that differ between two releases, unless quiet, and write the page; return them for programs."""
    from reports import diff_page

    counts, rows = diff_page.counts(changed), diff_page.rows(changed)
    if page:
        text = diff_page.render(
            changed, one.release_id, other.release_id, one.manifest["survey_id"], one.manifest["notice"]
        )
        page.write_text(text, encoding="utf-8")
    if not quiet:
        say(f"{one.release_id} -> {other.release_id}")
        say("  ".join(f"{kind.replace('_', ' ')} {number:,}" for kind, number in counts.items()))
        _print_cells(rows)
        if page:
            say(str(page.resolve()), "Page", 9)
    return {"before": one.release_id, "after": other.release_id, "counts": counts, "cells": rows}


def _print_cells(rows: list[dict[str, Any]]) -> None:
    from reports.diff_page import cell, number
    from reports.pages import share

    lines = [
        (
            cell(row),
            "moved" if row["beyond_limits"] else row["change"],
            number(row["previous_estimate"]),
            interval(number(row["previous_ci_low"]), number(row["previous_ci_high"])),
            number(row["estimate"]),
            interval(number(row["ci_low"]), number(row["ci_high"])),
            share(row["relative_change"]),
        )
        for row in rows[:SHOWN]
    ]
    if rows:
        draw(CELLS, lines)
    if any(row["beyond_limits"] for row in rows[:SHOWN]):
        say("moved: the new estimate lies outside the limits of the old one")
    if len(rows) > SHOWN:
        say(f"{len(rows) - SHOWN:,} more: --json, or --page FILE.html")


def verify(
    name: Annotated[
        str | None,
        typer.Argument(help="Release to make again: its name, rN, or latest.", autocompletion=completion.releases),
    ] = None,
    whole_chain: Annotated[
        bool, typer.Option("--chain", help="Compare every published file, row and manifest with the chain of hashes.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove a release: make it again from its manifest, at 1 and 2 threads, or find what was changed (--chain)."""
    if name is None and not whole_chain:
        raise typer.BadParameter("name a release, or give --chain")
    from flows import rebuild, terminal
    from warehouse import integrity, release_names

    folder = released_home(home)
    faults = integrity.check(folder)
    proofs = []
    if name is not None and not faults:
        release = release_names.find(folder, name)
        proofs = rebuild.rebuild(release, folder, terminal.say)
    proven = not faults and all(proof.equal for proof in proofs)
    if as_json:
        told = {"faults": [asdict(fault) for fault in faults], "proofs": [asdict(p) for p in proofs], "proven": proven}
        print_json(told)
    else:
        _print_proofs(faults, proofs, name is not None)
    if not proven:
        raise typer.Exit(1)


def _print_proofs(faults: list[Any], proofs: list[Any], asked: bool) -> None:
    for fault in faults:
        print(fault)
    for proof in proofs:
        verdict = "equal" if proof.equal else f"NOT EQUAL, {proof.different_cells:,} cells of estimates differ"
        print(f"{proof.threads} thread{'s' if proof.threads > 1 else ' '}  content {proof.content_sha256}  {verdict}")
        if not proof.equal and proof.errors:
            print(proof.errors)
    if not faults:
        print("Chain: every file, manifest and tombstone is as it was published.")
    elif asked:
        print("The release was not made again: first restore what was changed.")


def asof(
    when: Annotated[
        str,
        typer.Argument(metavar="DATE", help="Day or moment, UTC: 2026-12-31 is its beginning, or 2026-12-31T18:00."),
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which release was in force at a moment, and its national totals."""
    from flows import release_history
    from reports.diff_page import number

    try:
        at = datetime.fromisoformat(when)
    except ValueError as error:
        raise typer.BadParameter(f'"{when}" is no date; write it as 2026-12-31', param_hint="DATE") from error
    at = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    rows = release_history.as_of(released_home(home), at)
    if as_json:
        return print_json(rows)
    if not rows:
        raise KinscaleError(f"no release was in force at {at:%Y-%m-%d %H:%M} UTC.", next_step="./kinscale releases")
    for row in rows:
        say(f"{row['release_id']}  published {row['published_at']}  {row['status']}  {_why(row)}".rstrip())
        totals = [
            (
                total["country"] or "all together",
                number(total["estimate"]),
                interval(number(total["ci_low"]), number(total["ci_high"])),
                total["reliability"] or "hidden",
            )
            for total in row["national"]
        ]
        said = {f"{total['unit']} a year, method {total['method']}" for total in row["national"]}
        if totals:  # a survey of records has no such total
            draw(TOTALS, totals, "; ".join(sorted(said)).capitalize())
    return None


def withdraw(
    name: ReleaseArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; shown wherever the release is shown.")],
    force: Annotated[bool, typer.Option("--force", help="Also when nothing is left that could replace it.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Withdraw a release. Its files stay; a tombstone says why and names the replacement, and latest moves there."""
    from tasks import withdraw as step

    stone = step.withdraw(released_home(home), name, reason, force)
    if as_json:
        return print_json(stone)
    print(f"{stone['release_id']} is withdrawn: {stone['reason']}")
    if stone["replacement"]:
        print(f"In force now: {stone['replacement']}")
    else:
        print("No release is in force now, and there is no latest, until a new one is published.")
    return None


def _why(row: dict[str, Any]) -> str:
    if row["withdrawn_at"]:
        use = f"; use {row['replaced_by']}" if row["replaced_by"] else ""
        return f"{row['withdrawn_at']}: {row['withdrawal_reason']}{use}"
    return row["reason"] or ""


def released_home(given: Path | None) -> Home:
    """Find the data folder. Raises KinscaleError when nothing was ever released there."""
    home = Home.find(given)
    if not home.releases.exists():
        raise KinscaleError("there is no release yet.", file=str(home.releases), next_step="Make one: ./kinscale run")
    return home


def print_json(content: object) -> None:
    """Print for programs."""
    print(json.dumps(content, ensure_ascii=False, indent=1, default=str))
