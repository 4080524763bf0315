"""Archives that are not what archivers make are refused, and those that are are not."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from samples.hostile.workbook_archives import archive_of, deflated
from schemas.errors import FileTooLarge, FormatDamaged
from sources import limits, zip_structure

ALLOWED = limits.of({"limits": {"archive_members": 10, "unpacked_bytes": 40 << 20, "unpack_ratio": 100}}, "x.zip")


def check(raw: bytes) -> None:
    stream = io.BytesIO(raw)
    zip_structure.check_directory(stream, "x.zip", ALLOWED)
    with zipfile.ZipFile(stream) as archive:
        zip_structure.check(archive, "x.zip", ALLOWED)


def ordinary(kind: int = zipfile.ZIP_DEFLATED, streamed: bool = False) -> bytes:
    out = io.BytesIO()
    target = _Forward(out) if streamed else out
    with zipfile.ZipFile(target, "w", kind) as archive:
        archive.writestr("a.csv", b"x;y\n" * 1000)
        archive.writestr("folder/", b"")
        archive.writestr("Анкеты.csv", b"")
    return out.getvalue()


class _Forward(io.RawIOBase):
    """A stream that cannot go back, so that sizes stand behind the content of each entry."""

    def __init__(self, out: io.BytesIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self._out.write(bytes(data))  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("streamed", [False, True])
def test_archives_of_archivers_pass(kind: int, streamed: bool) -> None:
    check(ordinary(kind, streamed))


def test_an_archive_with_long_sizes_passes() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("a.csv", "w", force_zip64=True) as entry:
        entry.write(b"x;y\n")
    check(out.getvalue())


@pytest.mark.parametrize("cut", [1, 10, 22, 60])
def test_a_cut_archive_is_damaged(cut: int) -> None:
    with pytest.raises((FormatDamaged, zipfile.BadZipFile)):
        check(ordinary()[:-cut])


def test_bytes_around_an_archive_are_noticed() -> None:
    for raw, said in (
        (b"%PDF" + ordinary(), "before"),
        (ordinary() + b"x", "after"),
        (ordinary() * 2, "two directories"),
    ):
        with pytest.raises(FormatDamaged, match=said):
            check(raw)


def test_members_are_counted_before_they_are_listed() -> None:
    many = archive_of([(str(n), b"\x03\x00", 0) for n in range(11)])
    with pytest.raises(FileTooLarge) as caught:
        check(many)
    assert caught.value.facts == {"limit": "archive_members", "allowed": 10, "seen": 11}
    lying = bytearray(archive_of([(f"{n:050}", b"\x03\x00", 0) for n in range(50)]))
    struct.pack_into("<HH", lying, len(lying) - 14, 1, 1)  # says it has one
    with pytest.raises(FileTooLarge):
        check(bytes(lying))


@pytest.mark.parametrize(
    ("says", "error", "said"),
    [
        (39 << 20, FileTooLarge, "unpack"),  # 39 MB out of 40 kB are more than 100 to 1
        (1000, FormatDamaged, "more than the 1,000 bytes"),
        (16 << 20, FormatDamaged, "unpacks to more"),
    ],
)
def test_sizes_are_held_to_what_they_say(says: int, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        check(archive_of([("a.csv", deflated(39), says)]))


def test_less_than_it_says_is_damaged_as_well() -> None:
    with pytest.raises(FormatDamaged, match="it says 2,000,000"):
        check(archive_of([("a.csv", deflated(1), 2_000_000)]))
