"""One of each server for all tests of stores, and a way to declare where the small survey's files are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sources.credentials import Credentials
from tests.integration.stores import servers
from tests.integration.stores.servers import Server


@pytest.fixture(scope="session")
def http_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.nginx(tmp_path_factory.mktemp("nginx")) as server:
        yield server


@pytest.fixture(scope="session")
def sftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.weed(tmp_path_factory.mktemp("weed")) as server:
        storage = opened(server, "s3://deliveries")
        storage.mkdir("deliveries")
        yield server


@pytest.fixture(scope="session")
def webdav_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.webdav(tmp_path_factory.mktemp("webdav")) as server:
        yield server


def keys(server: Server) -> Credentials:
    """Return a server's credentials as a source has them."""
    return Credentials("test", {key.lower(): value for key, value in server.credentials.items()}, "the test")


def opened(server: Server, address: str) -> Any:
    from sources.storage import connect

    return connect(address, keys(server))[0]


def put(server: Server, name: str, content: bytes) -> str:
    """Put a file on a server and return its address."""
    if server.address.startswith("s3://"):
        opened(server, server.address).pipe_file(f"{server.address}/{name}", content)
    else:
        path = server.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return f"{server.address}/{name}"


@pytest.fixture
def drop(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Set the credentials named `drop` in the environment to those of a server."""

    def set_for(server: Server) -> None:
        for key, value in server.credentials.items():
            monkeypatch.setenv(f"KINSCALE_CREDENTIALS_DROP_{key}", value)

    yield set_for


def declared_at(survey: Path, address: str, name: str = "") -> None:
    """Let every source of a survey's declaration bring its files from another place."""
    import yaml

    path = survey / "survey.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    for source in told["sources"]:
        source["path"] = f"{address}/{Path(source['path']).name}"
        source.update({"credentials": name} if name else {})
    path.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), encoding="utf-8")
