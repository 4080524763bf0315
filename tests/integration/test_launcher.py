"""The launcher: the Python it refuses, when it makes the environment anew, and the extras that it adds to it."""

from __future__ import annotations

import hashlib
import os
import runpy
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli import app
from warehouse import code_version
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
    for name in ("", "-bootstrap", "-build", "-dask", "-spark"):
        (tmp_path / f"requirements{name}.lock").write_text("wheel==1 --hash=sha256:0\n", encoding="ascii")
    functions = runpy.run_path(str(CHECKOUT / "kinscale"), run_name="launcher")
    return replace(functions, tmp_path)


def replace(functions: dict[str, Any], root: Path) -> dict[str, Any]:
    """Point the launcher's paths at `root`; its functions look them up in the module they were made in."""
    scope: dict[str, Any] = functions["main"].__globals__
    venv = root / ".venv"
    scope |= {"ROOT": root, "VENV": venv, "STAMP": venv / ".kinscale-lock", "LOCK": root / "requirements.lock"}
    scope |= {"BOOTSTRAP": root / "requirements-bootstrap.lock", "BUILD": root / "requirements-build.lock"}
    scope["CHOSEN"] = root / ".venv.extras"
    return scope


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


def locks_in(call: str) -> list[str]:
    return [Path(word).name for word in call.split() if word.endswith(".lock")]


@pytest.fixture
def made(launcher: dict[str, Any]) -> dict[str, Any]:
    """A launcher with an environment of the default packages."""
    calls(launcher, lambda _: 0)
    launcher["install"]()
    return launcher


def test_the_default_names_no_extra_and_is_what_it_was_before_there_were_any(launcher: dict[str, Any]) -> None:
    """The stamp is the hash of the lock and the Python alone: an environment that was made without extras stays."""
    seen = calls(launcher, lambda _: 0)
    launcher["install"]()
    assert locks_in(seen[-1]) == ["requirements.lock"]
    alone = hashlib.sha256(launcher["LOCK"].read_bytes() + sys.version.encode()).hexdigest()
    assert launcher["STAMP"].read_text(encoding="ascii") == alone
    assert not launcher["CHOSEN"].exists()


def test_extras_are_added_in_place_with_their_hashes_and_those_of_what_builds_them(made: dict[str, Any]) -> None:
    seen = calls(made, lambda _: 0)
    assert made["change"](["spark"]) == 0
    assert made["change"](["dask"]) == 0
    assert all("uv pip sync" in call and "--require-hashes" in call for call in seen)
    build, base, dask, spark = (f"requirements{part}.lock" for part in ("-build", "", "-dask", "-spark"))
    assert [locks_in(call) for call in seen] == [[build, base, spark], [build, base, dask, spark]]
    assert "--build-constraints" in seen[0]
    assert made["is_ready"]()
    assert made["change"](["dask", "spark"]) == 0
    assert len(seen) == 2, "what is there is not installed again"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dask.lock"])
def test_a_changed_lock_makes_the_environment_again_with_its_extras(made: dict[str, Any], lock: str) -> None:
    calls(made, lambda _: 0)
    made["change"](["dask"])
    (made["ROOT"] / lock).write_text("wheel==2 --hash=sha256:1\n", encoding="ascii")
    assert not made["is_ready"]()
    seen = calls(made, lambda _: 0)
    made["install"]()
    assert "-m venv --clear" in seen[0]
    assert locks_in(seen[-1]) == ["requirements-build.lock", "requirements.lock", "requirements-dask.lock"]
    assert made["is_ready"]()


def test_the_lock_of_an_extra_that_is_not_installed_changes_nothing(made: dict[str, Any]) -> None:
    (made["ROOT"] / "requirements-spark.lock").write_text("wheel==2 --hash=sha256:1\n", encoding="ascii")
    assert made["is_ready"]()


def test_extras_are_taken_out_again(made: dict[str, Any]) -> None:
    seen = calls(made, lambda _: 0)
    before = made["STAMP"].read_text(encoding="ascii")
    made["change"](["dask", "spark"])
    assert made["change"](["--remove", "spark", "dask"]) == 0
    assert locks_in(seen[-1]) == ["requirements.lock"]
    assert made["STAMP"].read_text(encoding="ascii") == before
    assert not made["CHOSEN"].exists()


def test_pip_adds_extras_and_makes_the_environment_anew_to_take_one_out(made: dict[str, Any]) -> None:
    seen = calls(made, lambda text: int("/uv " in text or "bootstrap" in text))
    assert made["change"](["dask", "spark"]) == 0
    by_pip = [locks_in(call) for call in seen if "-m pip install" in call]
    assert by_pip == [
        ["requirements.lock"],
        ["requirements-build.lock"],
        ["requirements-dask.lock", "requirements-spark.lock"],
    ]
    assert all("--require-hashes" in call for call in seen)
    assert not any("venv --clear" in call for call in seen)
    seen.clear()
    assert made["change"](["--remove", "spark"]) == 0
    assert any("venv --clear" in call for call in seen)
    assert locks_in(seen[-1]) == ["requirements-dask.lock"]
    assert made["is_ready"]()


def test_an_extra_that_cannot_be_had_leaves_the_environment_as_it_was(
    made: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    calls(made, lambda text: int("spark" in text))
    with pytest.raises(SystemExit) as ended:
        made["change"](["spark"])
    assert ended.value.code == 1
    assert "the environment is as it was" in capsys.readouterr().err
    assert made["is_ready"]()
    assert not made["CHOSEN"].exists()


def test_an_extra_that_broke_off_is_not_taken_for_ready(made: dict[str, Any]) -> None:
    def interrupted(_: str) -> int:
        raise KeyboardInterrupt

    calls(made, interrupted)
    with pytest.raises(KeyboardInterrupt):
        made["change"](["spark"])
    assert not made["is_ready"]()
    seen = calls(made, lambda _: 0)
    made["install"]()
    assert locks_in(seen[-1]) == ["requirements.lock"], "what was never there is not remembered"


def test_an_extra_whose_packages_are_gone_can_be_given_up(
    made: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no environment can be made with it, no command of the environment could take it out."""
    calls(made, lambda _: 0)
    made["change"](["spark"])
    made["STAMP"].unlink()
    calls(made, lambda text: int("spark" in text))
    with pytest.raises(SystemExit):
        made["install"]()
    assert "./kinscale install --remove spark" in capsys.readouterr().err
    assert made["change"](["--remove", "spark"]) == 0
    assert made["is_ready"]()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["flink"], "there is no flink"),
        (["--only"], "there is no --only"),
        (["--remove"], "wants the name of an extra"),
    ],
)
def test_what_is_no_extra_is_wrong_usage(
    made: dict[str, Any], capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    seen = calls(made, lambda _: 0)
    assert made["change"](words) == 2
    assert seen == []
    out, err = capsys.readouterr()
    assert told in err
    assert "there are: dask, spark" in err
    assert out == ""


def test_without_a_name_it_is_told_what_there_is(made: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    seen = calls(made, lambda _: 0)
    made["change"](["dask"])
    capsys.readouterr()
    assert made["change"]([]) == 0
    told = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert told.keys() == {"dask", "spark"}
    assert "not installed" in told["spark"]
    assert "not installed" not in told["dask"]
    made["STAMP"].unlink()
    made["change"]([])
    assert "dask   with the next command" in capsys.readouterr().out
    assert len(seen) == 1


def test_two_installs_side_by_side_come_to_one_environment_with_both(made: dict[str, Any]) -> None:
    inside: list[int] = []

    def alone(_: str) -> int:
        inside.append(1)
        time.sleep(0.05)
        together = len(inside)
        inside.pop()
        return int(together > 1)

    seen = calls(made, alone)
    threads = [threading.Thread(target=made["change"], args=([extra],)) for extra in ("dask", "spark")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert made["chosen"]() == ["dask", "spark"]
    assert made["is_ready"]()
    assert len(seen) == 2


def test_the_launcher_knows_the_extras_that_the_project_declares(launcher: dict[str, Any]) -> None:
    declared = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert launcher["EXTRAS"].keys() == declared["optional-dependencies"].keys() == code_version.EXTRAS.keys()


def test_help_is_handed_to_the_command_line_and_the_rest_is_not(
    made: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[list[str]] = []
    monkeypatch.setattr(os, "execve", lambda _, arguments, __: handed.append(arguments[3:]))
    monkeypatch.setattr(sys, "argv", ["kinscale", "install", "--help"])
    made["main"]()
    assert handed == [["install", "--help"]]
    monkeypatch.setattr(sys, "argv", ["kinscale", "install", "flink"])
    with pytest.raises(SystemExit) as ended:
        made["main"]()
    assert ended.value.code == 2
    assert len(handed) == 1


def test_the_command_shows_its_help_and_an_example() -> None:
    shown = CliRunner().invoke(app, ["install", "--help"])
    assert shown.exit_code == 0
    assert "./kinscale install spark dask" in " ".join(shown.output.split())
