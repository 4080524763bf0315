"""Copies from real stores through a proxy that breaks: the bytes that arrive are those that the test wrote, or none."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

import paramiko
import pytest
import yaml
from paramiko.sftp import CMD_READ

from schemas.batch import Listed
from schemas.errors import (
    KinscaleError,
    SourceChanged,
    SourceMissing,
    SourceRefused,
    SourceUnreachable,
    SourceUnsettled,
)
from sources import http_stream, sftp_store
from sources.credentials import Credentials
from sources.listing import list_files
from tasks import patience
from tasks.copying import TAKEN_UP_FROM, Copying
from tasks.patience import Patience
from tests.integration.stores import faults
from tests.integration.stores.conftest import keys, opened, put
from tests.integration.stores.faults import Proxy
from tests.integration.stores.servers import Server
from warehouse import incoming, raw_store
from warehouse.home import Home

LARGE = b"".join(hashlib.sha256(bytes([n])).digest() * 32 for n in range(256)) * (TAKEN_UP_FROM // (1 << 18) + 8)
"""Ten megabytes that are nowhere the same as shifted by a few bytes of a kilobyte."""


class Far(NamedTuple):
    """A server behind a proxy."""

    server: Server
    proxy: Proxy
    address: str
    credentials: Credentials | None


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that would have been made."""
    pauses: list[float] = []
    monkeypatch.setattr(patience, "sleep", pauses.append)
    return pauses


@pytest.fixture(params=["http_server", "sftp_server", "s3_server", "webdav_server"])
def far(request: pytest.FixtureRequest) -> Iterator[Far]:
    server: Server = request.getfixturevalue(request.param)
    with ExitStack() as stack:
        yield behind(server, stack)


@pytest.fixture
def web(http_server: Server) -> Iterator[Far]:
    with ExitStack() as stack:
        yield behind(http_server, stack)


def behind(server: Server, stack: ExitStack) -> Far:
    proxy = stack.enter_context(faults.proxy(server.port))
    told = {name: value.replace(str(server.port), str(proxy.port)) for name, value in server.credentials.items()}
    address = server.address.replace(str(server.port), str(proxy.port))
    credentials = Credentials("test", {key.lower(): value for key, value in told.items()}, "the test")
    return Far(server, proxy, address, credentials if told else None)


def copying(far: Far, name: str, home: Home) -> Copying:
    (file,) = list_files(f"{far.address}/{name}", far.credentials)
    listed = Listed(file.uri, file.uri, file.name, file.version, file.bytes, "KZ", 0, file.exact, file.beside)
    return Copying(listed, far.credentials, home, lambda _: None, {"format": "csv"})


def left(home: Home) -> list[Path]:
    return [path for path in home.raw.rglob("*") if path.is_file()]


def until_kept(home: Home, size: int) -> None:
    """Wait, but not for ever, until so much of what was sent is on the disk: a client may lag behind its answers."""
    end = time.monotonic() + 60
    while sum(path.stat().st_size for path in left(home)) <= size and time.monotonic() < end:
        time.sleep(0.05)


def same(received: raw_store.Received, content: bytes) -> bool:
    return (received.sha256, received.bytes) == (hashlib.sha256(content).hexdigest(), len(content))


def test_a_copy_that_breaks_off_goes_on_where_it_was(far: Far, home: Home, slept: list[float]) -> None:
    put(far.server, "cut/KZ.csv", LARGE)
    copy = copying(far, "cut/KZ.csv", home)
    far.proxy.cut_after, far.proxy.cuts, far.proxy.passed = 6 << 20, 1, 0
    far.proxy.when, far.proxy.then = 6 << 20, partial(until_kept, home, 3 << 20)
    assert same(Patience().again(copy), LARGE)
    assert copy.tries == 2
    assert len(slept) == 1
    assert far.proxy.passed < len(LARGE) * 1.3  # not all of it came twice


def test_a_run_goes_on_where_the_last_one_broke_off(far: Far, home: Home) -> None:
    put(far.server, "next/KZ.csv", LARGE)
    copy = copying(far, "next/KZ.csv", home)
    far.proxy.cut_after, far.proxy.cuts = 6 << 20, 1
    far.proxy.when, far.proxy.then = 6 << 20, partial(until_kept, home, 3 << 20)
    with pytest.raises(SourceUnreachable):
        copy()
    (note,) = (path for path in left(home) if path.suffix == ".yaml")
    assert yaml.safe_load(note.read_text(encoding="utf-8")) == {"uri": copy.listed.uri, "version": copy.listed.version}
    assert sum(path.stat().st_size for path in left(home)) > 3 << 20
    far.proxy.passed = 0
    again = copying(far, "next/KZ.csv", home)  # as another process would
    received = again()
    assert same(received, LARGE)
    assert far.proxy.passed < len(LARGE) * 0.8
    raw_store.store(home, [received])
    assert left(home) == [raw_store.place(home, received.sha256)]


def test_another_version_is_not_joined_to_what_came_of_the_first(far: Far, home: Home) -> None:
    put(far.server, "joined/KZ.csv", LARGE)
    copy = copying(far, "joined/KZ.csv", home)
    far.proxy.cut_after, far.proxy.cuts = 6 << 20, 1
    with pytest.raises(SourceUnreachable):
        copy()
    time.sleep(1.1)  # SFTP tells whole seconds
    other = bytes(reversed(LARGE))
    put(far.server, "joined/KZ.csv", other)
    assert same(copy(), other)  # a second try in the same run
    assert same(copying(far, "joined/KZ.csv", home)(), other)


def test_a_file_that_is_replaced_while_it_is_copied_is_taken_again(far: Far, home: Home, slept: list[float]) -> None:
    put(far.server, "replaced/KZ.csv", LARGE)
    other = bytes(reversed(LARGE))
    copy = copying(far, "replaced/KZ.csv", home)
    time.sleep(1.1)
    far.proxy.when = 1 << 20
    far.proxy.then = partial(put, far.server, "replaced/KZ.csv", other)
    assert same(Patience().again(copy), other)
    assert len(slept) == 1


def test_a_file_that_is_replaced_each_time_is_refused(web: Far, home: Home, slept: list[float]) -> None:
    put(web.server, "restless/KZ.csv", LARGE)
    copy = copying(web, "restless/KZ.csv", home)
    times = count(1)

    def touch() -> None:
        path = web.server.folder / "restless/KZ.csv"
        os.utime(path, (0, 10**9 + next(times)))
        web.proxy.then = touch

    web.proxy.when, web.proxy.then = 1 << 20, touch
    with pytest.raises((SourceChanged, SourceUnreachable)) as caught:
        Patience().again(copy)
    assert caught.value.retryable
    assert len(slept) == 3
    assert left(home) == []


def test_a_file_that_still_grows_is_left_for_the_next_run(web: Far, home: Home, slept: list[float]) -> None:
    put(web.server, "growing/KZ.csv", LARGE[: 9 << 20])
    copy = copying(web, "growing/KZ.csv", home)
    web.proxy.when, web.proxy.then = 1 << 20, partial(put, web.server, "growing/KZ.csv", LARGE)
    with pytest.raises(SourceUnsettled, match="still being delivered"):
        Patience().again(copy)
    assert (slept, left(home)) == ([], [])


def test_a_slow_server_is_waited_for_and_a_silent_one_is_not(
    web: Far, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(web.server, "slow/KZ.csv", LARGE[: 1 << 20])
    monkeypatch.setattr(http_stream, "SILENT_SECONDS", 0.5)
    web.proxy.pause = 0.02
    copy = copying(web, "slow/KZ.csv", home)
    began = time.monotonic()
    assert same(copy(), LARGE[: 1 << 20])
    assert time.monotonic() - began > 1  # 64 blocks, 20 ms each
    web.proxy.pause = 0

    def stall() -> None:
        web.proxy.pause = 1.5

    web.proxy.when, web.proxy.then = 1 << 18, stall
    from sources.http_store import HttpStore

    HttpStore.clear_instance_cache()
    with pytest.raises(SourceUnreachable, match="ReadTimeout"):
        copying(web, "slow/KZ.csv", home)()


@pytest.mark.parametrize(
    ("status", "error", "tries"),
    [
        ("401 Unauthorized", SourceRefused, 1),
        ("403 Forbidden", SourceRefused, 1),
        ("404 Not Found", SourceMissing, 1),
        ("410 Gone", SourceMissing, 1),
        ("429 Too Many Requests", None, 2),
        ("500 Internal Server Error", None, 2),
        ("503 Service Unavailable", None, 2),
    ],
)
def test_only_what_can_heal_is_asked_again(
    web: Far, home: Home, slept: list[float], status: str, error: type[KinscaleError] | None, tries: int
) -> None:
    put(web.server, "status/KZ.csv", LARGE[:1000])
    copy = copying(web, "status/KZ.csv", home)
    web.proxy.answer(status)
    if error:
        with pytest.raises(error, match=status[:3]):
            Patience().again(copy)
    else:
        assert same(Patience().again(copy), LARGE[:1000])
    assert (copy.tries, len(slept)) == (tries, tries - 1)
    assert left(home) == [] or error is None


@pytest.mark.parametrize(("told", "waited"), [("45", 45.0), ("1", 2.0)])
def test_a_server_is_given_the_time_it_asks_for(
    web: Far, home: Home, slept: list[float], told: str, waited: float
) -> None:
    put(web.server, "wait/KZ.csv", LARGE[:1000])
    copy = copying(web, "wait/KZ.csv", home)
    web.proxy.answer("429 Too Many Requests", f"Retry-After: {told}")
    Patience().again(copy)
    assert waited <= slept[0] <= 1.5 * waited


def test_a_server_that_asks_for_an_hour_is_left_for_the_next_run(web: Far, home: Home, slept: list[float]) -> None:
    put(web.server, "hour/KZ.csv", LARGE[:1000])
    copy = copying(web, "hour/KZ.csv", home)
    web.proxy.answer("503 Service Unavailable", "Retry-After: 3600")
    with pytest.raises(SourceUnreachable, match="asked to wait for 3600 s"):
        Patience().again(copy)
    assert slept == []


def test_a_server_that_knows_no_ranges_is_read_from_the_beginning(web: Far, home: Home) -> None:
    put(web.server, "whole/KZ.csv", LARGE)
    copy = copying(web, "whole/KZ.csv", home)
    web.proxy.cut_after, web.proxy.cuts = 6 << 20, 1
    with pytest.raises(SourceUnreachable):
        copy()
    (part,) = (path for path in left(home) if path.suffix != ".yaml")
    with part.open("ab") as out:  # what is there is longer than the file: the server has no such byte
        out.write(b"x" * len(LARGE))
    assert same(copying(web, "whole/KZ.csv", home)(), LARGE)


def test_a_full_disk_leaves_no_part_of_a_copy(web: Far, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    put(web.server, "full/KZ.csv", LARGE)
    copy = copying(web, "full/KZ.csv", home)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    copy.progress = full
    with pytest.raises(OSError, match="No space left"):
        copy()
    assert left(home) == []


def test_what_nobody_takes_up_again_is_removed_after_a_week(home: Home) -> None:
    incoming.folder(home).mkdir(parents=True)
    for age in (1, 8):
        path = incoming.folder(home) / f"old-{age}"
        path.write_bytes(b"part")
        os.utime(path, (time.time() - age * 86400,) * 2)
    assert [path.name for path in incoming.sweep(home)] == ["old-8"]
    assert [path.name for path in left(home)] == ["old-1"]


def test_an_md5_that_a_store_keeps_is_held_against_the_copy(
    s3_server: Server, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(s3_server, "kept/KZ.csv", LARGE[:5000])
    with ExitStack() as stack:
        copy = copying(behind(s3_server, stack), "kept/KZ.csv", home)
        from tasks import copying as module

        monkeypatch.setattr(module, "read_blocks", lambda *_, **__: iter([LARGE[1:5001]]))  # as long, and other bytes
        with pytest.raises(SourceUnreachable, match="another MD5"):
            copy()
    assert left(home) == []


def test_a_silent_sftp_server_is_given_up(sftp_server: Server, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    put(sftp_server, "silent/KZ.csv", LARGE)
    monkeypatch.setattr(sftp_store, "SILENT_SECONDS", 0.5)
    with ExitStack() as stack:
        far = behind(sftp_server, stack)
        copy = copying(far, "silent/KZ.csv", home)
        far.proxy.pause = 3
        with pytest.raises(SourceUnreachable):
            copy()
    assert keys(sftp_server)


def test_what_asks_for_the_pieces_of_a_broken_connection_ends_quietly(sftp_server: Server) -> None:
    """A thread of paramiko's asks; what it raised would be told by `threading.excepthook`, which fails a test here."""
    put(sftp_server, "broken/KZ.csv", LARGE)
    store = opened(sftp_server, sftp_server.address)
    with store.open(f"{sftp_server.folder}/broken/KZ.csv") as file:
        assert file.read(10) == LARGE[:10]
        file.seek(5 << 20)
        store.client.close()
        with pytest.raises(OSError, match=r"closed|dropped|broke"):
            file.read(6 << 20)
    assert store.ls(f"{sftp_server.folder}/broken") == [f"{sftp_server.folder}/broken/KZ.csv"]


def test_a_piece_that_comes_before_the_next_is_asked_for_does_not_let_all_come_twice(
    sftp_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(sftp_server, "early/KZ.csv", LARGE)
    asked = list[int]()
    send = paramiko.SFTPClient._async_request

    def slowly(client: paramiko.SFTPClient, file: object, kind: int, *told: object) -> int:
        if kind == CMD_READ:
            asked.append(kind)
            time.sleep(0.01)
        return int(send(client, file, kind, *told))

    monkeypatch.setattr(paramiko.SFTPClient, "_async_request", slowly)
    store = opened(sftp_server, sftp_server.address)
    with store.open(f"{sftp_server.folder}/early/KZ.csv") as file:
        assert file.read(2 << 20) == LARGE[: 2 << 20]
    assert len(asked) == (4 << 20) // (32 << 10)  # one window, in pieces
