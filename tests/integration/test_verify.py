"""A release is made again from its manifest, in processes of their own; what stands in the way is named."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from flows import direct, rebuild
from schemas import declaration
from schemas.errors import KinscaleError
from tasks.withdraw import withdraw
from tests import small_survey
from warehouse import raw_store, release_names
from warehouse.home import CHECKOUT, Home

SAY = logging.getLogger("test").info
CODE = [path.parent.name for path in CHECKOUT.glob("*/__init__.py") if path.parent.name not in ("tests", "benchmarks")]


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p): (p.lstat().st_size, p.lstat().st_mtime_ns) for p in folder.rglob("*")}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three releases: the second was withdrawn, Kazakhstan's file comes from outside the survey's folder."""
    folder = tmp_path_factory.mktemp("verify")
    survey = small_survey.write(folder / "surveys")
    (folder / "elsewhere").mkdir()
    file = (survey / "raw" / "KZ.csv").rename(folder / "elsewhere" / "KZ.csv")
    path = survey / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["sources"][0]["path"] = str(folder / "elsewhere" / "K*.csv")
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    home = Home(folder / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        for relatives in ("10", "20", "19"):
            write_relatives(file, relatives)
            assert direct.run(declaration.load(small_survey.ID), home, SAY).is_new_release
            if relatives == "20":
                withdraw(home, "latest", "wrong file")
    shutil.rmtree(folder / "surveys")  # a release is made again from its manifest alone
    shutil.rmtree(folder / "elsewhere")
    return folder


def write_relatives(file: Path, relatives: str) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(";")
    cells[lines[0].split(";").index("relatives")] = relatives
    file.write_text("\n".join([lines[0], ";".join(cells), *lines[2:]]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("number", [1, 3])
def test_a_release_made_again_has_the_same_content_with_one_thread_and_with_two(
    place: Path, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    home = Home(place / "home")
    release = release_names.find(home, f"r{number}")
    before = tree(place)
    proofs = rebuild.rebuild(release, home, SAY)
    assert [(p.threads, p.content_sha256, p.equal) for p in proofs] == [
        (threads, release.manifest["content_sha256"], True) for threads in (1, 2)
    ]
    assert tree(place) == before
    assert list(tmp_path.iterdir()) == []


def test_a_release_whose_manifest_tells_another_content_is_not_proven(place: Path) -> None:
    home = Home(place / "home")
    release = release_names.find(home, "r1")
    forged = replace(release, manifest={**release.manifest, "content_sha256": "0" * 64})
    (proof,) = rebuild.rebuild(forged, home, SAY, threads=[1])
    assert not proof.equal
    assert proof.content_sha256 == release.manifest["content_sha256"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"lock_sha256": "0" * 64, "code_sha256": "0" * 64, "code_commit": "abc"}, ["other libraries", "git worktree"]),
        ({"code_sha256": "0" * 64, "code_commit": "abc-dirty"}, ["no commit (abc-dirty)", "0000"]),
        ({"code_sha256": "0" * 64, "code_commit": None}, ["no commit (outside git)"]),
        ({"code_sha256": "0" * 64, "code_commit": "0" * 40}, ["0" * 40, "cannot be had"]),
        ({"inputs": [{"uri": "raw/KG.csv", "country": "KG", "sha256": "0" * 64}]}, ["KG.csv", "raw store"]),
    ],
)
def test_what_is_missing_for_making_it_again_is_named(
    place: Path, changed: dict[str, object], words: list[str]
) -> None:
    home = Home(place / "home")
    release = release_names.find(home, "r1")
    with pytest.raises(KinscaleError) as raised:
        rebuild.rebuild(replace(release, manifest={**release.manifest, **changed}), home, SAY, threads=[1])
    for word in words:
        assert word in str(raised.value)


def test_raw_bytes_that_were_changed_are_not_built_on(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "home", tmp_path / "home", symlinks=True)
    home = Home(tmp_path / "home")
    release = release_names.find(home, "r1")
    stored = raw_store.place(home, release.manifest["inputs"][0]["sha256"])
    stored.chmod(0o644)
    stored.write_bytes(stored.read_bytes() + b"\n")
    with pytest.raises(KinscaleError, match="another hash"):
        rebuild.rebuild(release, home, SAY, threads=[1])


def call(code: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(code), **settings}
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments],
        cwd=code, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def git(code: Path, *arguments: str) -> None:
    name = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *name, *arguments], cwd=code, capture_output=True, timeout=60, check=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_code_that_has_changed_since_is_taken_from_the_commit(tmp_path: Path) -> None:
    """A checkout of its own: a release of its first commit, then a commit that publishes other numbers."""
    code, surveys, home = tmp_path / "checkout", tmp_path / "surveys", str(tmp_path / "home")
    code.mkdir()
    for room in CODE:
        shutil.copytree(CHECKOUT / room, code / room, ignore=shutil.ignore_patterns("raw", "__pycache__"))
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, code / name)
    git(code, "init", "--quiet")
    git(code, "add", ".")
    git(code, "commit", "--quiet", "-m", "first")
    small_survey.write(surveys)
    settings = {"KINSCALE_SURVEYS": str(surveys), "PYTHONDONTWRITEBYTECODE": "1"}
    made = call(code, "run", "--direct", "--survey", small_survey.ID, "--home", home, **settings)
    assert made.returncode == 0, made.stderr
    canonical = code / "warehouse" / "canonical.py"
    text = canonical.read_text(encoding="utf-8")
    canonical.write_text(text.replace("SIGNIFICANT_DIGITS = 12", "SIGNIFICANT_DIGITS = 11"), encoding="utf-8")
    git(code, "commit", "--quiet", "-a", "-m", "second")
    done = call(code, "verify", "latest", "--home", home, "--json", **settings)
    assert done.returncode == 0, done.stderr
    assert "taking the code of commit" in done.stderr
    told = json.loads(done.stdout)
    assert told["proven"]
    assert [proof["equal"] for proof in told["proofs"]] == [True, True]
    again = call(code, "run", "--direct", "--survey", small_survey.ID, "--home", home, **settings)
    assert "r2" in again.stdout, again.stdout  # the second commit does publish other numbers


def test_a_verification_that_is_killed_leaves_nothing_in_the_data_folder(place: Path, tmp_path: Path) -> None:
    before = tree(place)
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "flows.cli", "verify", "r1", "--home", str(place / "home")]
    process = subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("*/home-1/raw/*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert list(tmp_path.glob("*/home-1/raw/*"))
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # its own process group: the verification and its night
        process.wait(timeout=10)
    assert tree(place) == before
