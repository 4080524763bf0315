"""A large file costs as much memory as a small one: measured in a process that copies nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.integration.stores.conftest import put
from tests.integration.stores.servers import Server
from warehouse.home import CHECKOUT, Home

SIZE = 300 << 20
BOUND = 64 << 20
CHILD = """
import json, sys
from pathlib import Path
from schemas.batch import Listed
from sources.credentials import Credentials
from sources.listing import list_files
from tasks.copying import Copying
from warehouse.home import Home

def copy(address):
    told = json.loads(sys.stdin.readline())
    credentials = Credentials("test", told, "the test") if told else None
    (file,) = list_files(address, credentials)
    listed = Listed(file.uri, file.uri, file.name, file.version, file.bytes, "KZ", 0, file.exact, file.beside)
    return Copying(listed, credentials, Home(Path(sys.argv[3])), lambda _: None, {"format": "parquet"})()

def peak():  # of this program: what getrusage says holds that of the process it was forked from
    (line,) = (line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10

copy(sys.argv[1])
before = peak()
received = copy(sys.argv[2])
print(json.dumps([received.bytes, peak() - before]))
"""


@pytest.mark.parametrize("store", ["http_server", "sftp_server", "s3_server", "webdav_server"])
def test_a_large_file_costs_no_more_memory_than_a_small_one(
    request: pytest.FixtureRequest, store: str, home: Home
) -> None:
    server: Server = request.getfixturevalue(store)
    small = put(server, "memory/small.csv", b"a" * 10_000)
    size = SIZE if store != "s3_server" else SIZE // 4  # what is put there is really stored
    if store == "s3_server":
        large = put(server, "memory/large.csv", bytes(size))
    else:
        large = f"{server.address}/memory/large.csv"
        with (server.folder / "memory/large.csv").open("wb") as file:
            file.truncate(size)  # no block of it is on the disk
    told = json.dumps({key.lower(): value for key, value in server.credentials.items()}) + "\n"
    done = subprocess.run(
        [sys.executable, "-c", CHILD, small, large, str(home.root)],
        input=told * 2,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    came, grown = json.loads(done.stdout)
    assert came == size
    assert grown < BOUND
