"""The raw store keeps bytes under their hash, whole or not at all."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.errors import ReleaseDamaged
from warehouse import raw_store
from warehouse.home import Home

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of no bytes (FIPS 180-4)
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of "abc" (FIPS 180-4, appendix B.1)


def files(home: Home) -> list[Path]:
    return sorted(path for path in home.raw.rglob("*") if path.is_file())


def test_bytes_are_found_under_their_hash_and_cannot_be_written(home: Home) -> None:
    assert raw_store.keep(home, [b"a", b"", b"bc"]) == (ABC, 3)
    path = home.raw / "ba" / ABC
    assert files(home) == [path]
    assert path.read_bytes() == b"abc"
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert raw_store.verify(home, ABC)


def test_no_bytes_have_a_hash_too(home: Home) -> None:
    assert raw_store.keep(home, []) == (EMPTY, 0)


def test_the_same_bytes_are_stored_once(home: Home) -> None:
    raw_store.keep(home, [b"abc"])
    before = raw_store.place(home, ABC).stat()
    assert raw_store.keep(home, [b"abc"]) == (ABC, 3)
    assert raw_store.place(home, ABC).stat().st_ino == before.st_ino
    assert len(files(home)) == 1


def test_progress_is_told_block_by_block(home: Home) -> None:
    seen: list[int] = []
    raw_store.receive(home, [b"ab", b"c"], seen.append)
    assert seen == [2, 1]


@pytest.mark.parametrize("fault", [OSError("the line broke"), KeyboardInterrupt()])
def test_an_interrupted_copy_leaves_nothing(home: Home, fault: BaseException) -> None:
    def blocks() -> Iterator[bytes]:
        yield b"a" * 100
        raise fault

    with pytest.raises(type(fault)):
        raw_store.keep(home, blocks())
    assert files(home) == []


def test_what_a_killed_copy_left_is_swept_away_and_nothing_else(home: Home) -> None:
    raw_store.sweep(home)  # a data folder that has no store yet
    raw_store.keep(home, [b"abc"])
    (home.raw / ".incoming-x1").write_bytes(b"half")
    raw_store.sweep(home)
    assert [path.name for path in files(home)] == [ABC]


def test_every_origin_of_the_same_bytes_is_kept(home: Home) -> None:
    first, second = {"uri": "raw/KZ.csv", "name": "Опрос.csv"}, {"uri": "raw/elsewhere.csv", "name": "b.csv"}
    assert not raw_store.is_described(home, ABC)
    raw_store.keep(home, [b"abc"])
    for origin in (first, second, first):  # what was said before is not said again
        raw_store.describe(home, ABC, origin)
    assert list(raw_store.origins(home)) == [(ABC, first), (ABC, second)]
    sidecar = home.raw / "ba" / f"{ABC}.source.yaml"
    assert stat.S_IMODE(sidecar.stat().st_mode) == 0o400
    assert raw_store.is_described(home, ABC)


def test_a_sidecar_that_cannot_be_read_is_named(home: Home) -> None:
    raw_store.keep(home, [b"abc"])
    (home.raw / "ba" / f"{ABC}.source.yaml").write_text("uri: [", encoding="utf-8")
    with pytest.raises(ReleaseDamaged, match=ABC):
        list(raw_store.origins(home))


def test_damaged_bytes_are_seen(home: Home) -> None:
    raw_store.keep(home, [b"abc"])
    path = raw_store.place(home, ABC)
    path.chmod(0o644)
    path.write_bytes(b"abd")
    assert not raw_store.verify(home, ABC)
    assert hashlib.sha256(b"abd").hexdigest() != ABC
