"""The verify flow: what was published against its chain, and releases made again from their manifests."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows import rebuild
from schemas.errors import KinscaleError, ReleaseDamaged
from warehouse import integrity, release_names
from warehouse import release as folders
from warehouse.home import Home
from warehouse.release import Published


@flow(name="verify", persist_result=False, validate_parameters=True)
def verify(release: str | None = None, chain_only: bool = False, home: str | None = None) -> None:
    """Compare what was published with its chain, and make releases again, at 1 and 2 threads.

    release: its name, rN or latest; else the newest in force of each survey.  chain_only: make nothing again.
    home: data folder, else `KINSCALE_HOME`, else `data/`.
    Raises ReleaseDamaged, after everything was looked at, when something is not as it was published.
    """
    say = logging.getLogger("kinscale").info
    folder = Home.find(Path(home) if home else None)
    faults = [str(fault) for fault in integrity.check(folder)] if folder.releases.exists() else []
    lines, failed = [f"- {fault}" for fault in faults], len(faults)
    again = [] if chain_only or faults else chosen(folder, release)
    for one in again:
        told, equal = made_again(one, folder, say)
        lines.append(f"- {one.release_id}: {told}")
        failed += not equal
    title = f"{failed} differ" if failed else "All is as it was published"
    rest = "Nothing was made again." if not again else ""
    create_markdown_artifact(
        key="verification",
        markdown="\n".join([f"# {title}", *lines, "", rest]),
        description=f"Releases of {folder.root}",
    )
    if failed:
        raise ReleaseDamaged(
            f"{failed} of what was published cannot be proven: {'; '.join(lines[:5])}",
            file=str(folder.releases),
            next_step="See all: ./kinscale verify --chain, and the artifact `verification`.",
        )


def chosen(home: Home, name: str | None) -> list[Published]:
    """Return the release of a name, else the newest in force of each survey."""
    if name is not None:
        return [release_names.find(home, name)]
    standing = [folders.standing(folders.published(home, survey)) for survey in folders.surveys(home)]
    return [releases[-1] for releases in standing if releases]


def made_again(release: Published, home: Home, say: rebuild.Say) -> tuple[str, bool]:
    """Make one release again; say what came of it, and whether it is equal. What stops one does not stop the others."""
    try:
        proofs = rebuild.rebuild(release, home, say)
    except KinscaleError as error:
        return f"could not be made again: {error}", False
    equal = all(proof.equal for proof in proofs)
    cells = max(proof.different_cells for proof in proofs)
    threads = ", ".join(str(proof.threads) for proof in proofs)
    return f"{'equal' if equal else f'not equal, {cells:,} cells of estimates differ'} (threads {threads})", equal
