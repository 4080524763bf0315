"""A night of one survey rehearsed in a scratch folder that is removed: what would be read, refused and published."""

from __future__ import annotations

import contextlib
import json
import signal
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flows import direct
from flows.night import Outcome
from flows.steps import Say
from schemas import instrument, settings
from schemas.batch import PulledFile
from schemas.counted import counted
from schemas.declaration import Declaration
from schemas.declaration_faults import line
from schemas.errors import (
    DeclarationError,
    DeliveryError,
    GateRefused,
    KinscaleError,
    SettingsError,
    WarehouseLocked,
)
from schemas.shape import LastAccepted
from tasks import credentials, declaration_check, delivery_check, environment
from tasks import pull as pulling
from tasks.delivery_check import DeliveryCheck
from warehouse import build, results, shapes
from warehouse.home import Home

_LONELY_RULES = "remove, adjust, average, collapse or certainty"


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal found. problems: what must change before a run. notes: what is worth a look.

    publishes: countries, regions, methods, cells and hidden cells; None when the run could not be rehearsed.
    """

    survey_id: str
    problems: tuple[KinscaleError, ...]
    notes: tuple[str, ...]
    files: tuple[DeliveryCheck, ...] = ()
    lonely: tuple[str, ...] = ()
    publishes: dict[str, Any] | None = field(default=None)

    @property
    def ready(self) -> bool:
        """Tell whether `./kinscale run` would publish."""
        return not self.problems and self.publishes is not None


def rehearse(survey_id: str, say: Say, real: Home | None = None) -> Rehearsal:
    """Check a survey's folder and deliveries, and publish into a scratch folder if nothing is wrong with them.

    real: the data folder whose last accepted deliveries new ones are compared with; it is only read.
    Nothing is written but below that folder, which is removed whatever happens. Raises DeclarationError if there is
    no such survey.
    """
    folder = declaration_check.check(survey_id)
    if folder.declaration is None:
        return Rehearsal(survey_id, folder.faults, folder.notes)
    with _orderly_end(), tempfile.TemporaryDirectory(prefix="kinscale-check-") as name:
        home = Home(Path(name))
        there = real or Home.find()
        environment.check_scratch(home.root, there)
        _with_the_key(home, there)
        return _in_scratch(folder.declaration, folder, home, say, real)


def _with_the_key(scratch: Home, there: Home) -> None:
    """Tell the scratch folder where the real one has its key of pseudonyms; nobody is told of a rehearsal."""
    with suppress(SettingsError):  # a night says it
        real = settings.load(there.root)
        kept = real.model_dump(mode="json", include={"pseudonym_key_file"}, exclude_none=True)
        (scratch.root / settings.NAME).write_text(json.dumps(kept), encoding="utf-8")  # JSON text is YAML text


def _in_scratch(
    declaration: Declaration, folder: declaration_check.FolderCheck, home: Home, say: Say, real: Home | None
) -> Rehearsal:
    say(f"{declaration.id}: listing {counted(len(declaration.sources), 'source')}")
    listing = pulling.look(declaration)
    with build.write(home, instrument.find(declaration.instrument)) as warehouse:
        files, errors = pulling.pull(listing, declaration, warehouse, home)
    before = accepted_before(files, declaration, real, say)
    checks: list[DeliveryCheck] = []
    seen: dict[str, set[str]] = defaultdict(set)
    for file in files:
        say(f"reading {file.name} ({file.bytes:,} bytes)")
        checks.append(
            delivery_check.check(
                file,
                declaration,
                home,
                frozenset(seen[file.country]),
                folder.regions_known,
                before.get(file.source, LastAccepted()),
            )
        )
        batch = checks[-1].batch
        if batch is not None and checks[-1].error is None:
            seen[file.country] |= set(batch.accepted[instrument.find(declaration.instrument).KEY])
    of_families = instrument.find(declaration.instrument).ANALYSIS == instrument.FAMILIES
    lonely = tuple(lonely_strata(checks)) if of_families else ()
    pulling_errors = [*listing.errors, *errors]
    problems: list[KinscaleError] = [*folder.faults, *(error for error in pulling_errors if error.exit_code)]
    notes = (*folder.notes, *_credentials(declaration), *(str(e) for e in pulling_errors if not e.exit_code))
    problems += [check.error for check in checks if check.error is not None]
    if lonely and declaration.rates.lonely_psu == "fail":
        problems.append(nobody_chose(lonely, declaration))
    found = Rehearsal(declaration.id, tuple(problems), notes, tuple(checks), lonely)
    if problems or not any(check.accepted for check in checks):
        return found
    try:
        outcome = direct.run(declaration, home, say)
    except DeliveryError as error:  # the declaration, as the estimators see it
        return replace(found, problems=(error,))
    problems = [_without_scratch(error) for error in outcome.errors if error.exit_code]
    return replace(found, problems=tuple(problems), publishes=would_publish(outcome, declaration))


def accepted_before(
    files: Sequence[PulledFile], declaration: Declaration, real: Home | None, say: Say
) -> dict[int, LastAccepted]:
    """Return what was accepted last of each source, by its place; nothing while another process writes there."""
    uris: dict[int, list[str]] = defaultdict(list)
    for file in files:
        uris[file.source].append(file.uri)
    sources = {place: declaration.sources[place] for place in uris}
    try:
        with build.read(real) if real else nullcontext() as warehouse:
            if warehouse is None:
                return {}
            return {
                place: shapes.last(warehouse, declaration.id, source.country, source.path, uris[place])
                for place, source in sources.items()
            }
    except WarehouseLocked:
        say("the build warehouse is being written: nothing is compared with the last accepted deliveries")
        return {}


def _credentials(declaration: Declaration) -> Iterator[str]:
    """Say which credentials were found, and where; missing ones are problems."""
    told = (credentials.listed(source) for source in declaration.sources)
    for name, found in {one["name"]: one for one in told if one}.items():
        if found["found_in"]:
            yield f"credentials {name}: {', '.join(found['keys'])} in {found['found_in']}"


def _without_scratch(error: KinscaleError) -> KinscaleError:
    """Leave out of a refusal what is gone when it is read: the candidate in the scratch folder."""
    if not isinstance(error, GateRefused):
        return error
    return GateRefused(
        error.what, expected=error.expected, next_step="Put right what it names; docs/quality.md explains it."
    )


def nobody_chose(lonely: Sequence[str], declaration: Declaration) -> DeclarationError:
    """Say which strata have one settlement, and where to choose what they stand for."""
    path = declaration.folder / "survey.yaml"
    return DeclarationError(
        f"rates.lonely_psu: fail, and of {', '.join(lonely)} there are interviews of one settlement only.",
        file=str(path),
        row=line(path, ("rates", "lonely_psu")),
        expected=f"rates.lonely_psu: {_LONELY_RULES}; docs/methods.md says what each does",
        next_step=(
            "Choose a rule for its part in the nation's error; the design methods then publish the nation, and no "
            "number of the region. To have one, join it with a neighbour, as one row `A+B` in regions.csv and "
            "population.csv."
        ),
        facts={"key": "rates.lonely_psu", "strata": list(lonely)},
    )


def lonely_strata(checks: Iterable[DeliveryCheck]) -> Iterator[str]:
    """Yield the regions whose accepted interviews are all of one settlement."""
    settlements: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for check in checks:
        if check.batch is not None and check.error is None:
            rows = check.batch.accepted[["region", "district", "settlement"]].drop_duplicates()
            for region, district, settlement in rows.itertuples(index=False):
                settlements[region].add((district, settlement))
    yield from sorted(region for region, found in settlements.items() if len(found) == 1)


def would_publish(outcome: Outcome, declaration: Declaration) -> dict[str, Any] | None:
    """Count what the scratch release holds; no number of it is passed on."""
    if outcome.release is None:
        return None
    cells = results.read(outcome.release.database, "estimates")
    hidden = Counter(cells["conf_status"])
    return {
        "countries": sorted(cells["country"].dropna().unique()),
        "regions": sorted(cells["region"].dropna().unique()),
        "methods": list(declaration.methods),
        "cells": len(cells),
        "hidden": hidden["C"] + hidden["D"] + hidden["N"],
    }


@contextlib.contextmanager
def _orderly_end() -> Iterator[None]:
    """Let SIGTERM end the process in an orderly way, so that the scratch folder with its copies goes."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
