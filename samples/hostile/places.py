"""What is no file, or lies elsewhere: links out of the folder, pipes, sockets, devices, folders with a file's name."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from samples.hostile.case import Case, Rows
from samples.hostile.texts import READER, text


def _link_out(path: Path, rows: Rows) -> None:
    outside = path.parent.parent.parent.parent / f"outside_{path.name}"
    outside.write_bytes(text(rows))
    path.symlink_to(outside)


def _link_to_zeros(path: Path, _: Rows) -> None:
    path.symlink_to("/dev/zero")


def _link_to_itself(path: Path, _: Rows) -> None:
    path.symlink_to(path.name)


def _broken_link(path: Path, _: Rows) -> None:
    path.symlink_to("nowhere.csv")


def _link_to_secret(path: Path, _: Rows) -> None:
    path.symlink_to("/etc/passwd")


def _link_beside(path: Path, rows: Rows) -> None:
    path.with_name("beside.txt").write_bytes(text(rows))
    path.symlink_to("beside.txt")


def _pipe(path: Path, _: Rows) -> None:
    os.mkfifo(path)


def _socket(path: Path, _: Rows) -> None:
    """Leave a socket behind; its address must be short, so it is made where it goes by a relative name."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


def _folder(path: Path, _: Rows) -> None:
    path.mkdir()


def _case(name: str, make: object, refused: str | None) -> Case:
    return Case(name, "csv", make, refused, reader=READER)  # type: ignore[arg-type]


CASES = (
    _case("a link out of the folder", _link_out, "source_refused"),
    _case("a link to the accounts of the machine", _link_to_secret, "source_refused"),
    _case("a link to endless zeros", _link_to_zeros, "source_refused"),
    _case("a link to itself", _link_to_itself, "source_missing"),
    _case("a link to nothing", _broken_link, "source_missing"),
    _case("a link to the file beside it", _link_beside, None),
    _case("a named pipe", _pipe, "source_missing"),
    _case("a socket", _socket, "source_missing"),
    _case("a folder named csv", _folder, "source_missing"),
)
