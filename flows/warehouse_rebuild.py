"""Make the build warehouse again from the raw store alone: every delivery that ever came, in its order.

No source is read, and releases are not touched. The module `rebuild` makes a release again, to prove it.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from flows import direct
from flows.intake import take_in
from flows.steps import Say
from schemas import declaration as declarations
from schemas import instrument
from schemas.batch import Load, PulledFile
from schemas.declaration import Declaration
from schemas.errors import KinscaleError, ReleaseDamaged
from sources.form_address import without_review
from tasks import environment, pseudonym_key
from tasks.pull import pulled
from warehouse import build, code_version, deliveries, loads, lock, raw_files, raw_store
from warehouse.build import Warehouse
from warehouse.home import Home
from warehouse.raw_files import Origin
from warehouse.upkeep import SET_ASIDE


@dataclass(frozen=True)
class Rebuilt:
    """What came of it. landed, refused: files that count now.  undeclared: places that no source names any more.

    set_aside: where the warehouse of before is kept, None when there was none.
    """

    landed: tuple[Load, ...]
    refused: tuple[Load, ...]
    undeclared: tuple[str, ...]
    set_aside: Path | None


def rebuild(home: Home, say: Say, surveys: Sequence[str] = ()) -> Rebuilt:
    """Build a new warehouse beside the old one, and give it the name of the old one when it is whole.

    surveys: those that the new warehouse holds; all that the data folder knows when none is named.
    Raises KinscaleError when there is no delivery or a survey is not declared, ReleaseDamaged when bytes are missing,
    WarehouseLocked; the old warehouse is as it was then.
    """
    environment.check_validation(os.environ)
    environment.check_packages(code_version.locked())
    chosen = [declarations.load(name) for name in surveys or deliveries.surveys(home)]
    if not chosen:
        raise KinscaleError("there is no delivery to rebuild from.", file=str(home.raw), next_step="./kinscale run")
    if any(map(pseudonym_key.wanted, chosen)):
        pseudonym_key.find(home)  # without it no file would land, long after this was begun
    for declaration in chosen:
        environment.check_extras(home, declaration.id)
    landed: list[Load] = []
    refused: list[Load] = []
    undeclared: list[str] = []
    with lock.hold(home):
        place = build.beside(home, "rebuilding")
        for declaration in chosen:
            with build.opened(place, instrument.find(declaration.instrument), home.root) as warehouse:
                undeclared += replay(declaration, home, warehouse, say)
                standing = loads.current(warehouse, declaration.id).values()
            landed += [load for load in standing if load.status == "landed"]
            refused += [load for load in standing if load.status == "refused"]
        kept = _swap(home, place)
    order = [sorted(found, key=lambda load: (load.survey_id, load.uri)) for found in (landed, refused)]
    return Rebuilt(tuple(order[0]), tuple(order[1]), tuple(undeclared), kept)


def replay(declaration: Declaration, home: Home, warehouse: Warehouse, say: Say) -> list[str]:
    """Take every version of every file in, in the order in which they came; return the places no source names.

    The order decides which of two files keeps an interview that both hold, and which version a new one is compared
    with; what a release has counted is not refused by that comparison.
    """
    steps = direct.steps()
    environment.check_validation(os.environ)
    counted = deliveries.counted(home, declaration.id)
    current: dict[str, PulledFile] = {}
    undeclared: dict[str, None] = {}
    history = [o for o in deliveries.history(home, declaration.id) if o.uri not in declaration.removed]
    for night in deliveries.nights(history):
        for origin in night:
            source = source_of(origin, declaration)
            if source is None:
                undeclared[origin.uri] = None
                continue
            country = declaration.sources[source].country
            sha256, size = origin.sha256, origin.bytes
            file = pulled(origin.uri, origin.name, country, source, declaration, sha256, size)
            came = origin.pulled_at.replace(microsecond=0)  # releases are dated to the second
            published = [at for at in counted.get((origin.uri, sha256), ()) if at >= came]
            current[origin.uri] = replace(file, counted=bool(published))
        raw_files.enter(warehouse, [origin for origin in night if origin.uri in current])
        files = sorted(current.values(), key=lambda file: (file.source, file.uri))  # as a night lists them
        loads.forget_refusals(warehouse, declaration.id, [file.load_id for file in files])
        take_in(files, declaration, home, warehouse, steps, say)
    _check_complete(current, declaration, home, warehouse)
    return list(undeclared)


def source_of(origin: Origin, declaration: Declaration) -> int | None:
    """Find the source that names a place: by its own path, else by pattern and country."""
    for position, source in enumerate(declaration.sources):
        if origin.country in ("", source.country) and source.path == origin.path:
            return position
    for position, source in enumerate(declaration.sources):
        names = (origin.uri, origin.uri.removeprefix("file://"), PurePosixPath(origin.uri).name)
        path = without_review(source.path)
        patterns = (path, PurePosixPath(path).name)
        fits = any(name == p or fnmatch.fnmatchcase(name, p) for name in names for p in patterns)
        if fits and origin.country in ("", source.country):
            return position
    return None


def _check_complete(current: dict[str, PulledFile], declaration: Declaration, home: Home, warehouse: Warehouse) -> None:
    """Refuse to go on without the newest version of a place. Raises ReleaseDamaged naming the missing bytes."""
    standing = loads.current(warehouse, declaration.id)
    missing = [file for file in current.values() if file.load_id not in standing]
    if missing:
        named = ", ".join(f"{file.uri} ({file.sha256[:12]}...)" for file in missing[:5])
        raise ReleaseDamaged(
            f"the raw store has lost the bytes of {len(missing):,} files whose rows count: {named}.",
            file=str(raw_store.place(home, missing[0].sha256)),
            next_step="Restore raw/ from a backup and rebuild again. The warehouse was left as it was.",
        )


def _swap(home: Home, new: Path) -> Path | None:
    """Give the new warehouse its name; there is no moment without one. Return where the old one is kept."""
    kept = None
    if home.warehouse.exists():
        kept = home.warehouse.with_name(f"{SET_ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%S%f}.duckdb")
        if build.wal_of(home.warehouse).exists():
            build.wal_of(home.warehouse).rename(build.wal_of(kept))
        try:
            kept.hardlink_to(home.warehouse)
        except OSError:  # a file system without hard links
            shutil.copyfile(home.warehouse, kept)
    with contextlib.suppress(FileNotFoundError):
        build.wal_of(home.warehouse).unlink()
    new.replace(home.warehouse)
    return kept
