"""Replay: files with refused rows are read again from the raw store, with today's corrections and waivers."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flows import direct
from flows.night import Say
from schemas import instrument
from schemas.batch import Load, PulledFile
from schemas.declaration import Declaration
from schemas.errors import DeliveryError, KinscaleError
from tasks import environment, pull
from warehouse import build, loads, quarantined, raw_store, run_log
from warehouse.build import Warehouse
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
        files = _files(declaration, warehouse, home, uri, file)
        if not files:
            return Replayed()
        run_id = run_log.begin(warehouse, declaration.id, "")  # without a mark the next night has work to do
        landed, errors = _take_in(files, declaration, home, warehouse, say)
        rows = quarantined.became(warehouse, [load.load_id for load in landed], since)
        told = "\n".join(str(error) for error in errors)
        run_log.end(warehouse, run_id, "succeeded", "", None, told or f"replayed {len(files)} files")
    return Replayed(tuple(landed), tuple(rows), tuple(errors))


def _file_of(home: Home, row: str) -> str:
    found = quarantined.find_live(home, row)
    with build.read(home) as warehouse:
        assert warehouse is not None
        return loads.uri_of(warehouse, found["load_id"])


def _files(
    declaration: Declaration, warehouse: Warehouse, home: Home, uri: str | None, name: str | None
) -> list[PulledFile]:
    """Name the chosen files as the next night will: their last bytes, today's entries."""
    wanted = quarantined.files_with_live_rows(warehouse, declaration.id)
    known = loads.last_pulled(warehouse, declaration.id)
    chosen = [
        found
        for found in known
        if (found["uri"] == uri if uri else (found["name"] == name if name else found["uri"] in wanted))
    ]
    if name and not chosen:
        names = ", ".join(sorted({found["name"] for found in known})[:10])
        raise KinscaleError(f'no file that was pulled is called "{name}".', expected=f"one of: {names}")
    return [_pulled(found, declaration, home) for found in chosen]


def _pulled(found: dict[str, Any], declaration: Declaration, home: Home) -> PulledFile:
    if not raw_store.holds(home, found["sha256"]):
        raise KinscaleError(
            "its bytes are not in the raw store.", file=found["name"], next_step="Pull it again: ./kinscale run"
        )
    uri, country = found["uri"], found["country"]
    source = _source(declaration, country, uri)
    return pull.pulled(uri, found["name"], country, source, declaration, found["sha256"], found["bytes"])


def _source(declaration: Declaration, country: str, uri: str) -> int:
    """Return which source of the declaration a file is of: the country's only one, else the one its address fits."""
    own = [position for position, source in enumerate(declaration.sources) if source.country == country]
    for position in own:
        path = declaration.sources[position].path
        if len(own) == 1 or fnmatch.fnmatchcase(uri, path) or uri.startswith(path.rstrip("/") + "/"):
            return position
    raise KinscaleError(
        "the survey declares no source for it any more.", file=uri, next_step="Replay other files by name: --file NAME"
    )


def _take_in(
    files: Iterable[PulledFile], declaration: Declaration, home: Home, warehouse: Warehouse, say: Say
) -> tuple[list[Load], list[KinscaleError]]:
    todo = direct.steps()
    environment.check_validation(os.environ)  # again: pandera is loaded only now, and holds what it was told
    landed: list[Load] = []
    errors: list[KinscaleError] = []
    for file in files:
        say(f"reading {file.name} again ({file.bytes:,} bytes)")
        try:
            elsewhere = loads.questionnaires_elsewhere(warehouse, declaration.id, file.country, file.uri)
            batch = todo.validate(todo.read(file, declaration, home), file, declaration, elsewhere)
            landed.append(todo.land(batch, declaration, warehouse))
        except DeliveryError as error:
            todo.refuse(file, error, declaration, warehouse)
            errors.append(error)
    return landed, errors
