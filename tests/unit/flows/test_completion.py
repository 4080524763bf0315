"""Completion as a real bash asks for it: commands, options, and values that are on disk; and what it may not load."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows.completion import SCRIPTS, VARIABLE, Shell
from warehouse.home import CHECKOUT

ASK = """
source <(./kinscale completion bash)
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
read -r -a spec <<< "$(complete -p kinscale)"
"${spec[-2]}" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""
"""Asks the function that `complete` was told, with the words of a line, as bash does when Tab is pressed."""
LOADED = """
import runpy, sys
try:
    runpy.run_module("flows.cli", run_name="__main__")
finally:
    print([name for name in {heavy} if name in sys.modules])
"""
HEAVY = ("pandas", "duckdb", "prefect", "pandera", "scipy")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a `kinscale` in it that needs no environment of its own, and a data folder of two releases."""
    program = tmp_path / "kinscale"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m flows.cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    for name in ("valley-2012-r1", "valley-2012-r2", ".building-3"):
        (tmp_path / "home" / "releases" / name).mkdir(parents=True)
        (tmp_path / "home" / "releases" / name / "manifest.json").write_text("{}", encoding="utf-8")
    for survey, countries in (("valley", "{KG: Kyrgyzstan}"), ("lowland", "{UZ: Uzbekistan, TM: Turkmenistan}")):
        (tmp_path / "surveys" / survey).mkdir(parents=True)
        (tmp_path / "surveys" / survey / "survey.yaml").write_text(f"countries: {countries}\n", encoding="utf-8")
    (tmp_path / "surveys" / "not_a_survey").mkdir()
    return tmp_path


def run(place: Path, *call: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a program in the folder, with its surveys and data."""
    own = {
        "KINSCALE_SURVEYS": str(place / "surveys"),
        "KINSCALE_HOME": str(place / "home"),
        "PYTHONPATH": str(CHECKOUT),
    }
    return subprocess.run(
        [str(part) for part in call],
        cwd=place,
        env={**os.environ, **own, **settings},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def offered(place: Path, *words: str) -> list[str]:
    """What bash offers for the last of the words that are typed."""
    done = run(place, "bash", "--norc", "-c", ASK, "bash", "./kinscale", *words)
    assert done.returncode == 0, done.stderr
    return sorted(done.stdout.split())


def test_commands_and_the_commands_of_groups_are_offered(place: Path) -> None:
    assert offered(place, "quar") == ["quarantine"]
    assert offered(place, "backfill", "") == ["approve", "diff", "list", "plan", "reject", "run"]


def test_options_are_offered(place: Path) -> None:
    assert offered(place, "show", "--") == ["--help", "--home", "--json"]


def test_releases_of_the_data_folder_are_offered(place: Path) -> None:
    assert offered(place, "show", "") == ["latest", "valley-2012-r1", "valley-2012-r2"]
    assert offered(place, "diff", "latest", "valley-2012-r2") == ["valley-2012-r2"]
    assert offered(place, "show", "--home", "elsewhere", "") == ["latest"]


def test_what_can_be_installed_is_offered(place: Path) -> None:
    assert offered(place, "install", "") == ["dask", "spark"]


def test_surveys_and_their_countries_are_offered(place: Path) -> None:
    assert offered(place, "run", "--survey", "") == ["lowland", "valley"]
    assert offered(place, "backfill", "plan", "--country", "") == ["KG", "TM", "UZ"]
    assert offered(place, "backfill", "plan", "--survey", "lowland", "--country", "") == ["TM", "UZ"]


def test_a_survey_that_cannot_be_read_offers_no_country(place: Path) -> None:
    (place / "surveys" / "valley" / "survey.yaml").write_text("countries: [", encoding="utf-8")
    (place / "surveys" / "lowland" / "survey.yaml").write_text("- 1\n", encoding="utf-8")
    assert offered(place, "backfill", "plan", "--country", "") == []


def test_an_answer_loads_nothing_heavy(place: Path) -> None:
    asked = {"COMP_WORDS": "kinscale\nshow\n", "COMP_CWORD": "2", VARIABLE: "complete_bash"}
    done = run(place, sys.executable, "-c", LOADED.format(heavy=HEAVY), **asked)
    assert done.stdout.splitlines() == ["latest", "valley-2012-r1", "valley-2012-r2", "[]"]


@pytest.mark.parametrize("shell", list(Shell))
def test_the_script_of_each_shell_is_one_that_it_can_read(shell: Shell, place: Path) -> None:
    printed = run(place, place / "kinscale", "completion", shell)
    assert printed.stdout == (SCRIPTS / f"kinscale.{shell}").read_text(encoding="utf-8")
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not on this machine")
    checked = run(place, shell, "-n", SCRIPTS / f"kinscale.{shell}")
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("shell", "asked"), [("zsh", {}), ("fish", {"_TYPER_COMPLETE_FISH_ACTION": "get-args"})], ids=["zsh", "fish"]
)
def test_what_the_other_shells_ask_is_answered(shell: str, asked: dict[str, str], place: Path) -> None:
    """The script of each sets these variables."""
    asked = asked | {"_TYPER_COMPLETE_ARGS": "./kinscale show ", VARIABLE: f"complete_{shell}"}
    script = (SCRIPTS / f"kinscale.{shell}").read_text(encoding="utf-8")
    assert all(name in script for name in asked)
    done = run(place, place / "kinscale", **asked)
    assert all(name in done.stdout for name in ("latest", "valley-2012-r1", "valley-2012-r2")), done.stderr


def test_a_launcher_without_an_environment_answers_nothing_and_installs_nothing(tmp_path: Path) -> None:
    shutil.copy(CHECKOUT / "kinscale", tmp_path)
    (tmp_path / "requirements.lock").write_text("wheel==1 --hash=sha256:0\n", encoding="ascii")
    call = (sys.executable, "-I", tmp_path / "kinscale")
    asked = run(tmp_path, *call, **{VARIABLE: "complete_bash"})
    assert (asked.returncode, asked.stdout, asked.stderr) == (0, "", "")
    script = run(tmp_path, *call, "completion", "bash")
    assert script.returncode == 1
    assert "no environment yet" in script.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kinscale", "requirements.lock"]
