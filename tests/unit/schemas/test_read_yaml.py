"""YAML is read as PyYAML reads it, but for keys that stand twice."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from schemas import declaration_faults
from schemas.read_yaml import DuplicateKey, parse_yaml, read_yaml

ROOT = Path(__file__).parents[3]
FOLDERS = sorted(path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
TWICE = (
    ("a: 1\nb: {c: 1}\na: 2\n", ("a", 3, 1)),
    ("a:\n- b: {c: 1,\n     c: 2}\n", ("c", 3, 2)),
    ('a: 1\n"a": 2\n', ("a", 2, 1)),
    ("1: x\n2: y\n0x1: z\n", ("0x1", 3, 1)),
    ("a: &one {k: 1, k: 2}\nb: {<<: *one}\n", ("k", 1, 1)),
)


@pytest.mark.parametrize(("text", "place"), TWICE)
def test_a_key_that_stands_twice_is_refused_with_its_place(text: str, place: tuple[str, int, int]) -> None:
    with pytest.raises(DuplicateKey) as caught:
        parse_yaml(text, "some.yaml")
    error = caught.value
    assert (error.key, error.line, error.first) == place
    assert str(error).startswith(f'some.yaml, line {place[1]}: the key "{place[0]}" stands twice')
    told = declaration_faults.not_yaml(error, Path("some.yaml"))
    assert told.where.row == place[1]


@pytest.mark.parametrize(
    "text",
    [
        "a: &one {k: 1, m: 2}\nb: {<<: *one, k: 3}\n",
        "a: &one {k: 1, <<: {k: 2, z: 3}}\nb: {k: 5, <<: *one}\nc: {deep: {deep: {<<: *one, k: 6}}}\n",
        "a: {k: 1}\nb: {k: 1}\n",
        '1: a\n"1": b\n',
        "=: a\nb: [=, 2009-01-01, 1.5, null, yes]\n",
        "",
    ],
)
def test_everything_else_is_read_as_before(text: str) -> None:
    try:
        expected = yaml.safe_load(text)
    except yaml.YAMLError:
        with pytest.raises(yaml.YAMLError):
            parse_yaml(text, "some.yaml")
        return
    assert parse_yaml(text, "some.yaml") == expected


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_file_of_the_repository_has_a_key_twice(folder: Path) -> None:
    for path in sorted(folder.rglob("*.y*ml")):
        text = path.read_text(encoding="utf-8")
        for document in text.split("\n---\n"):
            parse_yaml(document, str(path))


def test_the_deployments_have_no_key_twice() -> None:
    assert read_yaml(ROOT / "prefect.yaml")["deployments"]
