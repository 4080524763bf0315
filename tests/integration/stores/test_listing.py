"""Listing real stores: the names, sizes and marks are those of the files that the test put there."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from asyncio.selector_events import BaseSelectorEventLoop
from collections.abc import Callable
from itertools import product

import pytest

from schemas.errors import SourceMissing, SourceRefused
from sources.credentials import Credentials
from sources.listing import list_files, look_again, md5_of, read_blocks
from tests.integration.stores import faults
from tests.integration.stores.conftest import keys, put
from tests.integration.stores.servers import Server

STORES = ["http_server", "sftp_server", "s3_server", "webdav_server"]
CONTENT = "регион;семья\nОш;4\n".encode() * 1000


@pytest.fixture(params=STORES)
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def test_a_folder_is_listed_and_read_from_any_place(server: Server) -> None:
    for name in ("KZ_1.csv", "Опрос №1 [x].csv", "notes.txt", "KZ_2.csv.part", "~$KZ_1.csv", "KZ_1.csv.sha256"):
        put(server, f"listed/{name}", CONTENT)
    files = {file.name: file for file in list_files(f"{server.address}/listed/*.csv", keys(server))}
    assert sorted(files) == ["KZ_1.csv", "Опрос №1 [x].csv"]
    for file in files.values():
        assert file.bytes == len(CONTENT)
        assert look_again(file.uri, keys(server)).version == file.version
        assert b"".join(read_blocks(file.uri, keys(server), size=1000)) == CONTENT
        assert b"".join(read_blocks(file.uri, keys(server), start=7)) == CONTENT[7:]
        assert abs(time.time() - (file.modified.timestamp() if file.modified else 0)) < 120
    assert files["KZ_1.csv"].beside == ("KZ_1.csv.sha256",)
    (one,) = list_files(f"{server.address}/listed/KZ_1.csv", keys(server))
    assert (one.name, one.uri, one.version) == ("KZ_1.csv", files["KZ_1.csv"].uri, files["KZ_1.csv"].version)


def test_the_time_zone_of_this_machine_changes_no_mark(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    put(server, "zone/KZ.csv", CONTENT)
    seen = set()
    for zone in ("UTC", "Asia/Almaty"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        (file,) = list_files(f"{server.address}/zone/*.csv", keys(server))
        seen |= {file.version, look_again(file.uri, keys(server)).version}
    monkeypatch.undo()
    time.tzset()
    assert len(seen) == 1


def test_a_changed_file_has_another_mark(server: Server) -> None:
    address = put(server, "marked/KZ.csv", b"a" * 100)
    (before,) = list_files(f"{server.address}/marked/*.csv", keys(server))
    time.sleep(1.1)  # SFTP tells whole seconds
    put(server, "marked/KZ.csv", b"b" * 100)
    (after,) = list_files(f"{server.address}/marked/*.csv", keys(server))
    assert before.version != after.version
    assert list_files(address, keys(server))[0].version == after.version


def test_what_is_not_there_is_missing_with_the_near_miss(server: Server) -> None:
    put(server, "missing/KZ_2009.csv", b"a")
    with pytest.raises(SourceMissing) as caught:
        list_files(f"{server.address}/missing/kz_2009*.csv", keys(server))
    assert 'Did you mean "KZ_2009.csv"?' in str(caught.value)
    with pytest.raises(SourceMissing):
        list_files(f"{server.address}/no_such_folder/*.csv", keys(server))
    with pytest.raises(SourceMissing):
        list_files(f"{server.address}/missing/none.csv", keys(server))


def test_folders_may_have_wildcards(server: Server) -> None:
    for name in ("tree/2008/KZ.csv", "tree/2009/KZ.csv", "tree/2009/KG.txt"):
        put(server, name, b"a")
    files = list_files(f"{server.address}/tree/200?/*.csv".replace("?", "*"), keys(server))
    assert [file.uri.removeprefix(server.address) for file in files] == ["/tree/2008/KZ.csv", "/tree/2009/KZ.csv"]


@pytest.mark.parametrize("shape", ["", "/json"])
def test_a_thousand_files_over_http_cost_one_request(http_server: Server, shape: str) -> None:
    """Files of the last two minutes would be asked about singly: a listing tells minutes."""
    old = time.time() - 3600
    for number in range(1000):
        put(http_server, f"thousand/{number:04}.csv", b"a" * number)
        os.utime(http_server.folder / f"thousand/{number:04}.csv", (old, old))
    http_server.requests()
    files = list_files(f"{http_server.address}{shape}/thousand/*.csv")
    assert [file.bytes for file in files] == list(range(1000))
    assert http_server.requests() == [f"GET {shape}/thousand/ 200"]


def test_many_files_over_sftp_s3_and_webdav_are_not_asked_about(
    sftp_server: Server, s3_server: Server, webdav_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sources.s3_store import S3Store
    from sources.sftp_store import SftpStore
    from sources.webdav_store import WebdavStore

    for number in range(1000):
        put(sftp_server, f"thousand/{number:04}.csv", b"a")
    for number in range(50):  # rclone takes ten milliseconds for each
        put(webdav_server, f"many/{number:04}.csv", b"a")
    asked: list[str] = []

    def counting(kind: type, name: str) -> None:
        real: Callable[..., object] = getattr(kind, name)

        def noted(*arguments: object, **named: object) -> object:
            asked.append(f"{kind.__name__}.{name}")
            return real(*arguments, **named)

        monkeypatch.setattr(kind, name, noted)

    for kind, name in product((SftpStore, WebdavStore), ("info", "ls")):
        counting(kind, name)
    counting(S3Store, "_call_s3")
    assert len(list_files(f"{sftp_server.address}/thousand/*.csv", keys(sftp_server))) == 1000
    assert len(list_files(f"{webdav_server.address}/many/*.csv", keys(webdav_server))) == 50
    assert asked == ["SftpStore.ls", "WebdavStore.ls"]
    put(s3_server, "few/KZ.csv", b"a")
    asked.clear()
    list_files(f"{s3_server.address}/few/*.csv", keys(s3_server))
    assert len(asked) <= 1  # ListObjectsV2, a thousand keys a page


def test_a_store_tells_the_md5_it_keeps(s3_server: Server, sftp_server: Server) -> None:
    address = put(s3_server, "md5/KZ.csv", CONTENT)
    assert md5_of(address, keys(s3_server)) == hashlib.md5(CONTENT).hexdigest()
    assert md5_of(put(sftp_server, "md5/KZ.csv", CONTENT), keys(sftp_server)) is None


def test_a_login_is_needed_where_it_is_asked(http_server: Server, webdav_server: Server, s3_server: Server) -> None:
    from tests.integration.stores.servers import PASSWORD, USER

    put(http_server, "KZ.csv", b"a")
    private = f"{http_server.address}/private/KZ.csv"
    with pytest.raises(SourceRefused, match="401"):
        list_files(private)
    assert list_files(private, Credentials("x", {"user": USER, "password": PASSWORD}, "test"))[0].bytes == 1
    with pytest.raises(SourceRefused, match="401"):
        list_files(f"{webdav_server.address}/*.csv", Credentials("x", {"user": USER, "password": "no"}, "test"))
    wrong = Credentials("x", {**keys(s3_server), "secret": "no"}, "test")
    with pytest.raises(SourceRefused):
        list_files(f"{s3_server.address}/*.csv", wrong)


def test_s3_without_a_key_asks_nobody_for_one(s3_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cloud's own address for keys, 169.254.169.254, must never be asked, nor any name be looked up."""
    connected: list[object] = []
    real = BaseSelectorEventLoop.sock_connect

    async def noted(self: BaseSelectorEventLoop, sock: socket.socket, address: tuple[str, int]) -> None:
        connected.append(address)
        await real(self, sock, address)

    monkeypatch.setattr(BaseSelectorEventLoop, "sock_connect", noted)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("a name was looked up"))
    for name in ("AWS_EC2_METADATA_DISABLED", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    nobody = Credentials("nobody", {"endpoint": s3_server.credentials["ENDPOINT"]}, "test")
    with pytest.raises(SourceRefused):
        list_files("s3://deliveries/*.csv", nobody)
    assert set(connected) == {("127.0.0.1", s3_server.port)}


def test_a_login_is_not_carried_to_another_host(http_server: Server) -> None:
    put(http_server, "carried/KZ.csv", b"a")
    login = Credentials("x", {"user": "ann", "password": "hunter2"}, "test")
    with faults.proxy(http_server.port) as first, faults.proxy(http_server.port) as second:
        first.answer("302 Found", f"Location: http://localhost:{second.port}/carried/KZ.csv")
        (file,) = list_files(f"http://127.0.0.1:{first.port}/carried/KZ.csv", login)
        assert file.bytes == 1
        assert b"Authorization: Basic" in first.asked[0]
        assert second.asked
        assert b"Authorization" not in second.asked[0]


def test_links_over_sftp_are_followed_inside_their_folder_only(sftp_server: Server) -> None:
    put(sftp_server, "links/real.csv", b"inside")
    put(sftp_server, "elsewhere/secret.csv", b"outside")
    folder = sftp_server.folder / "links"
    (folder / "alias.csv").symlink_to(folder / "real.csv")
    (folder / "out.csv").symlink_to(sftp_server.folder / "elsewhere" / "secret.csv")
    files = list_files(f"{sftp_server.address}/links/*.csv", keys(sftp_server))
    assert [(file.name, file.bytes, bool(file.fault)) for file in files] == [
        ("alias.csv", 6, False),
        ("out.csv", 0, True),
        ("real.csv", 6, False),
    ]
    with pytest.raises(SourceRefused, match="leads out of its folder"):
        list_files(f"{sftp_server.address}/links/out.csv", keys(sftp_server))
