"""The unit and the compose file: known keys, folders that agree, no secret, nothing reachable without a password."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
TOP = {"name", "services", "volumes"}
SERVICE = {
    *("build", "image", "init", "restart", "stop_grace_period", "depends_on", "environment", "ports", "volumes"),
    *("read_only", "tmpfs", "cap_drop", "security_opt", "healthcheck"),
}
"""Keys of the Compose specification that are used here; one that is not there is misspelt."""


@pytest.fixture
def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return content


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "kinscale.service", encoding="utf-8")
    return parser


def test_compose_has_only_keys_that_compose_knows(compose: dict[str, Any]) -> None:
    assert compose.keys() <= TOP
    for service in compose["services"].values():
        assert service.keys() <= SERVICE
        named = {v.split(":")[0] for v in service["volumes"] if not v.startswith(".")}
        assert named <= compose["volumes"].keys()
        assert set(service.get("depends_on", {})) <= compose["services"].keys()


def test_containers_want_passwords_and_are_published_on_loopback(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        for name, value in service["environment"].items():
            if re.search("PASSWORD|AUTH|URL", name):
                assert re.search(r"\$\{\w+:\?", value), f"{name}: compose must stop when it is not set"


def test_the_image_runs_without_root_and_is_asked_for_its_health() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert lines.index("USER kinscale") < lines.index('ENTRYPOINT ["./kinscale"]')
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert "FROM python:3.11-slim" in lines


def test_the_unit_may_write_where_it_is_told_to() -> None:
    service = unit()["Service"]
    home = service["ExecStart"].split("--home ")[1]
    assert service["ReadWritePaths"] == home
    assert service["ExecStart"].startswith(f"{service['WorkingDirectory']}/kinscale serve ")
    assert service["User"] != "root"
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("true", "strict")
    assert (service["KillMode"], service["Restart"]) == ("mixed", "on-failure")


def test_the_unit_leaves_serve_time_to_stop() -> None:
    from flows.offspring import PATIENCE_SECONDS

    assert int(unit()["Service"]["TimeoutStopSec"]) > sum(PATIENCE_SECONDS.values()) + 5


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "kinscale.service").read_text(encoding="utf-8")
    program = tmp_path / "kinscale"
    program.write_text("#!/bin/sh\n", encoding="ascii")
    program.chmod(0o755)
    copy = tmp_path / "kinscale.service"
    copy.write_text(text.replace("/opt/kinscale/kinscale", str(program)), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, timeout=60, check=False
    )
    mine = [line for line in (done.stdout + done.stderr).splitlines() if "kinscale" in line and "man " not in line]
    assert mine == []
