"""Replay: files with refused rows are read again from the raw store, with today's corrections and waivers."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flows import direct
from flows.intake import take_in
from flows.steps import Say
from schemas import instrument
from schemas.batch import Load, PulledFile
from schemas.counted import counted
from schemas.declaration import Declaration
from schemas.errors import KinscaleError
from tasks import backfill_plan, environment
from warehouse import build, loads, quarantined, run_log
from warehouse.home import Home


@dataclass(frozen=True)
class Replayed:
    """What a replay came to: files that landed, what became of their refused rows, files that were refused."""

    landed: tuple[Load, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    errors: tuple[KinscaleError, ...] = field(default=())


def replay(declaration: Declaration, home: Home, say: Say, row: str | None = None, file: str | None = None) -> Replayed:
    """Read again the file of a row, the files of a name, or all with refused rows. Publishes nothing: a run does.

    Raises KinscaleError when there is no such row or file. A file that cannot be read is an error of its own.
    """
    environment.check(home, declaration.id)
    uri = _file_of(home, row) if row else None
    since = datetime.now(UTC).replace(tzinfo=None)
    if not home.warehouse.exists():
        raise KinscaleError("nothing was ever taken in.", file=str(home.root), next_step="./kinscale run")
    with build.write(home, instrument.find(declaration.instrument)) as warehouse:
        files = backfill_plan.stored_files(warehouse, declaration)
        chosen = _chosen(files, quarantined.files_with_live_rows(warehouse, declaration.id), uri, file)
        if not chosen:
            return Replayed()
        run_id = run_log.begin(warehouse, declaration.id, "")  # without a mark the next night has work to do
        todo = direct.steps()
        environment.check_validation(os.environ)  # again: pandera is loaded only now, and holds what it was told
        only = {named.uri for named in chosen}
        landed, errors = take_in(files, declaration, home, warehouse, todo, say, only)
        rows = quarantined.became(warehouse, [named.load_id for named in chosen], since)
        told = "\n".join(str(error) for error in errors)
        run_log.end(warehouse, run_id, "succeeded", "", None, told or f"replayed {counted(len(chosen), 'file')}")
    return Replayed(tuple(landed), tuple(rows), tuple(errors))


def _file_of(home: Home, row: str) -> str:
    found = quarantined.find_live(home, row)
    with build.read(home) as warehouse:
        assert warehouse is not None
        return loads.uri_of(warehouse, found["load_id"])


def _chosen(
    files: Sequence[PulledFile], wanted: Collection[str], uri: str | None, name: str | None
) -> list[PulledFile]:
    """Return the file of an address, those of a name, or those with refused rows (wanted)."""
    chosen = [f for f in files if (f.uri == uri if uri else f.name == name if name else f.uri in wanted)]
    if (uri or name) and not chosen:
        names = ", ".join(sorted({file.name for file in files})[:10])
        raise KinscaleError(
            f'no file that was pulled, and that a source of the survey takes, is "{name or uri}".',
            expected=f"one of: {names}",
        )
    return chosen
