"""The maintenance flow: upkeep of the data folder, told as an artifact. What it finds damaged fails the run."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from schemas.errors import ReleaseDamaged
from warehouse import integrity, upkeep
from warehouse import release as folders
from warehouse.home import Home

DAYS = 90
LEAST_FREE_BYTES = 1_000_000_000


@flow(name="maintenance", persist_result=False, validate_parameters=True)
def maintenance(home: str | None = None, days: int = DAYS) -> None:
    """Sweep leftovers, read stored and published files against their hashes, list what is old, tell free space.

    home: data folder, else `KINSCALE_HOME`, else `data/`.  days: older candidates are listed; none is removed.
    Raises WarehouseLocked while a night runs, and ReleaseDamaged, after everything was looked at, when stored or
    published bytes are not those they were.
    """
    say = logging.getLogger("kinscale").info
    folder = Home.find(Path(home) if home else None)
    say("sweeping leftovers")
    swept = upkeep.sweep(folder)
    say("folding the build warehouse")
    before, after = upkeep.fold(folder)
    say("reading the raw store")
    raw = upkeep.read_raw_store(folder, say)
    say("comparing what was published with its chain")
    faults = [str(fault) for fault in integrity.check(folder)] if folder.releases.exists() else []
    old = list(upkeep.old_candidates(folder, days, folders.now()))
    disk = upkeep.disk(folder)
    damage = [
        *(f"raw/{name}: it has not the hash that it is named by" for name in raw.damaged),
        *(f"raw: {sha256} is not there, and a release was made from it" for sha256 in raw.missing),
        *faults,
    ]
    little = " **Little is left.**" if disk.free < LEAST_FREE_BYTES else ""
    create_markdown_artifact(
        key="maintenance",
        description=f"Upkeep of {folder.root}",
        markdown="\n".join(
            [
                f"# {'Damage was found' if damage else 'All is whole'}",
                *(f"- {line}" for line in damage),
                "",
                f"- Free space: {disk.free / 1e9:,.1f} of {disk.total / 1e9:,.1f} GB.{little}",
                f"- Raw store: {raw.files:,} files, {raw.bytes:,} bytes, all read; {len(raw.damaged)} damaged.",
                f"- Build warehouse: {before:,} bytes before, {after:,} after its log was folded in.",
                f"- Leftovers of killed runs removed: {', '.join(swept) or 'none'}.",
                f"- Candidates older than {days} days (remove them by hand): {', '.join(old) or 'none'}.",
            ]
        ),
    )
    if damage:
        raise ReleaseDamaged(
            f"{len(damage)} files are not what they were: {'; '.join(damage[:5])}",
            file=str(folder.root),
            next_step="See all: ./kinscale verify --chain, and the artifact `maintenance`. Restore from a backup.",
        )
