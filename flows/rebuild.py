"""Make a release again from its manifest, in a scratch folder and processes of their own, and compare the content."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.steps import Say
from schemas.errors import GateRefused, KinscaleError, PseudonymKeyUnusable
from tasks import environment, pseudonym_key
from warehouse import code_version, scratch
from warehouse import release as folders
from warehouse.home import CHECKOUT, Home
from warehouse.release import MANIFEST, Published

THREADS = (1, 2)
PRINT_CODE = "from warehouse import code_version as code; print(code.fingerprint(code.RESULTS))"


@dataclass(frozen=True)
class Proof:
    """One rebuild: with how many threads, the content hash it came to, cells that differ, errors of the night."""

    threads: int
    content_sha256: str
    equal: bool
    different_cells: int
    errors: str


def rebuild(release: Published, home: Home, say: Say, threads: Sequence[int] = THREADS) -> list[Proof]:
    """Make a release again once per number of threads, with the code of its manifest. Nothing is written to `home`.

    Raises KinscaleError when code, libraries or raw bytes of the release cannot be had.
    """
    signal.signal(signal.SIGTERM, _end)
    with tempfile.TemporaryDirectory(prefix=scratch.PREFIX) as name:
        place = Path(name)
        environment.check_scratch(place, home)
        code = _code(release, place, say)
        scratch.survey(release, home, place / "surveys")
        proofs = []
        for number in threads:
            say(f"making {release.release_id} again with {number} thread{'s' if number > 1 else ''}")
            own = Home(place / f"home-{number}")
            scratch.earlier(release, home, own)
            errors = _night(release, code, place / "surveys", home, own, number)
            proofs.append(_proof(release, own, number, errors))
        return proofs


def _end(number: int, _: object) -> None:
    """Leave in an orderly way, so that the scratch folder goes."""
    raise SystemExit(128 + number)


def _code(release: Published, place: Path, say: Say) -> Path:
    """Return the folder of the code that made the release: this checkout, or its commit unpacked beside the scratch."""
    manifest, name = release.manifest, release.release_id
    commit = str(manifest["code_commit"] or "")
    if manifest["code_sha256"] == code_version.fingerprint(code_version.RESULTS):
        return CHECKOUT
    if manifest["lock_sha256"] != code_version.lock_sha256():
        raise KinscaleError(
            f"{name} was made with other libraries than this environment has (lock {manifest['lock_sha256'][:12]}...).",
            next_step="Make that environment beside this one: git worktree add ../kinscale-then "
            f"{commit.removesuffix('-dirty') or 'COMMIT'}    then there: ./kinscale verify {name} --home ...",
        )
    if not commit or commit.endswith("-dirty"):
        raise KinscaleError(
            f"{name} was made with code that is no commit ({commit or 'outside git'}), and this code is another one.",
            expected=f"code with the hash {manifest['code_sha256']}",
            next_step="Put back the files that differed from the commit, and verify with them.",
        )
    say(f"taking the code of commit {commit[:12]}")
    code = place / "code"
    code.mkdir()
    code_version.unpack(commit, code)
    found = _call([sys.executable, "-c", PRINT_CODE], code, {}).stdout.strip()
    if found != manifest["code_sha256"]:
        raise KinscaleError(
            f"commit {commit} has other code than {name} was made with ({found or 'none'}).",
            expected=f"code with the hash {manifest['code_sha256']}",
        )
    return code


def _night(release: Published, code: Path, surveys: Path, home: Home, own: Home, threads: int) -> str:
    """Run the night in a process of its own and return its errors, a refused gate left out: a candidate is enough."""
    survey = str(release.manifest["survey_id"])
    settings = {"KINSCALE_SURVEYS": str(surveys), "KINSCALE_THREADS": str(threads)}
    settings["KINSCALE_SETTINGS"] = os.devnull  # nobody is told of a night that is made again
    with contextlib.suppress(PseudonymKeyUnusable):  # the files that need it say so
        settings[pseudonym_key.VARIABLE] = pseudonym_key.find(home).text
    call = [sys.executable, "-m", "flows.cli", "run", "--direct", "--survey", survey, "--home", str(own.root)]
    done = _call(call, code, settings)
    if done.returncode in (0, GateRefused.exit_code):
        return ""
    told = "\n".join(done.stderr.strip().splitlines()[-5:])
    if _made(release, own) is None:
        raise KinscaleError(f"the night of {release.release_id} could not be run again:\n{told}")
    return told


def _call(call: Sequence[str], code: Path, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(code), **settings}
    return subprocess.run(call, cwd=code, env=environment, capture_output=True, text=True, check=False)


def _made(release: Published, own: Home) -> Published | None:
    """Return what the night came to: the release itself, a candidate, or an equal release that stands before it."""
    for folder in (own.releases / release.release_id, *own.candidates.glob(f"{release.release_id}-*")):
        if (folder / MANIFEST).exists():
            return Published(release.release_id, folder, folders.read_json(folder / MANIFEST))
    standing = folders.standing(folders.published(own, str(release.manifest["survey_id"])))
    same = [r for r in standing if r.manifest["content_sha256"] == release.manifest["content_sha256"]]
    return same[-1] if same else None


def _proof(release: Published, own: Home, threads: int, errors: str) -> Proof:
    from tasks.changes import changes
    from warehouse import results

    made = _made(release, own)
    if made is None:
        raise KinscaleError(f"the night of {release.release_id} came to no result.")
    content = str(made.manifest["content_sha256"])
    then, now = (results.read(r.database, "estimates", release_id=r.release_id) for r in (release, made))
    different = len(changes(then, now)) if list(then.columns) == list(now.columns) else 0
    return Proof(threads, content, content == release.manifest["content_sha256"] and not different, different, errors)
