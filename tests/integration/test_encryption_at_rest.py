"""A data folder inside gocryptfs: what a night leaves on the disk tells nothing, and its numbers are the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows import direct
from flows.checkup import data_folder
from flows.night import Outcome
from schemas import declaration
from schemas.errors import EnvironmentUnsafe
from tests import small_survey
from warehouse import encryption
from warehouse.home import Home


@dataclass(frozen=True)
class Vault:
    """An encrypted folder: where its cipher lies, and where it is seen in clear while it is mounted."""

    cipher: Path
    clear: Path
    key: Path

    def mount(self) -> None:
        call = ["gocryptfs", "-q", "-nosyslog", "-passfile", str(self.key), str(self.cipher), str(self.clear)]
        # it goes on as a process of its own, which must not hold a pipe of this one open
        quiet = subprocess.DEVNULL
        subprocess.run(call, check=True, stdin=quiet, stdout=quiet, stderr=quiet, timeout=60)

    def unmount(self) -> None:
        for _ in range(20):  # a process that just closed its last file may still hold it
            done = subprocess.run(["fusermount", "-u", str(self.clear)], capture_output=True, check=False, timeout=60)
            if done.returncode == 0 or not os.path.ismount(self.clear):
                return
            time.sleep(0.2)
        raise AssertionError(done.stderr.decode())


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    if not all(map(shutil.which, ("gocryptfs", "fusermount"))) or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("gocryptfs or FUSE is not here")
    made = Vault(tmp_path / "cipher", tmp_path / "clear", tmp_path / "key")
    made.cipher.mkdir()
    made.clear.mkdir()
    made.key.write_text("a key that lies outside the data folder\n")
    init = ["gocryptfs", "-q", "-nosyslog", "-init", "-scryptn", "10", "-passfile", str(made.key), str(made.cipher)]
    subprocess.run(init, check=True, capture_output=True, timeout=60)
    try:
        made.mount()
    except subprocess.CalledProcessError:
        pytest.skip("nothing can be mounted here")
    yield made
    if os.path.ismount(made.clear):
        made.unmount()


def run(home: Home) -> Outcome:
    return direct.run(declaration.load(small_survey.ID), home, lambda _: None)


def content(outcome: Outcome) -> str:
    assert outcome.release is not None
    return str(outcome.release.manifest["content_sha256"])


def occurrences(folder: Path, needles: list[bytes]) -> list[tuple[str, bytes]]:
    """Return where names or bytes of files below a folder hold one of some texts."""
    found = []
    for path in folder.rglob("*"):
        held = str(path.relative_to(folder)).encode() + (path.read_bytes() if path.is_file() else b"")
        found += [(str(path), needle) for needle in needles if needle in held]
    return found


def test_a_night_in_an_encrypted_folder_leaves_no_plain_byte_and_the_same_numbers(
    survey: Path, home: Home, vault: Vault
) -> None:
    inside = Home(vault.clear / "home")
    inside.root.mkdir()
    (inside.root / "settings.yaml").write_text("encryption_required: true\n")
    encrypted = content(run(inside))
    needles = ["село 1".encode(), b"questionnaire_id", b"KZ-001", b"warehouse.duckdb", b"DUCK", b"releases", b"KZ.csv"]
    # the same search in clear finds all of it, before the folder is shut
    assert {needle for _, needle in occurrences(vault.clear, needles)} == set(needles)
    vault.unmount()
    assert not any(vault.clear.iterdir())
    assert sum(path.is_file() for path in vault.cipher.rglob("*")) > 20
    assert occurrences(vault.cipher, needles) == []
    assert content(run(home)) == encrypted
    vault.mount()
    small_survey.change(survey / "raw" / "KZ.csv", 4, {"relatives": "9"})
    assert run(inside).news  # and the next night goes on where it was


def test_the_encrypted_folder_is_recognised_while_it_is_mounted(survey: Path, vault: Vault) -> None:
    inside = Home(vault.clear / "home")
    inside.root.mkdir()
    (inside.root / "settings.yaml").write_text("encryption_required: true\n")
    assert encryption.of(inside.root) == encryption.Encryption("encrypted", "fuse.gocryptfs")
    assert data_folder.encrypted(inside).state == "ok"


@pytest.fixture
def required(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Write a settings file that the process is told of."""
    place = tmp_path / "settings.yaml"
    monkeypatch.setenv("KINSCALE_SETTINGS", str(place))
    return lambda text: (place.write_text(text), None)[1]


@pytest.mark.parametrize("more", ["", "notify: [{kind: pigeon}]\n"])
def test_a_night_does_not_begin_in_clear_where_encryption_is_required(
    survey: Path, home: Home, required: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    plain = encryption.Encryption("plain", "ext4 on /dev/sda1")
    monkeypatch.setattr(encryption, "of", lambda _: plain)  # the machine of this test may be encrypted itself
    required(f"encryption_required: true\n{more}")  # settings that are wrong forbid as well
    with pytest.raises(EnvironmentUnsafe, match="is not known to be encrypted at rest: ext4 on /dev/sda1"):
        run(home)
    assert not home.root.exists()
    found = data_folder.encrypted(home)
    assert (found.state, "docs/security.md" in found.advice) == ("fail", True)
    required("encryption_required: false\n")
    assert run(home).release
    assert data_folder.encrypted(home).state == "warn"


def test_a_part_of_the_folder_elsewhere_is_looked_at_as_well(
    survey: Path, home: Home, required: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    states = {home.raw: "unknown"}
    monkeypatch.setattr(encryption, "of", lambda path: encryption.Encryption(states.get(path, "encrypted"), "nfs"))  # type: ignore[arg-type]
    required("encryption_required: true\n")
    with pytest.raises(EnvironmentUnsafe, match="raw is not known to be encrypted"):
        run(home)
