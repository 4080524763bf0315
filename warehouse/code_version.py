"""Which code made a number: the commit, and a hash over the code and data files that results depend on."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tarfile
from functools import cache
from pathlib import Path

from schemas.errors import KinscaleError
from warehouse.home import CHECKOUT

LOCK = CHECKOUT / "requirements.lock"
EXTRAS = {"dask": ("dask", "distributed", "prefect-dask"), "spark": ("ibis-framework", "pyspark", "sqlglot")}
"""What `./kinscale install` can add, each with the packages that the work rests on. No release holds their locks, since
its numbers are the same with and without them."""
INTAKE = (
    "schemas",
    "sources",
    "surveys/registry",
    *(f"tasks/{step}.py" for step in ("drift", "duplicates", "long_file", "personal", "read", "validate")),
    "warehouse/numbers_taken.py",
)
"""What decides how a file's bytes become rows: a change here reads every file again."""
RESULTS = (*INTAKE, "disclosure", "estimators", "tasks", "warehouse", "reports", "exchange", "requirements.lock")
"""What decides what a release holds: a change here makes a release again."""
ESTIMATES = ("estimators", "requirements.lock")
"""What makes estimates of the sums they rest on: a change here makes every part of them again."""
_KINDS = (".py", ".sql", ".yaml", ".csv", ".j2", ".css", ".js", ".svg", ".lock")


@cache
def fingerprint(parts: tuple[str, ...]) -> str:
    """SHA-256 over the named files and folders, by relative name and content."""
    paths = []
    for part in parts:
        path = CHECKOUT / part
        paths += [path] if path.is_file() else [p for p in path.rglob("*") if p.suffix in _KINDS and p.is_file()]
    digest = hashlib.sha256()
    for path in sorted(set(paths)):
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def lock_sha256() -> str:
    """SHA-256 of the dependency lock."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def lock_of(extra: str) -> Path:
    """Return where the lock of an extra is: what it adds to the default."""
    return CHECKOUT / f"requirements-{extra}.lock"


def locked(lock: Path = LOCK) -> dict[str, frozenset[str]]:
    """Return the versions that a lock pins, by package: one, or one for each range of Python versions."""
    found: dict[str, set[str]] = {}
    for name, pinned in re.findall(r"^([a-z0-9._-]+)==(\S+)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE):
        found.setdefault(name, set()).add(pinned)
    return {name: frozenset(versions) for name, versions in found.items()}


def unpack(commit: str, folder: Path) -> None:
    """Put the code of a commit into a folder. Raises KinscaleError when git cannot give it."""
    archive = folder / "code.tar"
    call = ["git", "-C", str(CHECKOUT), "archive", "--format=tar", "--output", str(archive), commit]
    try:
        done = subprocess.run(call, capture_output=True, text=True, timeout=120, check=False)
        told = done.stderr.strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        told = str(error)
    if told or not archive.exists():
        raise KinscaleError(
            f"the code of commit {commit} cannot be had: {told}",
            file=str(CHECKOUT),
            expected="a git checkout that has the commit",
            next_step=f"git fetch, then: git cat-file -t {commit}",
        )
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    archive.unlink()


@cache
def commit() -> str | None:
    """Return the commit of the checkout, with `-dirty` when files differ from it; None outside git."""
    try:
        call = ["git", "-C", str(CHECKOUT), "describe", "--always", "--abbrev=40", "--dirty", "--match", ""]
        done = subprocess.run(call, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None  # no git on this machine: the release names its code by fingerprint all the same
    return done.stdout.strip() or None
