"""The data folder: is it there, ours, local, private, large enough; what was left lying in it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from flows.checkup.finding import Finding, listed
from schemas.errors import EnvironmentUnsafe
from tasks import environment
from warehouse import encryption
from warehouse import private as rights
from warehouse import release as folders
from warehouse.home import Home

REMOTE = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "ceph", "fuse.glusterfs", "lustre", "afs", "davfs")
"""File systems on which locks, or moves that are all or nothing, depend on another machine."""
SMALLEST = 2**30
TIMES = 2
"""Room for as much again as the last release and the build warehouse take, twice: the next release is built aside."""
MOUNTS = Path("/proc/self/mountinfo")


def folder(home: Home) -> Finding:
    """Is there a folder that this user can write to."""
    if not home.root.exists():
        seen = f"{home.root} is not there yet"
        if not _writable(_nearest(home.root)):
            return Finding(
                "data folder", "fail", f"{seen} and cannot be made", "Name another: --home or KINSCALE_HOME."
            )
        return Finding("data folder", "ok", f"{seen}; the first run makes it")
    if not home.root.is_dir():
        return Finding("data folder", "fail", f"{home.root} is no folder", "Name another: --home or KINSCALE_HOME.")
    shut = [
        str(p) for p in (home.root, home.raw, home.warehouse.parent, home.releases) if p.exists() and not _writable(p)
    ]
    if shut:
        how = "Give it back to the user who runs kinscale (chown, chmod u+rwx), or mount it for writing."
        return Finding("data folder", "fail", f"cannot be written: {listed(shut)}", how)
    return Finding("data folder", "ok", str(home.root))


def file_system(home: Home, mounts: str | None = None) -> Finding:
    """Is the folder on a disk of this machine. mounts: the text of /proc/self/mountinfo."""
    if mounts is None:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="replace") if MOUNTS.exists() else ""
    kind = mounted_as(_nearest(home.root), mounts)
    if not kind:
        return Finding(
            "file system", "skipped", "this system does not list its mounts", "Keep the folder on a local disk."
        )
    if kind in REMOTE:
        how = "Move the data folder to a local disk; locks over networks were not tried."
        return Finding("file system", "warn", f"{kind}, over a network", how)
    return Finding("file system", "ok", kind)


def mounted_as(path: Path, mounts: str) -> str:
    """Return the kind of file system that holds a path, from lines as /proc/self/mountinfo has them."""
    found = encryption.mounted(path, mounts)
    return found.kind if found else ""


def private(home: Home) -> Finding:
    """Can others of this machine look into interviews. Of what lies in a folder that is shut, nothing is asked."""
    parts = (
        *(home.raw, home.warehouse.parent, home.nights, home.candidates, home.prefect),
        home.root / "settings.yaml",
    )
    shared = [path for path in parts if path.exists() and path.stat().st_mode & rights.OWNER_ONLY]
    if shared:
        how = f"chmod -R go-rwx {' '.join(map(str, shared))}"
        return Finding("permissions", "warn", f"others on this machine may look into {_names(shared, home)}", how)
    return Finding("permissions", "ok", "raw files and interviews are for their owner only")


def encrypted(home: Home) -> Finding:
    """Is the folder encrypted at rest, as far as the kernel tells, and must it be."""
    found = encryption.of(home.root)
    if found.state == "encrypted":
        return Finding("encryption", "ok", f"at rest: {found.seen}")
    seen = f"none is seen: {found.seen}" if found.state == "plain" else f"unknown: {found.seen}"
    how = "Set it up as docs/security.md says, section Encryption at rest; a disk that encrypts by itself is not seen."
    return Finding("encryption", "fail" if _encryption_required(home) else "warn", seen, how)


def _encryption_required(home: Home) -> bool:
    try:
        environment.check_encryption(home)
    except EnvironmentUnsafe:
        return True
    return False


def space(home: Home, free: int | None = None) -> Finding:
    """Is there room for the next release. free: bytes."""
    free = shutil.disk_usage(_nearest(home.root)).free if free is None else free
    used = _size(home.warehouse) + (_size(home.latest.resolve()) if home.latest.exists() else 0)
    wanted = max(SMALLEST, TIMES * used)
    seen = f"{_bytes(free)} free; the last release and the build warehouse take {_bytes(used)}"
    how = "Make room: remove candidates that are settled, or move the data folder to a larger disk."
    if free < used or free < SMALLEST // 10:
        return Finding("free space", "fail", seen, how)
    return Finding("free space", "warn" if free < wanted else "ok", seen, how if free < wanted else "")


def leftovers(home: Home, busy: bool) -> Finding:
    """What processes left behind that were killed. busy: a night is running, and these may be its own."""
    left = [*home.releases.glob(f"{folders.BUILDING}*"), *home.raw.glob(".incoming-*")]
    if busy and left:
        return Finding("leftovers", "skipped", "a night is running and builds something")
    if left:
        how = "Nothing has to be done: the next night with news removes them. A process was killed there."
        return Finding("leftovers", "warn", _names(left, home), how)
    return Finding("leftovers", "ok", "none")


def candidates(home: Home) -> Finding:
    """What waits for a decision."""
    waiting = sorted(path.parent for path in home.candidates.glob(f"*/{folders.MANIFEST}"))
    if not waiting:
        return Finding("candidates", "ok", "none waits")
    how = "Look at report/index.html there; correct the cause or run with --reason; remove what is settled."
    return Finding("candidates", "warn", f"{len(waiting)} wait: {_names(waiting, home)}", how)


def _nearest(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK | os.X_OK) and not os.statvfs(path).f_flag & os.ST_RDONLY


def _names(paths: list[Path], home: Home) -> str:
    return listed([str(path.relative_to(home.root)) for path in paths])


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(part.stat().st_size for part in path.rglob("*") if part.is_file()) if path.exists() else 0


def _bytes(number: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:,.0f} {unit}"
        number /= 1000
    return f"{number:,.1f} GB"
