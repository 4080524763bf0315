"""Step 1: list the sources, copy each new or changed file into the raw store, remember where it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from schemas.batch import BYTES_OF_LOT, FILES_OF_LOT, Listed, Load, PulledFile
from schemas.declaration import Declaration
from schemas.errors import FileVanished, KinscaleError, SourceUnsettled
from schemas.shown_name import shown_name
from sources.form_address import without_review
from sources.listing import RemoteFile, list_files
from tasks.copying import Copying
from tasks.credentials import Opened
from tasks.delivery_notes import DeliveryNotes
from tasks.emptied_days import emptied
from tasks.patience import Patience
from warehouse import code_version, incoming, raw_files, raw_store
from warehouse.build import Warehouse
from warehouse.home import Home
from warehouse.raw_files import Origin

NO_PROGRESS: Callable[[int], None] = lambda _: None  # noqa: E731


@dataclass(frozen=True)
class Listing:
    """What the sources hold tonight, and what could not be listed."""

    files: tuple[Listed, ...]
    errors: tuple[KinscaleError, ...] = field(default=())


def look(declaration: Declaration) -> Listing:
    """List every source of a survey; nothing is copied. A source that cannot be listed is an error of its own."""
    files: list[Listed] = []
    errors: list[KinscaleError] = []
    patience, opened = Patience(), Opened(declaration)
    for position, source in enumerate(declaration.sources):
        address = _address(source.path, declaration.folder)
        try:
            found = patience.again(partial(list_files, address, opened.of(position)))
        except KinscaleError as error:
            errors.append(error)
            continue
        for f in found:
            uri = _uri(f.uri, declaration.folder)
            if uri in declaration.removed:
                continue
            fault = f.fault or _unsettled(f, source.settle_seconds)
            if fault:
                errors.append(fault)
                continue
            files.append(
                Listed(uri, f.uri, shown_name(f.name), f.version, f.bytes, source.country, position, f.exact, f.beside)
            )
    return Listing(tuple(files), tuple(errors))


def _unsettled(file: RemoteFile, seconds: float) -> KinscaleError | None:
    """Return why a file is left for the next run: it changed less than so many seconds ago."""
    age = (datetime.now(UTC) - file.modified).total_seconds() if seconds and file.modified else seconds
    if age >= seconds:
        return None
    return SourceUnsettled(
        f"it changed {max(age, 0):.0f} s ago; its source is given {seconds:.0f} s to settle (`settle_seconds`).",
        file=file.name,
        next_step="Nothing is to be done: a later run takes it.",
    )


def _address(path: str, folder: Path) -> str:
    return path if "://" in path or Path(path).is_absolute() else str(folder / path)


def _uri(address: str, folder: Path) -> str:
    """Name a file inside the survey's folder by its place there, so that manifests do not depend on the machine."""
    local = Path(address.removeprefix("file://"))
    return shown_name(str(local.relative_to(folder)) if local.is_relative_to(folder) else without_review(address))


def vanished(listing: Listing, standing: Collection[Load], declaration: Declaration) -> list[KinscaleError]:
    """Name the files whose rows count although no source brings them any more.

    Nothing is said while a source cannot be listed: what it holds is not known then.
    """
    there = {listed.uri for listed in listing.files}
    explained = {*declaration.removed, *taken_out(listing, standing, declaration)}
    return [
        FileVanished(
            f"{load.uri} is no longer delivered; its {load.rows_accepted:,} interviews still count.",
            file=load.file,
            expected="every file that was ever taken in, in its last version",
            next_step="Put it back. If it was taken back, say so and why in survey.yaml, and run again: "
            f'removed: {{{json.dumps(load.uri, ensure_ascii=False)}: "..."}}',
            facts={"uri": load.uri, "rows_accepted": load.rows_accepted},
        )
        for load in sorted(standing, key=lambda load: load.uri)
        if not listing.errors and load.status == "landed" and load.uri not in there and load.uri not in explained
    ]


def taken_out(listing: Listing, standing: Collection[Load], declaration: Declaration) -> dict[str, str]:
    """Return the places whose rows leave although nobody declared it, and why; none while a source is not listed."""
    return {} if listing.errors else emptied({listed.uri for listed in listing.files}, standing, declaration)


def known_hashes(warehouse: Warehouse, survey_id: str) -> dict[tuple[str, str], tuple[str, int]]:
    """Return (sha256, bytes) of every file version that is in the raw store, by (uri, version)."""
    rows = warehouse.rows(
        "SELECT uri, version, sha256, bytes FROM raw_files WHERE survey_id = $survey", survey=survey_id
    )
    return {(row["uri"], row["version"]): (row["sha256"], row["bytes"]) for row in rows}


def unchanged(
    listing: Listing, known: Mapping[tuple[str, str], tuple[str, int]], declaration: Declaration
) -> list[PulledFile] | None:
    """Return the files of the listing as they were pulled before, or None when any of them is new or changed."""
    hashes = [known.get((f.uri, f.version)) for f in listing.files]
    if any(h is None for h in hashes):
        return None
    return [
        pulled(f.uri, f.name, f.country, f.source, declaration, *h)
        for f, h in zip(listing.files, hashes, strict=True)
        if h
    ]


def pull(
    listing: Listing,
    declaration: Declaration,
    warehouse: Warehouse,
    home: Home,
    progress: Callable[[int], None] = NO_PROGRESS,
) -> tuple[list[PulledFile], list[KinscaleError]]:
    """Copy what is new or changed byte for byte, and return every file of the listing with the load it belongs to.

    A file that cannot be copied, or does not match its own `.source.yaml`, is an error of its own.
    """
    raw_store.sweep(home)
    incoming.sweep(home)
    known = known_hashes(warehouse, declaration.id)
    hashes = {listed: known.get((listed.uri, listed.version)) for listed in listing.files}
    wanted = [listed for listed, hit in hashes.items() if hit is None or not raw_store.holds(home, hit[0])]
    errors: dict[Listed, KinscaleError] = {}
    opened = Opened(declaration)
    for copied in _copies(wanted, opened, declaration, home, progress, errors):
        hashes.update(copied)
        _remember(copied, declaration, warehouse, home)
    files = [
        pulled(listed.uri, listed.name, listed.country, listed.source, declaration, *hit)
        for listed, hit in hashes.items()
        if hit is not None and listed not in errors
    ]
    return files, [errors[listed] for listed in wanted if listed in errors]


def _copies(
    wanted: Sequence[Listed],
    opened: Opened,
    declaration: Declaration,
    home: Home,
    progress: Callable[[int], None],
    errors: dict[Listed, KinscaleError],
) -> Iterator[dict[Listed, tuple[str, int]]]:
    """Copy files into the raw store, as many together as make a lot; `errors` gets those that could not be copied."""
    received: dict[Listed, raw_store.Received] = {}
    patience = Patience()
    notes = DeliveryNotes([_address(source.path, declaration.folder) for source in declaration.sources])
    for number, listed in enumerate(wanted, start=1):
        try:
            credentials = opened.of(listed.source)
            received[listed] = patience.again(
                Copying(listed, credentials, home, progress, declaration.sources[listed.source].reader)
            )
        except KinscaleError as error:
            errors[listed] = error
        except BaseException:
            raw_store.discard(received.values())
            raise
        size = sum(copy.bytes for copy in received.values())
        if number == len(wanted) or len(received) >= FILES_OF_LOT or size >= BYTES_OF_LOT:
            raw_store.store(home, [*received.values()])
            yield _as_noted(received, notes, opened, errors)
            received = {}


def _as_noted(
    received: Mapping[Listed, raw_store.Received],
    notes: DeliveryNotes,
    opened: Opened,
    errors: dict[Listed, KinscaleError],
) -> dict[Listed, tuple[str, int]]:
    """Return hash and size of the copies that are what their delivery notes say, where there is one."""
    good = {}
    for listed, copy in received.items():
        try:
            notes.check(listed, copy, opened.of(listed.source))
        except KinscaleError as error:
            errors[listed] = error
        else:
            good[listed] = (copy.sha256, copy.bytes)
    return good


def _remember(
    new: Mapping[Listed, tuple[str, int]], declaration: Declaration, warehouse: Warehouse, home: Home
) -> None:
    """Note where bytes came from: first beside them, where it outlives the warehouse, then in the warehouse."""
    before = raw_files.newest(warehouse, declaration.id, [listed.uri for listed in new])
    origins = []
    for listed, (sha256, size) in new.items():
        last = before.get(listed.uri)
        origin = Origin(
            survey=declaration.id,
            uri=listed.uri,
            name=listed.name,
            country=listed.country,
            path=declaration.sources[listed.source].path,
            version=listed.version,
            sha256=sha256,
            bytes=size,
            pulled_at=raw_files.next_time(last),
        )
        if last is None or last.sha256 != sha256 or not raw_store.is_described(home, sha256):
            raw_store.describe(home, sha256, origin.as_record())
        origins.append(origin)
    raw_files.enter(warehouse, origins)


def pulled(
    uri: str, name: str, country: str, source: int, declaration: Declaration, sha256: str, size: int
) -> PulledFile:
    """Name the load by all its rows depend on: the file's place and bytes, the declaration, the reading code.

    Of entries about rows and versions only those count that concern the file: one of them reads one file again.
    """
    corrections = tuple(entry for entry in declaration.corrections if entry.concerns(country, name, uri))
    waivers = tuple(entry for entry in declaration.waivers if entry.concerns(country, name, uri))
    accepted = tuple(
        entry
        for entry in declaration.accepted_deliveries
        if entry.concerns(country, name, uri) and sha256.startswith(entry.sha256)
    )
    entries = (entry.model_dump_json() for entry in (*corrections, *waivers, *accepted))
    code = code_version.fingerprint(code_version.INTAKE)
    parts = (declaration.id, uri, sha256, declaration.intake_fingerprint, code, *entries)
    load_id = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    return PulledFile(uri, name, country, source, sha256, size, load_id, corrections, waivers, accepted)
