"""Real servers on free ports of this machine, each over a folder of its own, ended by their process ids."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.integration.served import free_port

SECONDS_TO_START = 60.0
USER, PASSWORD = "collector", "s3cret@pa/ss word%"
KEY_ID, SECRET = "AKIATESTKEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLE"
SYSTEM = "/usr/sbin:/usr/local/sbin"


@dataclass(frozen=True)
class Server:
    """A running server. folder: what it serves; address: of that folder; logs: what it was asked, where it says so."""

    address: str
    folder: Path
    port: int
    credentials: dict[str, str] = field(default_factory=dict)
    logs: Path | None = None
    process_id: int = 0

    def requests(self) -> list[str]:
        """Return what was asked since the last time, as `METHOD path`, and forget it."""
        assert self.logs is not None
        time.sleep(0.1)  # the answer is sent before the line is written
        lines = self.logs.read_text(encoding="utf-8").splitlines()
        os.truncate(self.logs, 0)
        return lines


def program(name: str) -> str:
    """Find a server's program, or skip the test."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", ""), SYSTEM])
    found = shutil.which(name, path=places)
    if found is None:
        pytest.skip(f"{name} is not on this machine; .ci/run installs nginx-light and openssh-server, pip the others")
    return found


@contextlib.contextmanager
def running(
    command: Sequence[str], port: int, folder: Path, environment: dict[str, str] | None = None
) -> Iterator[int]:
    """Run a server until the block ends; it answers when the block begins."""
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, start_new_session=True, env={**os.environ, **(environment or {})}
        )
    try:
        _wait(port, process, log)
        yield process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(2)  # SeaweedFS takes ten seconds to say good-bye
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not answer: {log.read_text(errors='replace')[-2000:]}")


@contextlib.contextmanager
def nginx(place: Path) -> Iterator[Server]:
    """HTTP: folder listings as pages at /, as JSON at /json/, and behind a login at /private/."""
    binary, port, folder = program("nginx"), free_port(), place / "files"
    folder.mkdir(parents=True)
    (place / "htpasswd").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
    temporary = "".join(
        f"{kind}_temp_path {place}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (place / "nginx.conf").write_text(
        f"""{"user root;" if os.geteuid() == 0 else ""}
daemon off; worker_processes 1; pid {place}/pid; error_log {place}/error.log;
events {{ worker_connections 64; }}
http {{
  log_format asked '$request_method $request_uri $status';
  access_log {place}/asked.log asked;
  keepalive_timeout 0; charset utf-8; sendfile on;
  {temporary}
  server {{
    listen 127.0.0.1:{port};
    location / {{ root {folder}; autoindex on; }}
    location /json/ {{ alias {folder}/; autoindex on; autoindex_format json; }}
    location /private/ {{ alias {folder}/; autoindex on; auth_basic private; auth_basic_user_file {place}/htpasswd; }}
  }}
}}
""",
        encoding="utf-8",
    )
    with running(
        [binary, "-p", str(place), "-c", str(place / "nginx.conf"), "-e", f"{place}/error.log"], port, place
    ) as pid:
        yield Server(f"http://127.0.0.1:{port}", folder, port, {}, place / "asked.log", pid)


@contextlib.contextmanager
def sshd(place: Path) -> Iterator[Server]:
    """SFTP by OpenSSH, with a host key and a user key that were made for it."""
    binary, keygen, port = program("sshd"), program("ssh-keygen"), free_port()
    folder = place / "files"
    folder.mkdir(parents=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd of root asks for it
    for name in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(place / name)], check=True)
    (place / "authorized").write_text((place / "user.pub").read_text(encoding="utf-8"), encoding="utf-8")
    (place / "sshd.conf").write_text(
        f"""Port {port}
ListenAddress 127.0.0.1
HostKey {place}/host
AuthorizedKeysFile {place}/authorized
PidFile none
StrictModes no
UsePAM {"no" if os.geteuid() == 0 else "yes"}
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp -l VERBOSE
LogLevel ERROR
""",
        encoding="utf-8",
    )
    kind, key, *_ = (place / "host.pub").read_text(encoding="utf-8").split()
    credentials = {
        "USER": getpass.getuser(),
        "KEY_FILE": str(place / "user"),
        "KNOWN_HOSTS": f"[127.0.0.1]:{port} {kind} {key}",
    }
    with running([binary, "-D", "-e", "-f", str(place / "sshd.conf")], port, place) as pid:
        yield Server(f"sftp://127.0.0.1:{port}{folder}", folder, port, credentials, place / "sshd.log", pid)


@contextlib.contextmanager
def weed(place: Path) -> Iterator[Server]:
    """S3 by SeaweedFS, with one key; `folder` holds its data, not files: put them with `s3`."""
    binary, port, folder = program("weed"), free_port(), place / "data"
    folder.mkdir(parents=True)
    account = {
        "name": USER,
        "credentials": [{"accessKey": KEY_ID, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    (place / "s3.json").write_text(json.dumps({"identities": [account]}), encoding="utf-8")
    ports = [f"-{part}.port{kind}={free_port()}" for part in ("master", "volume", "filer") for kind in ("", ".grpc")]
    command = [binary, "-logtostderr", "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *ports]
    command += ["-s3", f"-s3.port={port}", f"-s3.port.grpc={free_port()}", "-s3.port.lance=0", "-s3.port.iceberg=0"]
    command += [f"-s3.config={place}/s3.json", "-master.volumeSizeLimitMB=64", "-volume.max=10"]
    command += ["-master.telemetry=false", "-metricsPort=0"]
    credentials = {"KEY_ID": KEY_ID, "SECRET": SECRET, "ENDPOINT": f"http://127.0.0.1:{port}"}
    with running(command, port, place) as pid:
        yield Server("s3://deliveries", folder, port, credentials, None, pid)


@contextlib.contextmanager
def webdav(place: Path) -> Iterator[Server]:
    """WebDAV by rclone, behind a login."""
    binary, port, folder = program("rclone"), free_port(), place / "files"
    folder.mkdir(parents=True)
    command = [binary, "serve", "webdav", str(folder), "--addr", f"127.0.0.1:{port}", "--user", USER]
    command += ["--config", str(place / "rclone.conf"), "--read-only", "--dir-cache-time", "0s"]
    with running(command, port, place, {"RCLONE_PASS": PASSWORD}) as pid:
        login = {"USER": USER, "PASSWORD": PASSWORD}
        yield Server(f"webdav+http://127.0.0.1:{port}", folder, port, login, None, pid)
