"""SFTP servers whose keys are known, unknown and changed; keys and fingerprints are those that ssh-keygen made."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from schemas.errors import SourceRefused
from sources.credentials import Credentials
from sources.listing import list_files
from sources.sftp_store import SftpStore
from tests.integration.stores.conftest import keys, put
from tests.integration.stores.servers import Server, program


def with_hosts(server: Server, known_hosts: str | None) -> Credentials:
    values = {key: value for key, value in keys(server).items() if key != "known_hosts"}
    return Credentials("test", {**values, **({"known_hosts": known_hosts} if known_hosts else {})}, "the test")


def fingerprint(server: Server) -> str:
    public = server.folder.parent / "host.pub"
    told = subprocess.run([program("ssh-keygen"), "-lf", str(public)], capture_output=True, text=True, check=True)
    return told.stdout.split()[1]


@pytest.mark.parametrize("elsewhere", [True, False])
def test_an_unknown_key_is_refused_with_the_line_to_add(
    sftp_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    empty = tmp_path / "known_hosts"
    empty.write_text("", encoding="utf-8")
    put(sftp_server, "keys/KZ.csv", b"a")
    SftpStore.clear_instance_cache()  # as another process would begin
    with pytest.raises(SourceRefused) as caught:
        list_files(f"{sftp_server.address}/keys/*.csv", with_hosts(sftp_server, str(empty) if elsewhere else None))
    assert fingerprint(sftp_server) in str(caught.value)
    assert sftp_server.credentials["KNOWN_HOSTS"] == caught.value.facts["line"]
    assert empty.read_text(encoding="utf-8") == "", "no key is learnt"
    assert not (tmp_path / ".ssh").exists()
    line = str(caught.value.facts["line"])
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "known_hosts").write_text(f"{line}\n", encoding="utf-8")
    for known in (line, str(tmp_path / ".ssh" / "known_hosts"), None):  # lines, a file, and the usual place
        SftpStore.clear_instance_cache()
        assert list_files(f"{sftp_server.address}/keys/*.csv", with_hosts(sftp_server, known))


def test_another_key_than_the_known_one_is_refused(sftp_server: Server, tmp_path: Path) -> None:
    subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")], check=True)
    kind, key, *_ = (tmp_path / "other.pub").read_text(encoding="utf-8").split()
    with pytest.raises(SourceRefused, match="shows another key") as caught:
        list_files(
            f"{sftp_server.address}/*.csv", with_hosts(sftp_server, f"[127.0.0.1]:{sftp_server.port} {kind} {key}")
        )
    assert fingerprint(sftp_server) in str(caught.value)
    assert not caught.value.retryable


def test_a_file_of_known_hosts_that_is_not_there_is_named(sftp_server: Server, tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="known host keys is not there"):
        list_files(f"{sftp_server.address}/*.csv", with_hosts(sftp_server, str(tmp_path / "none")))


def test_an_account_that_is_not_let_in_is_refused_once(sftp_server: Server, tmp_path: Path) -> None:
    subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    wrong = Credentials("test", {**keys(sftp_server), "key_file": str(tmp_path / "key")}, "the test")
    with pytest.raises(SourceRefused, match="does not let this account in"):
        list_files(f"{sftp_server.address}/*.csv", wrong)


def test_a_line_of_known_hosts_that_cannot_be_read_is_named_where_the_key_is_not_known(sftp_server: Server) -> None:
    good = sftp_server.credentials["KNOWN_HOSTS"]
    place = good.split()[0]
    for bad in (f"{place} ssh-ed25519 @@@", f"{place} ssh-rsa AAAA", f"{place} AAAAB3Nz"):
        SftpStore.clear_instance_cache()
        with pytest.raises(SourceRefused, match=r"line 2 \(") as caught:
            list_files(f"{sftp_server.address}/*.csv", with_hosts(sftp_server, f"# ours {place}\n{bad}"))
        assert bad[:60] in caught.value.what
        put(sftp_server, "lines/KZ.csv", b"a")
        assert list_files(f"{sftp_server.address}/lines/*.csv", with_hosts(sftp_server, f"{bad}\n{good}"))
