"""What a person sees: lines of progress on standard error, and how a night ended on standard output."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from types import TracebackType

from rich.markup import escape

from flows.console import err, out
from flows.console import say as prose
from flows.night import Outcome
from flows.table import Column, draw
from schemas.batch import Load
from schemas.counted import counted
from schemas.deliveries import lines
from schemas.delivery_record import noteworthy, told
from schemas.drift import Seen
from schemas.errors import KinscaleError
from schemas.shown_name import shown_text

MOST_ERRORS, MOST_NAMED = 20, 200
"""Errors that are printed in full, and further ones whose files are named."""
MOST_DRIFT = 20
"""Differences in the form of deliveries that are printed."""


FILES = (
    Column("country"),
    Column("file", fold=True),
    Column("rows", number=True),
    Column("accepted", number=True),
    Column("quarantined", number=True),
    Column("", state=True),
)


class Progress(logging.Handler):
    """Shows each step as it begins, and every few seconds what is still being waited for."""

    EVERY_SECONDS = 5.0

    def __init__(self, waiting_for: str = "") -> None:
        """Begin with what is waited for before the first step, if anything."""
        super().__init__(logging.INFO)
        self._begun = time.monotonic()
        self._doing = waiting_for
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Progress:
        """Listen to the steps."""
        logger = logging.getLogger("kinscale")
        logger.setLevel(logging.INFO)
        logger.propagate = False  # Prefect's console would say every line a second time
        logger.addHandler(self)
        if self._doing:
            self._show(self._doing)
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        self._over.set()
        logging.getLogger("kinscale").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Show the step that begins."""
        self._doing = record.getMessage()
        self._show(self._doing)

    def _tick(self) -> None:
        while not self._over.wait(self.EVERY_SECONDS):
            self._show(f"still: {self._doing or 'at work'}")

    def _show(self, text: str) -> None:
        err.print(f"[dim]{time.monotonic() - self._begun:5.1f} s[/dim]  {escape(shown_text(text))}")


def say(text: str) -> None:
    """Print a line of progress where no clock runs beside it; nothing in it is markup."""
    err.print(shown_text(text), style="dim", markup=False)


def fail(error: KinscaleError) -> None:
    """Print an error as it reads in the manual: where and what, expected, next step."""
    err.print(f"[bold red]{error.code}[/bold red]  ", end="")
    err.print(str(error), markup=False)


def show(outcome: Outcome) -> None:
    """Print how a night ended."""
    if not outcome.news:
        name = outcome.release.release_id if outcome.release else "none"
        same = f"files, declaration and code are those of release {name}"
        stays = f"files, declaration and code are those of the last run; release {name} stays in force"
        out.print(f"Nothing new: {stays if outcome.errors else same}. Nothing was written.")
    else:
        show_files(outcome.landed, outcome.loads)
        show_drift(outcome.drift, outcome.survey_id)
        show_deliveries(outcome)
        for column in outcome.looks_personal:
            prose(f"Looks personal: {column}")
        if outcome.release:
            show_release(outcome)
    if outcome.release:
        show_paths(outcome)
    if outcome.notice:
        prose(f"\n{outcome.notice}")
    for error in outcome.errors[:MOST_ERRORS]:
        fail(error)
    rest = [error.where.file or error.code for error in outcome.errors[MOST_ERRORS:]]
    if rest:
        more = ", ".join(rest[:MOST_NAMED]) + (", ..." if len(rest) > MOST_NAMED else "")
        err.print(f"and {len(rest):,} more: {more}", markup=False)


def show_files(landed: Iterable[Load], in_force: Iterable[Load]) -> None:
    """Print the files of this night, and the rows in force by what became of them; of many files the sums."""
    new = {load.load_id for load in landed}
    loads = list(in_force)
    rows = []
    for line in lines(loads):
        counts = (line.read, line.accepted, line.quarantined)
        came = len(new.intersection(line.loads))
        state = ("new" if came == len(line.loads) else f"{came:,} new") if came else "as before"
        rows.append((line.country, line.file, *(f"{n:,}" for n in counts), state))
    total = [sum(getattr(load, f"rows_{kind}") for load in loads) for kind in ("read", "accepted", "quarantined")]
    whole = ("all", f"{counted(len(loads), 'file')}, {len(new):,} new", *(f"{n:,}" for n in total), "")
    draw(FILES, rows, "Files", whole)
    reasons, edits = Counter[str](), Counter[str]()
    for load in loads:
        reasons.update(load.reasons)
        edits.update(load.edits)
    prose("Quarantined: " + (", ".join(f"{rule} {n:,}" for rule, n in reasons.most_common()) or "none"))
    prose("Edited or warned about: " + (", ".join(f"{rule} {n:,}" for rule, n in edits.most_common()) or "none"))


def show_drift(drift: Sequence[Seen], survey_id: str) -> None:
    """Print how the files of this night differ, and the line that declares each difference."""
    if not drift:
        return
    out.print("Changed form (docs/surveys.md says what to do):")
    for one in drift[:MOST_DRIFT]:
        prose(one.told, indent=2)
        if one.difference.line:
            prose(f"to declare it: {one.difference.line}", indent=6)
    if len(drift) > MOST_DRIFT:
        out.print(f"  and {len(drift) - MOST_DRIFT:,} more: ./kinscale quarantine list --survey {survey_id}")


def show_deliveries(outcome: Outcome) -> None:
    """Print what the files of this night are beside those before them; of many the first ones."""
    found = noteworthy(outcome.deliveries)
    for one in found[:MOST_ERRORS]:
        for number, line in enumerate(told(one)):
            prose(line, "Delivery" if not number else "", 9)
    if len(found) > MOST_ERRORS:
        more = f"{len(found) - MOST_ERRORS:,} more deliveries"
        out.print(f"{more}: ./kinscale deliveries list --survey {outcome.survey_id}")


def show_release(outcome: Outcome) -> None:
    """Print the main numbers of the release, and how many numbers printed before are met."""
    from flows import main_numbers
    from warehouse import results

    assert outcome.release is not None
    reproduction = results.read(outcome.release.database, "reproduction")
    main_numbers.show(outcome, reproduction)
    tables = reproduction[reproduction["source_table"] != "text"]
    for name, part in (("in the tables", tables), ("in the text", reproduction.drop(tables.index))):
        if len(part):
            counts = part["verdict"].value_counts()
            prose(f"Printed numbers {name}: {len(part)}: " + ", ".join(f"{v} {n}" for v, n in counts.items()))


def show_paths(outcome: Outcome) -> None:
    """Print where everything is."""
    assert outcome.release is not None
    if outcome.news:
        state = "new" if outcome.is_new_release else "unchanged: its content is equal, so no new release was made"
        out.print(f"\nRelease  {outcome.release.release_id} ({state})")
    folder = outcome.release.folder
    for name, path in (
        ("Folder", folder),
        ("DuckDB", outcome.release.database),
        ("Report", folder / "report" / "index.html"),
    ):
        out.print(f"{name:<8} {path}", markup=False)


def flush() -> None:
    """Write out what is buffered, before the process is replaced or ends."""
    sys.stdout.flush()
    sys.stderr.flush()
