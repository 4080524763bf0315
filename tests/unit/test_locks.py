"""The locks: hashes for every package, no address, extras that only add, and an environment of what they name alone."""

from __future__ import annotations

import re
import runpy
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest

from warehouse import code_version
from warehouse.home import CHECKOUT

LOCKS = sorted(CHECKOUT.glob("requirements*.lock"))
SEEDS = {"pip", "setuptools"}
"""What python3 -m venv puts into an environment itself."""
A, B = "1" * 64, "2" * 64


@pytest.fixture(scope="module")
def making() -> dict[str, Any]:
    """The functions that make the locks of the extras."""
    return runpy.run_path(str(CHECKOUT / "deploy" / "lock_extras.py"), run_name="lock_extras")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_has_a_pin_and_hashes_and_no_address(lock: Path, making: dict[str, Any]) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = making["entries"](text)
    assert "".join(entries) == text
    assert entries
    assert "://" not in text
    for entry in entries:
        first, *hashes = entry.splitlines()
        assert re.match(r"[a-z0-9._-]+==\S+( ; .+)? \\$", first)
        assert hashes
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in hashes)


@pytest.mark.parametrize("extra", code_version.EXTRAS)
def test_an_extra_holds_only_what_comes_on_top(extra: str, making: dict[str, Any]) -> None:
    text = code_version.lock_of(extra).read_text(encoding="utf-8")
    assert making["on_top"](text, code_version.LOCK.read_text(encoding="utf-8")) == text


@pytest.mark.parametrize("extra", code_version.EXTRAS)
def test_an_extra_pins_what_it_is_declared_to_need(extra: str) -> None:
    content = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = content["project"]["optional-dependencies"][extra]
    pinned = code_version.locked(code_version.lock_of(extra))
    assert {re.match(r"[a-z-]+", line)[0] for line in declared} <= pinned.keys()  # type: ignore[index]
    assert set(code_version.EXTRAS[extra]) <= pinned.keys()


def test_the_extras_fit_with_the_default_and_with_each_other() -> None:
    locks = [code_version.locked(lock) for lock in (code_version.LOCK, *map(code_version.lock_of, code_version.EXTRAS))]
    for number, one in enumerate(locks):
        for other in locks[number + 1 :]:
            assert {
                name: (one[name], other[name]) for name in one.keys() & other.keys() if one[name] != other[name]
            } == {}


def test_what_the_default_has_everywhere_is_left_out(making: dict[str, Any]) -> None:
    base = f"both==1 \\\n    --hash=sha256:{A}\nold==1 ; python_full_version < '3.12' \\\n    --hash=sha256:{A}\n"
    both, old, new = (f"{first} \\\n    --hash=sha256:{B}\n" for first in ("both==1", "old==1", "new==2"))
    assert making["on_top"](both + new, base) == new
    assert making["on_top"](old + new, base) == old + new, "the default has it on Python 3.11 alone"
    narrower = f"old==1 ; python_full_version < '3.12' and sys_platform == 'win32' \\\n    --hash=sha256:{B}\n"
    assert making["on_top"](narrower + new, base) == new


def test_this_environment_holds_what_the_locks_name_and_nothing_else() -> None:
    """The default install has not one package of an extra."""
    venv = Path(sys.prefix)
    if not (venv / ".kinscale-lock").exists():
        pytest.skip("the launcher did not make this environment")
    chosen = venv.with_name(".venv.extras")
    extras = chosen.read_text(encoding="utf-8").split() if chosen.exists() else []
    named = code_version.locked().keys() | code_version.locked(CHECKOUT / "requirements-bootstrap.lock").keys()
    for extra in [*extras, *(["build"] if extras else [])]:  # pip leaves there what built the wheel of pyspark
        named |= code_version.locked(code_version.lock_of(extra)).keys()
    there = {
        re.sub(r"[-_.]+", "-", str(found.metadata["Name"])).lower()
        for found in distributions(path=[str(path) for path in venv.glob("lib/python*/site-packages")])
    }
    assert there - named - SEEDS == set()


def test_no_extra_decides_what_a_release_depends_on() -> None:
    assert not [part for part in code_version.RESULTS if part.startswith("requirements-")]
    assert "requirements.lock" in code_version.RESULTS
