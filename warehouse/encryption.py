"""Is a folder encrypted at rest, as far as the kernel tells: dm-crypt, fscrypt, or a file system that encrypts."""

from __future__ import annotations

import contextlib
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

MOUNTS = Path("/proc/self/mountinfo")
SYSTEM = Path("/sys")
ENCRYPTING = ("fuse.gocryptfs", "fuse.cryfs", "fuse.encfs", "fuse.securefs", "ecryptfs")
_GET_POLICY = 0xC0096616
"""FS_IOC_GET_ENCRYPTION_POLICY_EX of linux/fscrypt.h."""


@dataclass(frozen=True)
class Encryption:
    """How a folder stands, and what it was told by. `plain`: no encryption is seen; a disk may encrypt by itself."""

    state: Literal["encrypted", "plain", "unknown"]
    seen: str


@dataclass(frozen=True)
class Mount:
    """A mounted file system: device numbers, kind, and what is mounted."""

    device: str
    kind: str
    source: str


def of(path: Path, mounts: str | None = None, system: Path = SYSTEM) -> Encryption:
    """Tell how a folder, or the nearest one above it that is there, is kept.

    mounts: the text of /proc/self/mountinfo.  system: where sysfs is mounted.
    """
    there = next(place for place in (path, *path.parents) if place.exists()).resolve()
    if mounts is None:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="replace") if MOUNTS.exists() else ""
    mount = mounted(there, mounts)
    if mount is None:
        return Encryption("unknown", "this system does not list its mounts")
    if mount.kind in ENCRYPTING:
        return Encryption("encrypted", mount.kind)
    device = _device(mount, system)
    if device is not None and _is_crypt(device):
        return Encryption("encrypted", f"dm-crypt below {mount.kind}")
    if _has_policy(there):
        return Encryption("encrypted", f"fscrypt on {mount.kind}")
    if device is None:
        return Encryption("unknown", f"{mount.kind}, of which this system does not tell where it keeps its bytes")
    return Encryption("plain", f"{mount.kind} on {mount.source}")


def mounted(path: Path, mounts: str) -> Mount | None:
    """Return the file system that holds a path, from lines as /proc/self/mountinfo has them."""
    best, found = -1, None
    for line in mounts.splitlines():
        before, divided, after = line.partition(" - ")
        fields, rest = before.split(), after.split()
        if not divided or len(fields) < 5 or len(rest) < 2:
            continue
        point = fields[4].encode().decode("unicode_escape")
        if path.is_relative_to(point) and len(point) >= best:
            best, found = len(point), Mount(fields[2], rest[0], rest[1])
    return found


def _device(mount: Mount, system: Path) -> Path | None:
    """Return the folder of sysfs about the block device of a mount; btrfs names one although its numbers are none."""
    place = system / "dev" / "block" / mount.device
    if place.exists():
        return place
    named = system / "class" / "block" / Path(os.path.realpath(mount.source)).name
    return named if mount.source.startswith("/dev/") and named.exists() else None


def _is_crypt(device: Path) -> bool:
    """Tell whether a device is dm-crypt, or all devices below it are (as LVM on LUKS)."""
    with contextlib.suppress(OSError):
        if (device / "dm" / "uuid").read_text(encoding="ascii").startswith("CRYPT-"):
            return True
    below = sorted((device / "slaves").iterdir()) if (device / "slaves").is_dir() else []
    return bool(below) and all(map(_is_crypt, below))


def _has_policy(path: Path) -> bool:
    """Ask the file system whether it encrypts a folder by fscrypt."""
    handle = os.open(path, os.O_RDONLY)
    try:
        about = bytearray((24).to_bytes(8, "little") + bytes(24))
        fcntl.ioctl(handle, _GET_POLICY, about)
    except OSError:
        return False  # no policy, or a file system that knows none
    finally:
        os.close(handle)
    return True
