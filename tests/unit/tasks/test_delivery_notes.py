"""Delivery notes made to harm: each refuses its own delivery, unopened or unresolved, and the other one comes."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest
import yaml

from schemas import declaration, family_survey
from schemas.errors import KinscaleError
from tasks import delivery_notes, note_files, pull
from tests import small_survey
from warehouse import build
from warehouse.build import Warehouse
from warehouse.home import Home

NOTES = ("KZ.csv.sha256", "KZ.csv.source.yaml", "SHA256SUMS")
RIGHT = f"sha256: {'ab' * 32}\nbytes: 5\n"


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    """Fail, instead of waiting for ever, when a pipe is opened or a text is read for minutes."""

    def give_up(*_: object) -> None:
        pytest.fail("it hung")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def warehouse(home: Home) -> Iterator[Warehouse]:
    with build.write(home, family_survey) as opened:
        yield opened


@pytest.fixture(params=["raw/KZ/KZ.csv", "raw/KZ/*"])
def raw(request: pytest.FixtureRequest, survey: Path) -> Path:
    """The folder of one delivery, which is declared by its name, or by a pattern that fits its notes as well."""
    declare(survey, request.param)
    (survey / "raw" / "KZ").mkdir()
    (survey / "raw" / "KZ.csv").rename(survey / "raw" / "KZ" / "KZ.csv")
    return survey / "raw" / "KZ"


@pytest.fixture
def unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail when a note is opened."""
    monkeypatch.setattr(note_files, "read_blocks", lambda *_, **__: pytest.fail("the note was opened"))


def declare(survey: Path, path: str) -> None:
    told = small_survey.declaration()
    told["sources"][0]["path"] = path  # type: ignore[index]
    (survey / "survey.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")


def night(warehouse: Warehouse, home: Home) -> tuple[list[str], list[KinscaleError]]:
    chosen = declaration.load(small_survey.ID)
    files, errors = pull.pull(pull.look(chosen), chosen, warehouse, home)
    return [file.country for file in files], errors


def hash_of(path: Path) -> str:
    """Return the hash that `sha256sum` of this machine gives."""
    return subprocess.run(["sha256sum", "--", path], capture_output=True, check=True, text=True).stdout.split()[0][-64:]


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.mkdir()


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize("name", NOTES)
@pytest.mark.parametrize("make", [_pipe, _folder, _link_to_itself])
def test_a_note_that_is_no_file_is_refused_unopened(
    raw: Path, warehouse: Warehouse, home: Home, unopened: None, make: Callable[[Path], None], name: str
) -> None:
    make(raw / name)
    come, errors = night(warehouse, home)
    assert (come, [error.code for error in errors]) == (["KG"], ["source_refused"])
    assert (errors[0].where.file, errors[0].retryable) == (name, False)
    assert "is no file" in errors[0].what
    assert "KZ.csv" in str(errors[0].next_step)


@pytest.mark.parametrize("name", NOTES)
def test_a_note_that_is_a_link_out_of_the_folder_is_not_followed(
    raw: Path, warehouse: Warehouse, home: Home, unopened: None, name: str, tmp_path: Path
) -> None:
    outside = tmp_path / "secret"
    outside.write_text("root:x", encoding="utf-8")
    (raw / name).symlink_to(outside)
    come, errors = night(warehouse, home)
    assert (come, [error.code for error in errors]) == (["KG"], ["source_refused"])
    assert "is a link that leads out of its folder" in errors[0].what


def test_a_note_that_is_listed_and_leads_nowhere_is_refused(survey: Path, warehouse: Warehouse, home: Home) -> None:
    declare(survey, "raw/KZ*")
    (survey / "raw" / "KZ.csv.sha256").symlink_to("nowhere")
    come, errors = night(warehouse, home)
    assert (come, [error.code for error in errors]) == (["KG"], ["source_refused"])
    assert "broken link" in errors[0].what


@pytest.mark.parametrize("right", [True, False])
def test_a_note_that_is_a_link_inside_the_declared_folder_is_followed(
    survey: Path, warehouse: Warehouse, home: Home, right: bool
) -> None:
    declare(survey, "raw/*/KZ.csv")
    below = survey / "raw" / "2009"
    below.mkdir()
    (survey / "raw" / "KZ.csv").rename(below / "KZ.csv")
    told = hash_of(below / "KZ.csv") if right else "0" * 64
    (survey / "raw" / "all.txt").write_text(f"{told}  2009/KZ.csv\n", encoding="utf-8")
    (below / "SHA256SUMS").symlink_to("../all.txt")
    come, errors = night(warehouse, home)
    assert (come, [error.code for error in errors]) == ((["KZ", "KG"], []) if right else (["KG"], ["format_damaged"]))


def _bomb() -> str:
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    lines += [f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    return "\n".join([*lines, "sha256: *i", "bytes: 5"])


HARMFUL = {
    "nested": "[" * 5000,
    "nested to the cap": "[" * (64 << 10),
    "nested beside what is right": f"{RIGHT}x: {'[' * 5000}",
    "infinite": f"sha256: {'0' * 64}\nbytes: .inf\n",
    "no number": f"sha256: {'0' * 64}\nbytes: .nan\n",
    "many digits": f"sha256: {'0' * 64}\nbytes: {'9' * 5000}\n",
    "below nothing": f"sha256: {'0' * 64}\nbytes: -5\n",
    "aliases that grow": _bomb(),
    "aliases that are a hash": f"a: &a {'0' * 64}\nsha256: *a\nbytes: 5\n",
    "merged": f"a: &a {{sha256: {'0' * 64}}}\n<<: *a\nbytes: 5\n",
    "a list for a hash": f"sha256: [{'0' * 64}]\nbytes: 5\n",
    "an escape for a hash": 'sha256: "\\e[2J"\nbytes: 5\n',
    "no letter of Unicode": f'"\\UFFFFFFFF": 1\n{RIGHT}',
    "a version of many digits": f"%YAML {'1' * 5000}.1\n---\n{RIGHT}",
    "two documents": f"{RIGHT}---\n{RIGHT}",
}


@pytest.mark.parametrize("loader", ["SafeLoader", "CSafeLoader"])
@pytest.mark.parametrize("text", HARMFUL.values(), ids=list(HARMFUL))
def test_a_note_whose_yaml_harms_is_refused_as_one_that_says_nothing(
    survey: Path, warehouse: Warehouse, home: Home, text: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_notes, "_LOADER", getattr(yaml, loader, yaml.SafeLoader))
    (survey / "raw" / "KZ.csv.source.yaml").write_text(text, encoding="utf-8")
    begun = time.process_time()
    come, errors = night(warehouse, home)
    assert time.process_time() - begun < 5
    assert (come, [error.code for error in errors]) == (["KG"], ["format_damaged"])
    assert str(errors[0]).splitlines()[:2] == [
        "KZ.csv.source.yaml: the delivery note cannot be used.",
        "Expected: the keys `sha256` and `bytes` of KZ.csv.",
    ]


@pytest.mark.parametrize(("name", "most"), [(NOTES[0], "65,536"), (NOTES[1], "65,536"), (NOTES[2], "8,388,608")])
def test_a_note_above_its_cap_is_refused_and_names_the_cap(
    raw: Path, warehouse: Warehouse, home: Home, name: str, most: str
) -> None:
    (raw / name).write_bytes(b"#" * (int(most.replace(",", "")) + 1))
    come, errors = night(warehouse, home)
    assert (come, [error.code for error in errors]) == (["KG"], ["format_damaged"])
    assert f"at most {most} bytes" in str(errors[0])


@pytest.mark.parametrize("right", [True, False])
def test_what_a_note_says_besides_is_not_looked_at(survey: Path, warehouse: Warehouse, home: Home, right: bool) -> None:
    path = survey / "raw" / "KZ.csv"
    shared = {"day": "2009-10-01"}  # PyYAML writes it once, and an alias where it comes again
    other = {"who": [shared, shared], "rows": {"sha256": "x", "bytes": []}, "note": "x" * 60_000}
    told = {**other, "sha256": hash_of(path) if right else "0" * 64, "bytes": path.stat().st_size}
    text = yaml.safe_dump(told)
    assert "*id001" in text
    path.with_name("KZ.csv.source.yaml").write_text(text, encoding="utf-8")
    come, errors = night(warehouse, home)
    assert (come, [error.where.file for error in errors]) == ((["KZ", "KG"], []) if right else (["KG"], ["KZ.csv"]))


def test_a_list_of_a_folder_is_read_once(
    survey: Path, warehouse: Warehouse, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = survey / "raw"
    lines = [f"{hash_of(raw / name)}  ./{name}\n" for name in ("KZ.csv", "KG.csv")]
    (raw / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    declare(survey, "raw/K*.csv")
    told = yaml.safe_load((survey / "survey.yaml").read_text(encoding="utf-8"))
    told["sources"].pop()
    (survey / "survey.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    blocks = Mock(wraps=note_files.read_blocks)
    monkeypatch.setattr(note_files, "read_blocks", blocks)
    come, errors = night(warehouse, home)
    assert (len(come), errors, [Path(call.args[0]).name for call in blocks.mock_calls]) == (2, [], ["SHA256SUMS"])


@pytest.mark.parametrize("line", ["{sum}\n", "{sum}  {name}\n"])
@pytest.mark.parametrize("right", [True, False])
def test_a_note_on_a_file_with_a_hidden_sign_in_its_name_counts(
    survey: Path, warehouse: Warehouse, home: Home, line: str, right: bool
) -> None:
    declare(survey, "raw/KZ*.csv")
    name = "KZ\u200cфайл.csv"
    path = (survey / "raw" / "KZ.csv").rename(survey / "raw" / name)
    told = hashlib.sha256(path.read_bytes()).hexdigest() if right else "0" * 64
    path.with_name(f"{name}.sha256").write_text(line.format(sum=told, name=name), encoding="utf-8")
    come, errors = night(warehouse, home)
    assert (come, [error.code for error in errors]) == ((["KZ", "KG"], []) if right else (["KG"], ["format_damaged"]))


def test_a_name_with_control_signs_is_escaped_once_in_an_error(survey: Path, warehouse: Warehouse, home: Home) -> None:
    declare(survey, "raw/KZ*.csv")
    path = (survey / "raw" / "KZ.csv").rename(survey / "raw" / "KZ\n\x1b[31m.csv")
    path.with_name(f"{path.name}.sha256").write_text("0" * 64, encoding="utf-8")
    _, errors = night(warehouse, home)
    assert [error.where.file for error in errors] == ["KZ\\x0a\\x1b[31m.csv"]


def test_a_name_as_long_as_names_may_be_has_no_note(survey: Path, warehouse: Warehouse, home: Home) -> None:
    name = f"{'K' * 251}.csv"
    declare(survey, f"raw/{name}")
    (survey / "raw" / "KZ.csv").rename(survey / "raw" / name)
    assert night(warehouse, home) == (["KZ", "KG"], [])
