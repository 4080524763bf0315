"""Where the key of pseudonyms may lie, and what is said when it may not; its text is never in a message."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.checkup import pseudonyms
from flows.cli import app
from schemas.errors import PseudonymKeyUnusable
from schemas.pseudonyms import PseudonymKey
from tasks import pseudonym_key
from tests import personal_survey, small_survey
from warehouse.home import CHECKOUT, Home

TEXT = "0f" * 32


@pytest.fixture(autouse=True)
def no_key_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(pseudonym_key.VARIABLE, raising=False)


def name_in_settings(home: Home, path: object) -> None:
    home.root.mkdir(exist_ok=True)
    (home.root / "settings.yaml").write_text(f"pseudonym_key_file: {path}\n", encoding="utf-8")


def written(path: Path, text: str = TEXT, mode: int = 0o600) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{text}\n")
    path.chmod(mode)
    return path


def test_a_file_of_its_owner_is_read_and_the_environment_goes_before_it(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_in_settings(home, written(tmp_path / "key"))
    assert pseudonym_key.find(home) == PseudonymKey.read(TEXT)
    monkeypatch.setenv(pseudonym_key.VARIABLE, "1f" * 32)
    assert pseudonym_key.find(home) == PseudonymKey.read("1f" * 32)


def linked(home: Home, tmp_path: Path) -> Path:
    inside = written(home.root / "key")
    (tmp_path / "link").symlink_to(inside)
    return tmp_path / "link"


WRONG: dict[str, tuple[Callable[[Home, Path], object], str]] = {
    "in the data folder": (lambda home, _: written(home.root / "key"), "lies in"),
    "a link into the data folder": (linked, "lies in"),
    "in the checkout": (lambda _, __: CHECKOUT / "kinscale.key", "lies in"),
    "for others": (lambda _, folder: written(folder / "key", mode=0o640), "others may read the key file"),
    "not there": (lambda _, folder: folder / "none", "cannot be read"),
    "not absolute": (lambda _, __: "key", "does not begin with /"),
    "no key": (lambda _, folder: written(folder / "key", "SECRET"), "64 digits"),
    "half a key": (lambda _, folder: written(folder / "key", TEXT[:32]), "64 digits"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_key_that_is_not_safe_is_refused(home: Home, tmp_path: Path, case: str) -> None:
    home.root.mkdir()
    make, said = WRONG[case]
    name_in_settings(home, make(home, tmp_path))
    with pytest.raises(PseudonymKeyUnusable, match=said) as caught:
        pseudonym_key.find(home)
    assert TEXT[:32] not in str(caught.value.as_record())
    assert "SECRET" not in str(caught.value.as_record())


def test_without_any_key_the_command_that_makes_one_is_named(home: Home) -> None:
    with pytest.raises(PseudonymKeyUnusable, match="key new") as caught:
        pseudonym_key.find(home)
    assert not caught.value.retryable


def test_settings_that_are_wrong_are_said_once_and_repeat_nothing(home: Home) -> None:
    home.root.mkdir()
    (home.root / "settings.yaml").write_text(f"pseudonym_key: {TEXT}\n")
    with pytest.raises(PseudonymKeyUnusable, match="settings, which name its file, are wrong") as caught:
        pseudonym_key.find(home)
    assert TEXT not in str(caught.value.as_record())


def test_a_new_key_is_its_owners_and_replaces_nothing(home: Home, tmp_path: Path) -> None:
    call = ["key", "new", str(tmp_path / "key"), "--home", str(home.root)]
    made = CliRunner().invoke(app, call)
    assert made.exit_code == 0
    text = (tmp_path / "key").read_text().strip()
    assert text not in made.output
    assert PseudonymKey.read(text).fingerprint in made.output
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert isinstance(CliRunner().invoke(app, call).exception, PseudonymKeyUnusable)
    assert (tmp_path / "key").read_text().strip() == text
    inside = ["key", "new", str(home.root / "key"), "--home", str(home.root)]
    assert isinstance(CliRunner().invoke(app, inside).exception, PseudonymKeyUnusable)


def test_doctor_looks_for_a_key_where_a_survey_asks_for_one(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "surveys"))
    small_survey.write(tmp_path / "surveys")
    assert pseudonyms.key(home).seen == "no survey asks for one"
    (tmp_path / "surveys" / small_survey.ID).rename(tmp_path / "before")
    personal_survey.write(tmp_path / "surveys")
    found = pseudonyms.key(home)
    assert (found.state, "key new" in found.advice) == ("fail", True)
    monkeypatch.setenv(pseudonym_key.VARIABLE, TEXT)
    assert pseudonyms.key(home).state == "ok"
