"""What the kernel's own lists say of encryption at rest; the lists are written here as a machine shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse import encryption


def mounts(kind: str, source: str, device: str, place: Path) -> str:
    escaped = str(place).replace(" ", "\\040")
    return (
        f"22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n40 22 {device} / {escaped} rw shared:5 - {kind} {source} rw\n"
        "not a line of this table\n"
    )


def device(system: Path, numbers: str, uuid: str = "", below: tuple[Path, ...] = ()) -> Path:
    """Write what sysfs says of a block device. below: the devices that it is made of."""
    folder = system / "dev" / "block" / numbers
    (folder / "slaves").mkdir(parents=True)
    if uuid:
        (folder / "dm").mkdir()
        (folder / "dm" / "uuid").write_text(f"{uuid}\n")
    for lower in below:
        (folder / "slaves" / lower.name).symlink_to(lower)
    return folder


def test_luks_is_seen_directly_and_below_lvm(tmp_path: Path) -> None:
    system, place = tmp_path / "sys", tmp_path / "a folder"
    place.mkdir()
    disk = device(system, "8:2")
    crypt = device(system, "253:0", "CRYPT-LUKS2-0123abcd-home", (disk,))
    device(system, "253:1", "LVM-abcdef", (crypt,))
    device(system, "253:2", "LVM-abcdef", (crypt, disk))  # half of it lies on a disk in clear
    found = {
        numbers: encryption.of(place, mounts("ext4", "/dev/mapper/x", numbers, place), system).state
        for numbers in ("253:0", "253:1", "253:2", "8:2")
    }
    assert found == {"253:0": "encrypted", "253:1": "encrypted", "253:2": "plain", "8:2": "plain"}


def test_btrfs_is_followed_by_the_name_of_its_device(tmp_path: Path) -> None:
    system = tmp_path / "sys"
    (system / "class" / "block").mkdir(parents=True)
    crypt = device(system, "253:0", "CRYPT-LUKS1-ffff-x")
    (system / "class" / "block" / "kinscale-no-such").symlink_to(crypt)
    text = mounts("btrfs", "/dev/mapper/kinscale-no-such", "0:45", tmp_path)
    assert encryption.of(tmp_path, text, system) == encryption.Encryption("encrypted", "dm-crypt below btrfs")


@pytest.mark.parametrize("kind", ["fuse.gocryptfs", "fuse.cryfs", "ecryptfs"])
def test_file_systems_that_encrypt_are_known(tmp_path: Path, kind: str) -> None:
    text = mounts(kind, "/srv/cipher", "0:40", tmp_path)
    assert encryption.of(tmp_path / "not" / "there", text, tmp_path) == encryption.Encryption("encrypted", kind)


@pytest.mark.parametrize("kind", ["nfs4", "tmpfs", "overlay", "zfs", "fuse.sshfs", "9p"])
def test_what_the_kernel_does_not_tell_is_unknown(tmp_path: Path, kind: str) -> None:
    found = encryption.of(tmp_path, mounts(kind, "somewhere", "0:40", tmp_path), tmp_path / "sys")
    assert found.state == "unknown"


def test_without_a_list_of_mounts_nothing_is_claimed(tmp_path: Path) -> None:
    assert encryption.of(tmp_path, "", tmp_path).state == "unknown"


def test_the_innermost_mount_counts(tmp_path: Path) -> None:
    inner = tmp_path / "data"
    inner.mkdir()
    text = mounts("fuse.gocryptfs", "/c", "0:40", tmp_path) + mounts("ext4", "/dev/sdb1", "8:17", inner)
    device(tmp_path / "sys", "8:17")
    assert encryption.of(tmp_path, text, tmp_path / "sys").state == "encrypted"
    assert encryption.of(inner, text, tmp_path / "sys").state == "plain"
