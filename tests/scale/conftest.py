"""What tests on distributed engines share: one Spark cluster for the session, and a server for remote sessions."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.settings import Spark
from sources.credentials import variable
from tests.integration.stores.conftest import s3_server  # noqa: F401  (a fixture)
from tests.integration.stores.servers import KEY_ID, SECRET
from warehouse import spark_session

MASTER = "local-cluster[2,1,1024]"
"""Two executors of a core and 1 GB each, in processes of their own."""
LAKE = "lake"
"""Name of the credentials that executors of the session and of the server have in their environment."""
SECRETS = {variable(LAKE, "key_id"): KEY_ID, variable(LAKE, "secret"): SECRET}


def _installed(*modules: str) -> None:
    for module in modules:
        pytest.importorskip(module, reason=f"{module} is not installed: it is of the extra for Spark")
    if spark_session.java() is None:
        pytest.skip("there is no Java")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    """The settings of a cluster that has begun, and that keeps a log of events."""
    _installed("ibis", "sqlglot", "pyspark")
    events = tmp_path_factory.mktemp("events")
    log = {"enabled": "true", "dir": str(events), "compress": "false"}
    config = {"spark.sql.shuffle.partitions": "4", **{f"spark.eventLog.{key}": value for key, value in log.items()}}
    settings = Spark(master=MASTER, config=config)
    with pytest.MonkeyPatch.context() as environment:
        for name, value in SECRETS.items():
            environment.setenv(name, value)
        spark_session.session(settings)
    yield settings
    spark_session.end()


@pytest.fixture(scope="session")
def spark_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    """The settings of a Spark Connect server on loopback, which ends with the session."""
    _installed("ibis", "sqlglot", "pyspark", "grpc", "grpc_status")
    import pyspark

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.local.dir": folder,
        "spark.sql.warehouse.dir": folder / "tables",
        "spark.sql.shuffle.partitions": 4,
    }
    home = Path(pyspark.__file__).parent
    server = "org.apache.spark.sql.connect.service.SparkConnectServer"
    command = [home / "bin" / "spark-submit", "--master", "local[2]", "--driver-memory", "768m", "--class", server]
    for name, value in settings.items():
        command += ["--conf", f"{name}={value}"]
    environment = {**os.environ, **SECRETS, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    environment |= {"PYSPARK_PYTHON": sys.executable}
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*map(str, command), "spark-internal"], cwd=folder, env=environment, stdout=output, stderr=output
        )
    try:
        _answers(port, process, log)
        yield Spark(connect=f"sc://127.0.0.1:{port}")
        spark_session.end()
    finally:
        process.terminate()
        process.wait(60)


def _answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError(f"the server did not begin:\n{log.read_text(errors='replace')[-3000:]}")
