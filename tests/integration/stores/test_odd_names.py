"""Names over SFTP that are no UTF-8, as Windows programs and old archives make them: they are taken in as on a disk."""

from __future__ import annotations

import os

from schemas.shown_name import shown_name
from sources.listing import list_files, look_again, read_blocks
from tests.integration.stores.conftest import keys, put
from tests.integration.stores.servers import Server

ODD = "опрос.csv".encode("cp1251")


def test_a_name_that_is_no_utf8_is_listed_and_read(sftp_server: Server) -> None:
    put(sftp_server, "odd/KZ.csv", b"plain")
    for raw in (ODD, b"\xff.txt"):
        (sftp_server.folder / "odd" / os.fsdecode(raw)).write_bytes(b"odd")
    (sftp_server.folder / "odd" / "alias.csv").symlink_to(sftp_server.folder / "odd" / os.fsdecode(ODD))
    files = {file.name: file for file in list_files(f"{sftp_server.address}/odd/*.csv", keys(sftp_server))}
    assert sorted(files) == ["KZ.csv", "alias.csv", os.fsdecode(ODD)]
    for name, content in ((os.fsdecode(ODD), b"odd"), ("alias.csv", b"odd"), ("KZ.csv", b"plain")):
        assert b"".join(read_blocks(files[name].uri, keys(sftp_server))) == content
        assert look_again(files[name].uri, keys(sftp_server)).version == files[name].version
    assert shown_name(os.fsdecode(ODD)) == r"\xee\xef\xf0\xee\xf1.csv"


def test_a_folder_whose_name_is_no_utf8_may_fit_a_wildcard(sftp_server: Server) -> None:
    folder = sftp_server.folder / "tree_of_odd" / os.fsdecode(b"\xc3\xee\xe4")
    folder.mkdir(parents=True)
    (folder / "KZ.csv").write_bytes(b"odd")
    (file,) = list_files(f"{sftp_server.address}/tree_of_odd/*/*.csv", keys(sftp_server))
    assert b"".join(read_blocks(file.uri, keys(sftp_server))) == b"odd"
