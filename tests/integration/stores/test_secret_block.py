"""Credentials in a Prefect Secret block: a night under Prefect finds them, and writes them nowhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tasks import secret_block
from tests import small_survey
from tests.integration import prefect_server
from tests.integration.command_line import environment
from tests.integration.stores.conftest import declared_at
from tests.integration.stores.servers import Server
from tests.integration.stores.test_nights import secrets_in
from warehouse.home import CHECKOUT, Home

pytestmark = pytest.mark.prefect
SAVE = """
import json, sys
from prefect.blocks.system import Secret
Secret(value=json.load(sys.stdin)).save("kinscale-office-drop")
"""


def test_without_a_server_no_block_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert secret_block.read("office-drop") is None


def test_a_night_reads_the_block_that_its_server_holds(webdav_server: Server, survey: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(survey / "raw", webdav_server.folder / "block", dirs_exist_ok=True)
    declared_at(survey, f"{webdav_server.address}/block", "office-drop")
    with prefect_server.running(tmp_path / "prefect") as server:
        settings = environment(KINSCALE_SURVEYS=str(survey.parent), **server.settings)

        def call(*arguments: str, told: str = "") -> subprocess.CompletedProcess[str]:
            command = [sys.executable, *arguments]
            return subprocess.run(
                command,
                capture_output=True,
                text=True,
                cwd=CHECKOUT,
                env=settings,
                timeout=180,
                input=told,
                check=False,
            )

        run = ["-m", "flows.cli", "run", "--survey", small_survey.ID, "--home", str(home.root)]
        before = call(*run)
        assert (before.returncode, "credentials_missing" in before.stderr) == (1, True), before.stderr[-3000:]
        saved = call("-c", SAVE, told=json.dumps(webdav_server.credentials))
        assert saved.returncode == 0, saved.stderr[-3000:]
        after = call(*run)
        assert after.returncode == 0, after.stderr[-3000:]
        password = webdav_server.credentials["PASSWORD"]
        assert password not in after.stdout + after.stderr + json.dumps(server.ask("logs/filter"))
        assert password not in json.dumps(server.ask("artifacts/filter")) + json.dumps(server.ask("task_runs/filter"))
    assert secrets_in(webdav_server, home.root) == []
