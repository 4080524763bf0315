"""What a backfill would touch and why, found by reading only: files, parts, published cells, time."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from estimators.parts import TOGETHER, WHOLE, crosses_countries
from schemas import declaration as declarations
from schemas import period
from schemas.backfill import FileToRead, Part, Plan, Request
from schemas.batch import PulledFile
from schemas.declaration import Declaration
from schemas.errors import KinscaleError, SelectionUnknown
from schemas.selection import Selection
from tasks import pull as pulling
from warehouse import backfill_basis, build, code_version, estimated, proposals, shadow
from warehouse import release as folders
from warehouse.backfill_basis import KnownLoad
from warehouse.build import Warehouse
from warehouse.home import Home
from warehouse.release import Published


@dataclass(frozen=True)
class Basis:
    """A survey with a release in force, as the build warehouse knows it today.

    kept: the estimated parts in it, by country (or the name of all together) and method.
    """

    declaration: Declaration
    base: Published
    files: tuple[PulledFile, ...]
    loads: tuple[KnownLoad, ...]
    standing: dict[str, str]
    kept: frozenset[tuple[str, str]]
    slowest: tuple[float | None, int]


def plans(request: Request, home: Home) -> list[Plan]:
    """Plan the backfill of each survey that the request selects; writes nothing.

    Raises SelectionUnknown for a name that no selected survey has, KinscaleError when none of them was ever released.
    """
    chosen = selected(request)
    with build.read(home) as warehouse:
        found = [_basis(one, home, warehouse) for one in chosen] if warehouse else []
    known = [basis for basis in found if basis]
    if not known:
        raise KinscaleError(
            f"no release of {', '.join(one.id for one in chosen)} is in force that a backfill could be compared with.",
            file=str(home.releases),
            next_step="Make the first one: ./kinscale run",
        )
    refuse_unknown(request, known)
    return [_plan(replace(request, survey=()), basis) for basis in known if _is_meant(request, basis)]


def selected(request: Request) -> list[Declaration]:
    """Load the declarations that a request selects, by name and period. Raises SelectionUnknown when there is none."""
    names = declarations.names()
    _refuse("survey", request.survey, names)
    for bound in (request.period_from, request.period_to):
        if bound:
            period.span(bound)
    loaded = [declarations.load(name) for name in names if not request.survey or name in request.survey]
    within = [one for one in loaded if period.lies_within(one.reference_period, request.period_from, request.period_to)]
    if not within:
        raise SelectionUnknown(
            f"no survey lies between {request.period_from or 'the beginning'} and {request.period_to or 'today'}.",
            expected="a range that holds one of: " + ", ".join(f"{one.id} {one.reference_period}" for one in loaded),
        )
    return within


def refuse_unknown(request: Request, known: Sequence[Basis]) -> None:
    """Raise SelectionUnknown, with what there is, for a country, method, load or code version that nobody has."""
    _refuse("country", request.country, sorted({c for basis in known for c in basis.declaration.countries}))
    _refuse("method", request.method, sorted({m for basis in known for m in basis.declaration.methods}))
    loads = [load for basis in known for load in basis.loads]
    for name in request.load:
        matching = [load.load_id for load in loads if load.load_id.startswith(name)]
        if len(matching) != 1:
            shown = [f"{load.load_id} ({load.uri})" for load in loads]
            raise SelectionUnknown(
                f'"{name}" names {len(matching)} loads.', expected="the beginning of one of: " + _shown(shown)
            )
    version = request.code_version
    if version and not any(_read_by(load, version) for load in loads):
        versions = {v for load in loads for v in (load.code_commit, load.code_sha256) if v}
        raise SelectionUnknown(
            f'no load in force was read by code "{version}".',
            expected="the beginning of one of: " + (_shown(sorted(versions)) or "none; older loads do not say"),
        )


def stored_files(warehouse: Warehouse, declaration: Declaration) -> list[PulledFile]:
    """Return the newest version of every file in the raw store, with the load it would be under today.

    The source is not asked: it may be gone. A file that no source of the declaration takes is left out.
    """
    countries = {load.uri: load.country for load in backfill_basis.loads(warehouse, declaration.id)}
    listed = []
    for file in backfill_basis.stored(warehouse, declaration.id):
        position = _source(file.uri, countries.get(file.uri), declaration)
        if position is not None:
            country = declaration.sources[position].country
            listed.append(pulling.Listed(file.uri, file.uri, file.name, file.version, file.bytes, country, position))
    listed.sort(key=lambda file: (file.source, file.uri))  # as a night lists them: who holds a number follows from it
    known = pulling.known_hashes(warehouse, declaration.id)
    return pulling.unchanged(pulling.Listing(tuple(listed)), known, declaration) or []


def _source(uri: str, country: str | None, declaration: Declaration) -> int | None:
    """Find the source that a stored file came from: by its path, by its name, or as the only one of its country."""
    sources = [(n, s) for n, s in enumerate(declaration.sources) if country in (None, s.country)]
    name = posixpath.basename(uri)
    for place, pattern_of in ((uri.removeprefix("file://"), str), (name, posixpath.basename)):
        for number, source in sources:
            pattern = pattern_of(source.path.removeprefix("file://").replace("**/", "*"))
            if place == pattern or fnmatch.fnmatchcase(place, pattern):
                return number
    return sources[0][0] if country and len(sources) == 1 else None


def _basis(declaration: Declaration, home: Home, warehouse: Warehouse) -> Basis | None:
    standing = folders.standing(folders.published(home, declaration.id))
    if not standing:
        return None
    return Basis(
        declaration,
        standing[-1],
        tuple(stored_files(warehouse, declaration)),
        tuple(backfill_basis.loads(warehouse, declaration.id)),
        shadow.standing(warehouse, declaration.id),
        frozenset(estimated.keys(warehouse, declaration.id)),
        backfill_basis.slowest(warehouse, declaration.id),
    )


def _is_meant(request: Request, basis: Basis) -> bool:
    """Tell whether a survey has anything of what is named."""
    declared = basis.declaration
    return (
        (not request.country or bool(set(request.country) & set(declared.countries)))
        and (not request.method or bool(set(request.method) & set(declared.methods)))
        and (not request.load or any(load.load_id.startswith(request.load) for load in basis.loads))
        and (not request.code_version or any(_read_by(load, request.code_version) for load in basis.loads))
    )


def _plan(request: Request, basis: Basis) -> Plan:
    declared, manifest = basis.declaration, basis.base.manifest
    files, kept = _files(request, basis)
    code = code_version.fingerprint(code_version.RESULTS)
    same = manifest["declaration_sha256"] == declared.fingerprint and manifest["code_sha256"] == code
    same &= not manifest.get(proposals.KEY, {}).get("narrowed", False)  # a part of it may be of an earlier declaration
    plan = Plan(
        survey_id=declared.id,
        reference_period=declared.reference_period,
        request=request,
        base_release=basis.base.release_id,
        base_manifest_sha256=basis.base.manifest_sha256,
        declaration_sha256=declared.fingerprint,
        code_sha256=code,
        files=tuple(files),
        parts=(),
        kept=tuple(kept),
        standing=basis.standing,
        final_since=declared.freeze_date if declared.is_final(folders.now().date()) else None,
        unchanged=same and not files and not request.method,
    )
    every = _parts(basis)
    parts = tuple(part for part in every if _is_estimated(part, plan.selection, basis))
    seconds, told = _time(plan.files, parts, every, basis)
    return replace(plan, parts=parts, seconds=seconds, basis=told)


def _files(request: Request, basis: Basis) -> tuple[list[FileToRead], list[str]]:
    """Split the stored files whose reading is asked for, or would differ: those to read, and those left as they are."""
    to_read, kept = [], []
    for file in basis.files:
        own = [load for load in basis.loads if load.uri == file.uri]
        named = _named(request, file, own)
        refused_so = any(load.load_id == file.load_id and load.status == "refused" for load in own)
        changed = [] if refused_so else _changed(file, own, basis)
        reasons = (named or []) + changed
        if named is not None if request.names_files else changed:
            rows = max((load.rows_read for load in own), default=0)
            before = basis.standing.get(file.uri)
            to_read.append(FileToRead(file.uri, file.name, file.country, rows, file.load_id, before, tuple(reasons)))
        elif changed:
            kept.append(file.uri)
    return to_read, kept


def _named(request: Request, file: PulledFile, own: Sequence[KnownLoad]) -> list[str] | None:
    """Say by what a file is named; None when something that was named is not true of it."""
    reasons = []
    if request.country:
        if file.country not in request.country:
            return None
        reasons.append(f"country {file.country} is named")
    if request.load:
        loads = [load.load_id for load in own if load.load_id.startswith(request.load)]
        if not loads:
            return None
        reasons.append(f"load {loads[0]} is named")
    if request.code_version:
        if not any(_read_by(load, request.code_version) for load in own):
            return None
        reasons.append(f"read by code {request.code_version}")
    return reasons


def _changed(file: PulledFile, own: Sequence[KnownLoad], basis: Basis) -> list[str]:
    """Say why a file's rows would be others today: its bytes, the declaration, the code that reads it."""
    landed = next((load for load in own if load.status == "landed"), None)
    if landed is None:
        return ["it was never accepted"]
    if landed.load_id == file.load_id:
        return []
    reasons = ["the raw store has a newer delivery"] if landed.sha256 != file.sha256 else []
    code = code_version.fingerprint(code_version.INTAKE)
    if landed.code_sha256 not in (None, code):
        reasons.append("the code that reads it changed")
    if basis.base.manifest["declaration_sha256"] != basis.declaration.fingerprint:
        reasons.append("the declaration changed")
    return reasons or ["the declaration or the code that reads it changed"]


def _read_by(load: KnownLoad, version: str) -> bool:
    return any(known is not None and known.startswith(version) for known in (load.code_commit, load.code_sha256))


def _parts(basis: Basis) -> list[Part]:
    """Count the cells of the release in force by country and method; what it does not have yet counts none."""
    from warehouse import results

    estimates = results.read(basis.base.database, "estimates", release_id=basis.base.release_id)
    counted = estimates["country"].fillna("").groupby([estimates["country"].fillna(""), estimates["method"]]).size()
    countries = [*basis.declaration.countries, None]
    return [
        Part(country, method, int(counted.get((country or "", method), 0)))
        for country in countries
        for method in sorted(basis.declaration.methods)
    ]


def _is_estimated(part: Part, selection: Selection, basis: Basis) -> bool:
    """Tell whether a part is computed again: it is taken, or its cells are not kept and so cannot stay as they are.

    By a method whose countries rest on each other all of them are one part, which every country moves.
    """
    if crosses_countries(part.method, basis.declaration.settings):
        country, kept_as = None, WHOLE
    else:
        country, kept_as = part.country, part.country or TOGETHER
    surveyed = part.country is None or any(load.country == part.country for load in basis.loads)
    return selection.takes(country, part.method) or (surveyed and (kept_as, part.method) not in basis.kept)


def _time(
    files: Iterable[FileToRead], parts: Sequence[Part], every: Sequence[Part], basis: Basis
) -> tuple[float | None, str]:
    """Scale the slowest earlier run by the larger share, of rows that are read again or of parts."""
    slowest, runs = basis.slowest
    if slowest is None:
        return None, "no earlier run to judge by"
    rows = sum(load.rows_read for load in basis.loads if load.status == "landed")
    share = max(sum(file.rows for file in files) / max(rows, 1), len(parts) / max(len(every), 1))
    told = f"{min(share, 1):.0%} of the slowest of {runs} earlier runs, {slowest:,.1f} s"
    return round(min(share, 1) * slowest, 1), told


def _refuse(what: str, asked: Iterable[str], there: Sequence[str]) -> None:
    unknown = [name for name in asked if name not in there]
    if unknown:
        raise SelectionUnknown(f'there is no {what} "{unknown[0]}".', expected="one of: " + _shown(there))


def _shown(names: Sequence[str], most: int = 20) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
