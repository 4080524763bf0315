"""A file that is sent again is recognised by its content: equal bytes without reading it, equal rows when it is read.

Its interviews are counted once, with the file that holds them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from schemas import instrument
from schemas.batch import Batch, Load, PulledFile
from schemas.declaration import Declaration
from schemas.errors import KinscaleError, TooManyBadRows
from tasks import duplicates
from tasks.land import load_of, refused_load
from warehouse import delivery_changes, loads, raw_files, resent
from warehouse.build import Warehouse
from warehouse.resent import Again


class _Undo(Exception):  # noqa: N818 - it ends a transaction that only looked
    pass


def copies(
    files: Sequence[PulledFile], standing: Mapping[str, Load], warehouse: Warehouse, survey: str
) -> dict[int, str]:
    """Return places in the listing whose bytes another file has, each with the address of the one that counts.

    That is the file in force, else the one that came first. Files of one source only, and with equal entries about
    their rows, for then equal bytes are equal rows. A new version of a file that is in force is none.
    """
    force = {load.uri: load for load in standing.values() if load.status == "landed"}
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, file in enumerate(files):
        key = (file.sha256, file.country, file.source, file.corrections, file.waivers)
        groups.setdefault(key, []).append(place)
    listed = {file.uri for file in files}
    gone = {(load.sha256, load.country): uri for uri, load in force.items() if uri not in listed}
    found: dict[int, str] = {}
    for same, places in groups.items():
        counted = [files[p].uri for p in places if _has(force.get(files[p].uri), files[p])]
        vanished = gone.get((files[places[0]].sha256, files[places[0]].country))
        if len(places) == 1 and not (vanished and not counted and same[3:] == ((), ())):
            continue
        holder = counted[0] if counted else vanished or _first([files[p] for p in places], warehouse, survey)
        found |= {p: holder for p in places if files[p].uri != holder and files[p].uri not in force}
    return found


def _has(load: Load | None, file: PulledFile) -> bool:
    return load is not None and load.sha256 == file.sha256


def _first(files: Sequence[PulledFile], warehouse: Warehouse, survey_id: str) -> str:
    """Return the address of the file that came first, as the raw store noted it; in the order of the listing."""
    came = raw_files.newest(warehouse, survey_id, [file.uri for file in files])
    return min(files, key=lambda f: (f.uri not in came, came[f.uri].pulled_at if f.uri in came else None)).uri


def still(
    files: Sequence[PulledFile],
    standing: Mapping[str, Load],
    same: Mapping[int, str],
    warehouse: Warehouse,
    survey: str,
) -> set[int]:
    """Return the places of files that were found to be another one, and still are."""
    force = {load.uri for load in standing.values() if load.status == "landed"}
    known = resent.standing(warehouse, survey)
    found = set()
    for place, file in enumerate(files):
        if file.load_id in known and standing.get(file.load_id) and standing[file.load_id].status == "resent":
            how, is_held = known[file.load_id]
            if same.get(place) in force if how == "bytes" else is_held:
                found.add(place)
    return found


def settle(
    files: Sequence[PulledFile], same: Mapping[int, str], declaration: Declaration, warehouse: Warehouse
) -> list[int]:
    """Write down the copies whose file has landed; return the places of the others, which must be read themselves."""
    force = (
        {x.uri: x for x in loads.current(warehouse, declaration.id).values() if x.status == "landed"} if same else {}
    )
    found = {
        files[place].load_id: Again(refused_load(files[place], "", declaration), force[uri], "bytes")
        for place, uri in same.items()
        if uri in force
    }
    _record(found, warehouse, declaration)
    return sorted(place for place, uri in same.items() if uri not in force)


def is_doubtful(outcome: Batch | KinscaleError) -> bool:
    """Tell whether all a file brought, or too much of it, has come before: it may be another file in another form."""
    if isinstance(outcome, Batch):
        return not outcome.rows_accepted and duplicates.RULE in set(outcome.quarantined["rule"])
    return isinstance(outcome, TooManyBadRows) and duplicates.RULE in str(outcome)


def of_rows(batches: Sequence[Batch], declaration: Declaration, warehouse: Warehouse) -> set[str]:
    """Write down the files whose rows are just those of another file; return their loads.

    batches: validated as if no other file held their numbers. They are landed to be compared, and that is undone.
    """
    pairs = [(load_of(batch, declaration), batch) for batch in batches]
    before = delivery_changes.standing(warehouse, [load for load, _ in pairs]) if pairs else {}
    pairs = [(x, b) for x, b in pairs if x.load_id not in before or before[x.load_id].sha256 == x.sha256]
    if not pairs:
        return set()
    again: list[Again] = []
    try:
        with warehouse.transaction():
            loads.replace(warehouse, [pairs])
            again = resent.same_rows(warehouse, [load for load, _ in pairs], instrument.find(declaration.instrument))
            raise _Undo
    except _Undo:
        pass
    files = {batch.file.load_id: batch.file for batch in batches}
    found = {a.load.load_id: replace(a, load=refused_load(files[a.load.load_id], "", declaration)) for a in again}
    _record(found, warehouse, declaration)
    return set(found)


def _record(found: Mapping[str, Again], warehouse: Warehouse, declaration: Declaration) -> None:
    came = raw_files.newest(warehouse, declaration.id, [again.same_as.uri for again in found.values()])
    told = {name: _told(again, came.get(again.same_as.uri)) for name, again in found.items()}
    resent.record(
        warehouse,
        {name: replace(again, load=replace(again.load, error=told[name])) for name, again in found.items()},
        told,
    )


def _told(again: Again, came: raw_files.Newest | None) -> str:
    day = f", which came on {came.pulled_at:%Y-%m-%d}" if came else ""
    if again.how == "bytes":
        return f"the same bytes as {again.same_as.file}{day}: its {again.same_as.rows_accepted:,} interviews count once"
    return f"the same {again.same_as.rows_accepted:,} interviews as {again.same_as.file}{day}, in another order or form"
