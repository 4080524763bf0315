"""Step 1: list the sources, copy each new or changed file into the raw store, remember where it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from schemas.batch import Load, PulledFile
from schemas.declaration import Declaration
from schemas.errors import FileVanished, FormatDamaged, KinscaleError
from schemas.read_yaml import read_yaml
from sources.listing import list_files, read_blocks
from warehouse import code_version, raw_files, raw_store
from warehouse.build import Warehouse
from warehouse.home import Home
from warehouse.raw_files import Origin

NO_PROGRESS: Callable[[int], None] = lambda _: None  # noqa: E731


@dataclass(frozen=True)
class Listed:
    """One file as its source lists it; `version` changes when the file does."""

    uri: str
    address: str
    name: str
    version: str
    bytes: int
    country: str
    source: int


@dataclass(frozen=True)
class Listing:
    """What the sources hold tonight, and what could not be listed."""

    files: tuple[Listed, ...]
    errors: tuple[KinscaleError, ...] = field(default=())


def look(declaration: Declaration) -> Listing:
    """List every source of a survey; nothing is copied. A source that cannot be listed is an error of its own."""
    files: list[Listed] = []
    errors: list[KinscaleError] = []
    for position, source in enumerate(declaration.sources):
        try:
            found = list_files(_address(source.path, declaration.folder))
        except KinscaleError as error:
            errors.append(error)
            continue
        files += [
            Listed(_uri(f.uri, declaration.folder), f.uri, f.name, f.version, f.bytes, source.country, position)
            for f in found
            if _uri(f.uri, declaration.folder) not in declaration.removed
        ]
    return Listing(tuple(files), tuple(errors))


def _address(path: str, folder: Path) -> str:
    return path if "://" in path or Path(path).is_absolute() else str(folder / path)


def _uri(address: str, folder: Path) -> str:
    """Name a file inside the survey's folder by its place there, so that manifests do not depend on the machine."""
    local = Path(address.removeprefix("file://"))
    return str(local.relative_to(folder)) if local.is_relative_to(folder) else address


def vanished(listing: Listing, standing: Iterable[Load], declaration: Declaration) -> list[KinscaleError]:
    """Name the files whose rows count although no source brings them any more.

    Nothing is said while a source cannot be listed: what it holds is not known then.
    """
    there = {listed.uri for listed in listing.files}
    return [
        FileVanished(
            f"{load.uri} is no longer delivered; its {load.rows_accepted:,} interviews still count.",
            file=load.file,
            expected="every file that was ever taken in, in its last version",
            next_step="Put it back. If it was taken back, say so and why in survey.yaml: "
            f'removed: {{{load.uri}: "..."}}    and run again.',
            facts={"uri": load.uri, "rows_accepted": load.rows_accepted},
        )
        for load in sorted(standing, key=lambda load: load.uri)
        if not listing.errors
        and load.status == "landed"
        and load.uri not in there
        and load.uri not in declaration.removed
    ]


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
    return [_pulled(f, declaration, *h) for f, h in zip(listing.files, hashes, strict=True) if h]


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
    known = known_hashes(warehouse, declaration.id)
    pulled: list[PulledFile] = []
    errors: list[KinscaleError] = []
    for listed in listing.files:
        try:
            hit = known.get((listed.uri, listed.version))
            stored = hit is not None and raw_store.holds(home, hit[0])
            hit = hit if hit and stored else _copy(listed, home, progress)
        except KinscaleError as error:
            errors.append(error)
            continue
        if not stored:
            _remember(listed, hit, declaration, warehouse, home)
        pulled.append(_pulled(listed, declaration, *hit))
    return pulled, errors


def _copy(listed: Listed, home: Home, progress: Callable[[int], None]) -> tuple[str, int]:
    sha256, size = raw_store.keep(home, read_blocks(listed.address), progress)
    expected = _delivery_note(listed)
    if expected not in (None, (sha256, size)):
        raise FormatDamaged(
            f"{size:,} bytes with hash {sha256[:12]}... do not match its delivery note "
            f"({expected[1]:,} bytes, {expected[0][:12]}...).",
            file=listed.name,
            expected=f"the bytes that {listed.name}.source.yaml describes",
            next_step="Copy the file again from where it came from; if it was replaced on purpose, renew the note.",
        )
    return sha256, size


def _delivery_note(listed: Listed) -> tuple[str, int] | None:
    """Read (sha256, bytes) from the `.source.yaml` beside a local file, where the sender or the repository put one.

    Raises FormatDamaged for a note that does not say them.
    """
    note = Path(f"{listed.address.removeprefix('file://')}.source.yaml")
    if "://" in listed.address.removeprefix("file://") or not note.exists():
        return None
    try:
        content = read_yaml(note)
        return str(content["sha256"]), int(content["bytes"])
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise FormatDamaged(
            "the delivery note cannot be used.",
            file=note.name,
            expected="the keys `sha256` and `bytes` of the file beside it",
            next_step="Write the note again, or remove it; nothing of the file was taken in.",
        ) from error


def _remember(listed: Listed, hit: tuple[str, int], declaration: Declaration, warehouse: Warehouse, home: Home) -> None:
    """Note where the bytes came from: first beside them, where it outlives the warehouse, then in the warehouse."""
    before = raw_files.newest(warehouse, declaration.id, listed.uri)
    origin = Origin(
        survey=declaration.id,
        uri=listed.uri,
        name=listed.name,
        country=listed.country,
        path=declaration.sources[listed.source].path,
        version=listed.version,
        sha256=hit[0],
        bytes=hit[1],
        pulled_at=raw_files.next_time(before),
    )
    if before is None or before.sha256 != origin.sha256 or not raw_store.is_described(home, origin.sha256):
        raw_store.describe(home, origin.sha256, origin.as_record())
    raw_files.enter(warehouse, origin)


def _pulled(listed: Listed, declaration: Declaration, sha256: str, size: int) -> PulledFile:
    load_id = load_id_of(declaration, listed.uri, sha256)
    return PulledFile(listed.uri, listed.name, listed.country, listed.source, sha256, size, load_id)


def load_id_of(declaration: Declaration, uri: str, sha256: str) -> str:
    """Name the load by all its rows depend on: the file's place and bytes, the declaration, the reading code."""
    parts = (declaration.id, uri, sha256, declaration.fingerprint, code_version.fingerprint(code_version.INTAKE))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
