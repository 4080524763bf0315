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

    That is the file in force, one whose earlier version has the bytes, else the one that came first. Files of one
    source only, and with equal entries about their rows, for then equal bytes are equal rows; whatever they are, the
    bytes of an earlier version bring nothing new. A new version of a file that is in force is none.
    """
    force = {load.uri: load for load in standing.values() if load.status == "landed"}
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, file in enumerate(files):
        key = (file.sha256, file.country, file.source, file.corrections, file.waivers)
        groups.setdefault(key, []).append(place)
    source_of = {file.uri: file.source for file in files}
    gone = {(load.sha256, load.country): uri for uri, load in force.items() if uri not in source_of}
    had = resent.versions(warehouse, survey, [file.sha256 for file in files if file.uri not in force])
    found: dict[int, str] = {}
    for same, places in groups.items():
        some = [files[p] for p in places]
        content = (some[0].sha256, some[0].country)
        holders = [file.uri for file in some if _has(force.get(file.uri), file)]
        if content in gone and (len(some) > 1 or same[3:] == ((), ())):
            holders.append(gone[content])
        holders += [file.uri for file in some if file.uri in force]  # a copy of what takes its place
        holders += [uri for uri in had.get(content, ()) if source_of.get(uri, some[0].source) == some[0].source]
        if not holders and len(some) == 1:
            continue
        holder = holders[0] if holders else _first(some, warehouse, survey)
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
    """Return the places of files that were found to be another one, and still are.

    One whose file comes in a new version tonight is none of them: what it is shows when that one has landed.
    """
    force = {load.uri: load for load in standing.values() if load.status == "landed"}
    coming = {file.uri for file in files if file.load_id not in standing}
    known = resent.standing(warehouse, survey)
    found = set()
    for place, file in enumerate(files):
        if file.load_id in known and standing.get(file.load_id) and standing[file.load_id].status == "resent":
            how, is_held = known[file.load_id]
            holder = force.get(same.get(place, ""))
            if how != "rows":
                is_held = bool(holder and holder.uri not in coming and _has(holder, file) == (how != resent.EARLIER))
            if is_held:
                found.add(place)
    return found


def settle(
    files: Sequence[PulledFile], same: Mapping[int, str], declaration: Declaration, warehouse: Warehouse
) -> list[int]:
    """Write down the copies whose file has landed; return the places of the others, which must be read themselves."""
    if not same:
        return []
    force = {x.uri: x for x in loads.current(warehouse, declaration.id).values() if x.status == "landed"}
    had = resent.versions(warehouse, declaration.id, [files[place].sha256 for place in same])
    found: dict[int, Again] = {}
    for place, uri in same.items():
        file = files[place]
        if uri in had.get((file.sha256, file.country), ()):
            how = "bytes" if _has(force[uri], file) else resent.EARLIER
            found[place] = Again(refused_load(file, "", declaration), force[uri], how)
    _record({files[place].load_id: again for place, again in found.items()}, warehouse, declaration)
    return sorted(same.keys() - found.keys())


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
    if again.how == resent.EARLIER:
        return f"an earlier version of {again.same_as.file}, of which {again.same_as.rows_accepted:,} interviews count"
    return f"the same {again.same_as.rows_accepted:,} interviews as {again.same_as.file}{day}, in another order or form"
