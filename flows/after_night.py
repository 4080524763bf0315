"""Around a night: how far it is, on disk; and when it has ended, what it came to, on disk and told to people.

Nothing here changes how a night ends: what goes wrong here is said, and the outcome is returned, or raised, as it is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flows.night import Outcome
from flows.steps import Say
from schemas import settings
from schemas.delivery_record import noteworthy, unnamed
from schemas.drift import Seen
from schemas.errors import GateRefused, KinscaleError, WarehouseLocked
from schemas.night_record import DriftRecord, FileRecord, NightRecord, OpenRows, Refusal, ReleaseDiff
from warehouse import nights, private
from warehouse import release as folders
from warehouse.home import Home

LOG = logging.getLogger("kinscale")
NO_HAND_OVER: Callable[[NightRecord], None] = lambda _: None  # noqa: E731


def accompany(
    survey_id: str,
    home: Home,
    run: Callable[[Say], Outcome],
    hand_over: Callable[[NightRecord], None] = NO_HAND_OVER,
) -> Outcome:
    """Run a night, keep its record, and tell who wants to know. Returns or raises what the night does.

    run: the night, which is given what its progress is said to.  hand_over: another place for the record.
    """
    with private.umask():
        return _accompany(survey_id, home, run, hand_over)


def _accompany(
    survey_id: str, home: Home, run: Callable[[Say], Outcome], hand_over: Callable[[NightRecord], None]
) -> Outcome:
    began = folders.now()
    outcome = Outcome(survey_id, news=True)
    try:
        outcome = run(_progress(home, survey_id))
    except KinscaleError as error:
        _finish(Outcome(survey_id, news=True, errors=(error,)), home, began, hand_over)
        raise
    except Exception as error:
        unforeseen = KinscaleError("an unforeseen error ended the night", facts={"type": type(error).__name__})
        _finish(Outcome(survey_id, news=True, errors=(unforeseen,)), home, began, hand_over)
        raise
    _finish(outcome, home, began, hand_over)
    return outcome


def _progress(home: Home, survey_id: str) -> Say:
    """Say each line of progress to the log, and write it down once the night does more than list its sources."""
    waiting: list[str] = []
    mode = "w"

    def say(text: str) -> None:
        nonlocal mode
        LOG.info(text)
        waiting.append(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC  {text}\n")
        if mode == "w" and len(waiting) < 2:
            return
        try:
            nights.folder(home)
            with nights.progress(home, survey_id).open(mode, encoding="utf-8") as out:
                out.writelines(waiting)
        except OSError as error:
            if mode == "w":
                LOG.warning(f"The progress of this night is not written down: {error}")
        waiting.clear()
        mode = "a"

    return say


def _finish(outcome: Outcome, home: Home, began: datetime, hand_over: Callable[[NightRecord], None]) -> None:
    record: NightRecord | None = None
    for what, do in (
        ("write what the night came to", lambda r: _keep(r, home)),
        ("hand the summary to Prefect", hand_over),
        ("tell how the night ended", lambda r: _tell(r, home)),
    ):
        try:
            record = record or record_of(outcome, home, began)
            do(record)
        except KinscaleError as error:
            LOG.warning(f"Could not {what}: {error}")
        except Exception as error:  # noqa: BLE001 - the night has ended; what follows it must not change that
            LOG.warning(f"Could not {what}: {type(error).__name__}: {error}")


def record_of(outcome: Outcome, home: Home, began: datetime) -> NightRecord:
    """Write down a night by counts, codes and published numbers."""
    new = {load.load_id for load in outcome.landed}
    loads = sorted(outcome.loads, key=lambda load: (load.country, load.file))
    rows = ("country", "file", "rows_read", "rows_accepted", "rows_quarantined", "reasons", "edits")
    release = outcome.release or next(reversed(folders.standing(folders.published(home, outcome.survey_id))), None)
    return NightRecord(
        survey_id=outcome.survey_id,
        began=folders.stamp(began),
        ended=folders.stamp(folders.now()),
        endings=endings(outcome),
        run_id=outcome.run_id,
        files=tuple(FileRecord(**{r: getattr(x, r) for r in rows}, new=x.load_id in new) for x in loads),
        open_rows=_open_rows(home, outcome.survey_id) if outcome.run_id else (),
        looks_personal=outcome.looks_personal,
        refusals=tuple(_refusal(error) for error in outcome.errors),
        drift=tuple(_drift(seen) for seen in outcome.drift),
        release_id=release.release_id if release else "",
        content_sha256=str(release.manifest["content_sha256"]) if release else "",
        is_new_release=outcome.is_new_release,
        candidate=next((_name(e.where.file) for e in outcome.errors if isinstance(e, GateRefused)), ""),
        diff=_diff(outcome, home) if outcome.is_new_release else None,
        deliveries=tuple(map(unnamed, noteworthy(outcome.deliveries))),
    )


def endings(outcome: Outcome) -> tuple[settings.Ending, ...]:
    """Name how a night ended, the weightiest first; what was refused before and stands is nothing new."""
    if not outcome.news:
        return ("unchanged",)
    found: list[settings.Ending] = []
    if any(isinstance(error, GateRefused) for error in outcome.errors):
        found.append("refused")
    if any(error.exit_code and not isinstance(error, GateRefused) for error in outcome.errors):
        found.append("failed")
    if outcome.is_new_release:
        found.append("published")
    return tuple(found) or ("unchanged",)


def _drift(seen: Seen) -> DriftRecord:
    """Leave out codes and spellings as delivered, which may be anything where columns are mixed up."""
    difference = seen.difference
    outcome = difference.outcome.partition(' for "')[0]
    return DriftRecord(seen.country, difference.kind, difference.column, outcome, seen.files, seen.file)


def _refusal(error: KinscaleError) -> Refusal:
    checks = tuple(str(check) for check in error.facts.get("checks", ()))
    code = f"{error.code}:{error.facts['type']}" if "type" in error.facts else error.code
    return Refusal(code, "" if isinstance(error, GateRefused) else _name(error.where.file), checks)


def _name(place: str | None) -> str:
    """Return the last part of a path or an address: what comes before may hold a login."""
    return (place or "").partition("?")[0].rstrip("/").rpartition("/")[2]


def _open_rows(home: Home, survey_id: str) -> tuple[OpenRows, ...] | None:
    from warehouse import quarantined

    try:
        rows = quarantined.counts(home, survey_id)
    except WarehouseLocked:
        return None
    return tuple(OpenRows(**{name: row[name] for name in ("country", "file", "rule", "rows", "days")}) for row in rows)


def _diff(outcome: Outcome, home: Home) -> ReleaseDiff | None:
    """Compare the new release with the one that stood before it, from what both have published.

    Cells that a reader is told to suppress are counted, and their numbers left out.
    """
    from flows.release_history import compared
    from reports import diff_page, night_summary
    from schemas import vocabulary
    from tasks.changes import KEY
    from warehouse import results

    assert outcome.release is not None
    name = outcome.release.release_id
    earlier = [r for r in folders.published(home, outcome.survey_id) if r.release_id != name]
    if not folders.standing(earlier):
        return None
    before, after, changed = compared(home, folders.standing(earlier)[-1].release_id, name)
    weak = results.read(after.database, "estimates", release_id=name, reliability="suppress")[KEY].assign(weak=True)
    shown = changed[changed[KEY].merge(weak, on=KEY, how="left")["weak"].isna().to_numpy()]
    of_records = shown["method"].isin(vocabulary.content()["methods_of_records"])
    leading = vocabulary.leading(sorted(changed["method"].unique()))
    headline = shown["indicator"].eq("victims") & shown["method"].eq(leading)
    totals = shown[shown["region"].isna() & (of_records | headline)]
    moved = [row for row in diff_page.rows(totals) if row["relative_change"] is not None]
    return ReleaseDiff(
        before.release_id,
        after.release_id,
        diff_page.counts(changed),
        tuple(diff_page.rows(shown)[: night_summary.MOST_CELLS]),
        max(moved, key=lambda row: abs(row["relative_change"]), default=None),
    )


def _keep(record: NightRecord, home: Home) -> None:
    if not record.run_id:
        return  # nothing was looked at: a night without news, or one that could not begin
    import dataclasses
    import json

    from reports import night_summary
    from reports.outcome_line import line

    content: dict[str, Any] = {"line": line(record), **dataclasses.asdict(record), "counts": record.counts}
    files = {
        "summary.json": json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n",
        "summary.md": night_summary.markdown(record),
    }
    if record.diff:
        files["diff.html"] = _page(record.diff, home)
    nights.keep(home, record.run_id, files, record.survey_id)


def _page(diff: ReleaseDiff, home: Home) -> str:
    from flows.release_history import compared
    from reports import diff_page

    before, after, changed = compared(home, diff.before, diff.after)
    about = after.manifest
    return diff_page.render(changed, before.release_id, after.release_id, about["survey_id"], about["notice"])


def _tell(record: NightRecord, home: Home) -> None:
    channels = [c for c in settings.load(home.root).notify if set(c.when) & set(record.endings)]
    if not channels:
        return
    from flows.notices import deliver
    from flows.notices.compose import compose
    from reports.outcome_line import line

    LOG.info(f"{record.survey_id}: telling {', '.join(channel.name for channel in channels)}")
    notice = compose(record, line(record), home)
    for delivery in deliver.deliver(notice, channels):
        if not delivery.sent:
            tries = f"{delivery.tries} tr{'ies' if delivery.tries > 1 else 'y'}"
            LOG.warning(f"notice_failed  {delivery.channel}, after {tries}: {delivery.why}")
        said = {"time": folders.stamp(folders.now()), "line": notice.line, "notice": notice.name}
        nights.note(home, {**said, **vars(delivery)})
