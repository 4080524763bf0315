"""What is said where Spark cannot be begun: none of it needs Spark."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path

import pytest

from schemas.errors import EngineMissing, EngineUnreachable
from schemas.settings import Spark
from warehouse import spark_session


def test_without_the_extra_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineMissing, match="pyspark is not installed") as caught:
        spark_session.session(Spark())
    assert "./kinscale install spark" in str(caught.value)
    assert not caught.value.retryable


def test_a_package_within_one_that_is_not_there_is_missing() -> None:
    with pytest.raises(EngineMissing, match="is not installed"):
        spark_session.needed("no_such_package_at_all.part")


def test_without_java_it_is_said_before_anything_is_begun(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spark_session, "needed", lambda *modules: None)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineMissing, match="Spark needs Java"):
        spark_session.session(Spark())


def test_a_server_that_does_not_answer_is_worth_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pyspark", "grpc", "grpc_status"):
        pytest.importorskip(module)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(EngineUnreachable, match="does not answer") as caught:
        spark_session.session(Spark(connect=f"sc://127.0.0.1:{port}"))
    assert caught.value.retryable
