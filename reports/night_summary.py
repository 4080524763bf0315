"""The summary of a night as Markdown: rows by file and rule, what waits in quarantine, what the release changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from reports.outcome_line import line
from schemas.counted import counted
from schemas.delivery_record import told
from schemas.night_record import NightRecord, ReleaseDiff

MOST_CELLS = 20
"""Changed cells that a summary shows; the page `diff.html` beside it and `./kinscale diff` have the others."""

MOST_DELIVERIES = 40
"""Deliveries that a summary describes."""


def markdown(record: NightRecord) -> str:
    """Return the whole summary: what was validated, what waits, and what changed."""
    parts = [f"# {_cell(line(record))}", f"{record.began} to {record.ended}", validation(record), quarantine(record)]
    if record.deliveries:
        parts.insert(3, deliveries(record))
    if record.diff:
        parts.append(diff(record.diff))
    return "\n\n".join(parts) + "\n"


def validation(record: NightRecord) -> str:
    """Return rows by file, rows refused and edited by rule, and what was refused as a whole."""
    head = ("country", "file", "rows read", "accepted", "quarantined", "")
    body = [
        (f.country, f.file, f.rows_read, f.rows_accepted, f.rows_quarantined, "new" if f.new else "as before")
        for f in record.files
    ]
    counts = record.counts
    total = (
        "all",
        counted(counts["files"], "file"),
        *(counts[f"rows_{kind}"] for kind in ("read", "accepted", "quarantined")),
    )
    parts = ["## Validation", _table(head, [*body, (*total, f"{counts['new_files']} new")])]
    parts += [f"Quarantined: {_by_rule(f.reasons for f in record.files)}"]
    parts += [f"Edited or warned about: {_by_rule(f.edits for f in record.files)}"]
    if record.refusals:
        refused = [(r.code, r.file, ", ".join(r.checks)) for r in record.refusals]
        parts += ["Not gone through, by the codes of docs/errors.md:", _table(("code", "file", "checks"), refused)]
    if record.drift:
        changed = [(d.country, d.file, d.files, d.kind, d.column, d.outcome) for d in record.drift[:MOST_CELLS]]
        parts += ["Changed form, as surveys.md describes it:"]
        parts += [_table(("country", "file", "files", "kind", "column", "what became of it"), changed)]
        parts += [f"{len(record.drift) - MOST_CELLS:,} more."] if len(record.drift) > MOST_CELLS else []
    if record.looks_personal:
        parts += ["Columns that look personal and are not declared so:"]
        parts += ["\n".join(f"- {_cell(str(column))}" for column in record.looks_personal)]
    if record.candidate:
        parts.append(f"The candidate is candidates/{record.candidate}.")
    return "\n\n".join(parts)


def deliveries(record: NightRecord) -> str:
    """Return what the files of the night are beside those before them: verdicts and what changed, no cell."""
    shown = record.deliveries[:MOST_DELIVERIES]
    items = ["- " + "  \n  ".join(_cell(line) for line in told(one)) for one in shown]
    left = len(record.deliveries) - len(shown)
    more = [f"{left:,} more: ./kinscale deliveries list --survey {record.survey_id}"] if left else []
    return "\n\n".join(["## Deliveries beside those before them", "\n".join(items), *more])


def quarantine(record: NightRecord) -> str:
    """Return the refused rows that wait for somebody, the oldest first."""
    call = f"./kinscale quarantine list --survey {record.survey_id}"
    if record.open_rows is None:
        return f"## Quarantine\n\nThe warehouse was held by another process: {call}"
    if not record.open_rows:
        return "## Quarantine\n\nNo row waits."
    body = [(row.country, row.file, row.rule, row.rows, row.days) for row in record.open_rows]
    total = sum(row.rows for row in record.open_rows)
    table = _table(("country", "file", "rule", "rows", "oldest, days"), body)
    wait = "1 row waits" if total == 1 else f"{total:,} rows wait"
    return f"## Quarantine\n\n{wait}: {call}\n\n{table}"


def diff(changed: ReleaseDiff) -> str:
    """Return cells by kind of change, and those that moved most; those beyond their own limits first."""
    from reports.diff_page import cell, number
    from reports.pages import share

    kinds = _table(tuple(kind.replace("_", " ") for kind in changed.counts), [tuple(changed.counts.values())])
    body = [
        (
            cell(row),
            row["change"],
            number(row["previous_estimate"]),
            number(row["estimate"]),
            share(row["relative_change"]),
            "yes" if row["beyond_limits"] else "",
        )
        for row in changed.cells
    ]
    parts = [f"## From {changed.before} to {changed.after}", kinds]
    if body:
        parts.append(_table(("cell", "what", "before", "after", "change", "beyond its limits"), body))
    left = changed.changed - len(body)
    more = f"{left:,} more cells: diff.html in the folder of this night, or " if left > 0 else "The same: "
    return "\n\n".join([*parts, f"{more}./kinscale diff {changed.before} {changed.after}"])


def _by_rule(counts: Iterable[object]) -> str:
    together = Counter[str]()
    for part in counts:
        together.update(part)  # type: ignore[call-overload]
    return ", ".join(f"{rule} {rows:,}" for rule, rows in together.most_common()) or "none"


def _table(head: Sequence[str], body: Sequence[Sequence[object]]) -> str:
    numeric = [bool(body) and all(isinstance(row[n], int) for row in body) for n in range(len(head))]
    rule = ["---:" if number else "---" for number in numeric]
    rows = [[f"{value:,}" if isinstance(value, int) else _cell(str(value)) for value in row] for row in body]
    return "\n".join("| " + " | ".join(row) + " |" for row in [list(head), rule, *rows])


def _cell(text: str) -> str:
    """Write a text so that it stays in its cell and is no mark-up, whatever a file is called."""
    kept = "".join(sign if sign.isprintable() else "?" for sign in text)
    for mark in ("\\", "|", "<", "`", "*", "[", "!"):
        kept = kept.replace(mark, f"\\{mark}" if mark != "<" else "&lt;")
    return kept
