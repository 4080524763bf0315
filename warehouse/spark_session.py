"""The Spark session of this process: begun on first use, ended with the process.

Lives here: how a session is begun so that its numbers can be trusted, nothing listens beyond this machine, and nothing
is left behind. Not here: what is asked of it (`spark_engine`). Imports pyspark, which is an extra, only when asked.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from schemas.errors import EngineMissing, EngineUnreachable
from schemas.settings import Spark

INSTALL = "Install it: ./kinscale install spark"
PATIENCE = 10.0
"""Seconds in which the server of an address must take a connection."""
PORT = 15002
"""Of Spark Connect where an address names none."""
TRUSTED = {
    "spark.sql.ansi.enabled": "true",  # a sum or product that does not fit is an error, never another number
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",  # a load called 0e12 stays a text
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
"""What no setting of an operator may change: the numbers rest on it."""
HERE = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.authenticate": "true",  # loopback is shared by all accounts of a machine
}
"""Of a session whose executors are on this machine, unless an operator says otherwise."""
QUIET = """rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = spark: %p %c{1}: %m%n
"""


@dataclass(frozen=True)
class Begun:
    """A session, the settings that it was begun with, and what ends it."""

    settings: Spark
    session: Any
    to_end: contextlib.ExitStack


_begun: list[Begun] = []


def session(settings: Spark) -> Any:
    """Return the session of this process, begun on first use; one with other settings is ended before.

    Raises EngineMissing where pyspark or Java is not installed, EngineUnreachable where a server does not answer.
    """
    for known in _begun:
        if known.settings == settings:
            return known.session
    needed("pyspark")
    if not settings.connect:  # a process has one driver
        for known in [other for other in _begun if not other.settings.connect]:
            _end(known)
    to_end = contextlib.ExitStack()
    try:
        begun = _connected(settings, to_end) if settings.connect else _launched(settings, to_end)
        for name, value in TRUSTED.items():
            begun.conf.set(name, value)
    except BaseException:
        to_end.close()
        raise
    _begun.append(Begun(settings, begun, to_end))
    return begun


def end() -> None:
    """End every session of this process, and remove what it had on disk."""
    for known in _begun[::-1]:
        _end(known)


def _end(known: Begun) -> None:
    _begun.remove(known)
    known.to_end.close()


def needed(*modules: str) -> None:
    """Raise EngineMissing where a package of the extra is not installed."""
    for module in modules:
        try:
            found = importlib.util.find_spec(module)
        except ModuleNotFoundError:  # the package around it
            found = None
        if found is None:
            raise EngineMissing(
                f"the survey's interviews are reduced by Spark, and {module} is not installed.", next_step=INSTALL
            )


def _connected(settings: Spark, to_end: contextlib.ExitStack) -> Any:
    """Open a session of a Spark Connect server."""
    needed("grpc", "grpc_status", "google.rpc")
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.session import SparkSession

    address = str(settings.connect)
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname or "", parts.port or PORT), PATIENCE).close()
        begun = SparkSession.builder.remote(address).config(map=dict(settings.config)).create()
        begun.version  # noqa: B018  (asks the server)
    except (OSError, PySparkException) as error:
        raise EngineUnreachable(
            f"the Spark server does not answer: {_first_line(error)}.",
            file=f"{parts.hostname}:{parts.port or PORT}",
            expected="a Spark Connect server",
            next_step="Try again; nothing was changed. If it stays away, correct `spark.connect` in settings.yaml.",
        ) from error
    to_end.callback(_quietly, begun.stop)
    return begun


def _launched(settings: Spark, to_end: contextlib.ExitStack) -> Any:
    """Begin a session with a driver in a Java process of ours."""
    if java() is None:
        raise EngineMissing(
            "Spark needs Java, and there is none: neither in JAVA_HOME nor in the search path.",
            expected="Java 17 or newer",
            next_step="Debian: apt-get install openjdk-17-jre-headless",
        )
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    local = settings.master.startswith("local")
    folder = _folder(to_end)
    try:
        with _environment(_variables(folder, settings, local)):
            begun = SparkSession.builder.appName("kinscale").getOrCreate()
    except (PySparkException, OSError) as error:
        raise EngineMissing(
            f"Spark cannot be begun on {settings.master}: {_first_line(error)}.",
            expected="Java 17 or newer, and a master that is there",
            next_step="What Java said stands above. Correct `spark` in settings.yaml.",
        ) from error
    to_end.callback(_stopped, begun)
    return begun


def java() -> str | None:
    """Return the program that runs Java, as Spark looks for it."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")


def _folder(to_end: contextlib.ExitStack) -> Path:
    """Make the folder of a session, which only we may read: its configuration, and what it spills."""
    import pyspark

    folder = Path(tempfile.mkdtemp(prefix="kinscale-spark-"))
    to_end.callback(shutil.rmtree, folder, ignore_errors=True)
    home = folder / "home"
    home.mkdir()
    for part in Path(pyspark.__file__).parent.iterdir():  # executors write into `work` of Spark's home
        if part.name in ("bin", "jars", "python", "sbin"):
            (home / part.name).symlink_to(part)
    (folder / "conf").mkdir()
    (folder / "local").mkdir()
    return folder


def _variables(folder: Path, settings: Spark, local: bool) -> dict[str, str | None]:
    """Write the session's configuration, where no list of processes shows it; return what names it to Spark."""
    own = {
        "spark.log.level": "ERROR",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(folder / "tables"),
        "spark.local.dir": str(folder / "local"),
    }
    if local:
        own |= {**HERE, "spark.authenticate.secret": secrets.token_hex(32)}
    if settings.master.startswith("local-cluster"):
        own |= CLUSTER_DRIVER
    lines = {**own, **settings.config, **TRUSTED, "spark.master": settings.master}
    defaults = "".join(f"{name} {_escaped(value)}\n" for name, value in lines.items())
    (folder / "conf" / "spark-defaults.conf").write_text(defaults, encoding="latin-1")
    (folder / "conf" / "log4j2.properties").write_text(QUIET, encoding="ascii")
    named: dict[str, str | None] = {
        "SPARK_HOME": str(folder / "home"),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_REMOTE": None,
        "SPARK_CONNECT_MODE_ENABLED": None,
        "PYSPARK_SUBMIT_ARGS": None,
    }
    if local:  # executors have this Python, as they have this environment
        named |= {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    return named


CLUSTER_DRIVER = {"spark.driver.memory": "512m"}
"""A driver that only plans needs no more; where it also executes, Spark's own default stands."""


def _escaped(value: str) -> str:
    """Write a value as a file of Java properties has it."""
    text = value.replace("\\", "\\\\").replace("\n", "\\n")
    return "".join(sign if ord(sign) < 128 else f"\\u{ord(sign):04x}" for sign in text)


@contextlib.contextmanager
def _environment(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Set variables for what is started in the block."""
    before = {name: os.environ.get(name) for name in variables}
    _set(variables)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _stopped(begun: Any) -> None:
    """Stop Spark and wait for its Java process, which ends when its standard input does."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    _quietly(begun.stop)
    if gateway is not None:
        _quietly(gateway.shutdown)
        process = getattr(gateway, "proc", None)
        if process is not None:
            process.stdin.close()
            process.wait(60)
        SparkContext._gateway = SparkContext._jvm = None


def _quietly(action: Any) -> None:
    """End something that may have ended by itself, as a server that went away."""
    with contextlib.suppress(Exception):
        action()


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


atexit.register(end)
