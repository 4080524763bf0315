"""The launcher before there is an environment: the Python it refuses, and when it makes the environment anew."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from warehouse.home import CHECKOUT

PRETEND = """
import runpy, sys
sys.version_info = {version}
sys.version = "{text} (main)"
runpy.run_path(sys.argv[1], run_name="__main__")
"""


@pytest.mark.parametrize(("version", "text"), [((3, 9, 1), "3.9.1"), ((3, 10, 14), "3.10.14"), ((3, 14, 0), "3.14.0")])
def test_another_python_is_told_which_to_use(version: tuple[int, ...], text: str, tmp_path: Path) -> None:
    code = PRETEND.format(version=(*version, "final", 0), text=text)
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(CHECKOUT / "kinscale"), "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert f"this is Python {text}; kinscale is tested on 3.11, 3.12 and 3.13." in done.stderr
    assert "python3.12 kinscale run" in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.iterdir())


@pytest.fixture
def launcher(tmp_path: Path) -> dict[str, Any]:
    """The launcher's functions, working on a checkout of their own whose packages nobody installs."""
    for name in ("requirements.lock", "requirements-bootstrap.lock"):
        (tmp_path / name).write_text("wheel==1 --hash=sha256:0\n", encoding="ascii")
    functions = runpy.run_path(str(CHECKOUT / "kinscale"), run_name="launcher")
    return replace(functions, tmp_path)


def replace(functions: dict[str, Any], root: Path) -> dict[str, Any]:
    """Point the launcher's paths at `root`; its functions look them up in the module they were made in."""
    scope: dict[str, Any] = functions["main"].__globals__
    venv = root / ".venv"
    scope |= {"ROOT": root, "VENV": venv, "STAMP": venv / ".kinscale-lock", "LOCK": root / "requirements.lock"}
    return scope | {"BOOTSTRAP": root / "requirements-bootstrap.lock"}


def calls(launcher: dict[str, Any], answer: Callable[[str], int]) -> list[str]:
    """Let the launcher's installers answer as told, and return what it calls."""
    seen: list[str] = []

    def call(*arguments: str | Path) -> int:
        text = " ".join(map(str, arguments))
        seen.append(text)
        (launcher["VENV"]).mkdir(exist_ok=True)
        return answer(text)

    launcher["main"].__globals__["call"] = call
    return seen


def test_the_environment_is_ready_only_for_this_lock_and_this_python(
    launcher: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not launcher["is_ready"]()
    calls(launcher, lambda _: 0)
    launcher["install"]()
    assert launcher["is_ready"]()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version", "3.13.0 (another one)")
        assert not launcher["is_ready"]()
    assert launcher["is_ready"]()
    launcher["LOCK"].write_text("wheel==2 --hash=sha256:1\n", encoding="ascii")
    assert not launcher["is_ready"]()


def test_uv_installs_the_lock_with_its_hashes(launcher: dict[str, Any]) -> None:
    seen = calls(launcher, lambda _: 0)
    launcher["install"]()
    assert [("venv" in call, "uv pip sync" in call) for call in seen] == [(True, False), (True, False), (True, True)]
    assert all("--require-hashes" in call for call in seen[1:])
    assert str(launcher["LOCK"]) in seen[-1]


def test_pip_installs_when_uv_cannot_be_had(launcher: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    seen = calls(launcher, lambda text: int("bootstrap" in text))
    launcher["install"]()
    assert "uv pip sync" not in " ".join(seen)
    assert "pip install" in seen[-1]
    assert "--require-hashes" in seen[-1]
    assert "pip does the same" in capsys.readouterr().err
    assert launcher["is_ready"]()


def test_pip_is_the_second_try_when_uv_fails(launcher: dict[str, Any]) -> None:
    seen = calls(launcher, lambda text: int("uv pip sync" in text))
    launcher["install"]()
    assert "uv pip sync" in seen[-2]
    assert "pip install" in seen[-1]


def test_a_failed_installation_says_what_to_check_and_leaves_no_stamp(
    launcher: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    calls(launcher, lambda text: int("-m venv" not in text))
    with pytest.raises(SystemExit) as ended:
        launcher["install"]()
    assert ended.value.code == 1
    assert "package index" in capsys.readouterr().err
    assert not launcher["is_ready"]()


def test_an_installation_that_broke_off_is_not_taken_for_ready(launcher: dict[str, Any]) -> None:
    def interrupted(text: str) -> int:
        if "uv pip sync" in text:
            raise KeyboardInterrupt
        return 0

    calls(launcher, lambda _: 0)
    launcher["install"]()
    calls(launcher, interrupted)
    with pytest.raises(KeyboardInterrupt):
        launcher["install"]()
    assert not launcher["is_ready"]()


def test_two_first_runs_wait_for_each_other(launcher: dict[str, Any]) -> None:
    inside: list[int] = []
    most: list[int] = []

    def build() -> None:
        with launcher["one_at_a_time"]():
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert most == [1, 1, 1, 1]


def test_the_launcher_hands_over_to_the_command_line(launcher: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    calls(launcher, lambda _: 0)
    handed: list[Any] = []
    monkeypatch.setattr(os, "execve", lambda *arguments: handed.extend(arguments))
    monkeypatch.setattr(sys, "argv", ["kinscale", "run", "--home", "a b"])
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    launcher["main"]()
    python, arguments, environment = handed
    assert python == str(launcher["VENV"] / "bin" / "python")
    assert arguments == [python, "-m", "flows.cli", "run", "--home", "a b"]
    assert environment["PYTHONPATH"] == os.pathsep.join([str(launcher["ROOT"]), "/somewhere"])
