"""A module whose loading waits: nothing is loaded until something of it is used, and then it is the real one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from warehouse.deferred import deferred


@pytest.fixture
def heavy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "heavy_invented.py").write_text("import sys\nsys.loaded_heavy = True\nANSWER = 42\n", encoding="utf-8")
    (tmp_path / "light_invented.py").write_text(
        "import heavy_invented as h\n\ndef ask():\n    return h.ANSWER\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("heavy_invented", "light_invented"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delattr(sys, "loaded_heavy", raising=False)
    return "heavy_invented"


def test_a_module_is_loaded_when_it_is_used(heavy: str) -> None:
    with deferred(heavy):
        import light_invented  # type: ignore[import-not-found]

        assert not hasattr(sys, "loaded_heavy")
    assert heavy not in sys.modules
    assert light_invented.ask() == 42
    assert hasattr(sys, "loaded_heavy")
    import heavy_invented  # type: ignore[import-not-found]

    assert heavy_invented.ANSWER == 42
    with pytest.raises(AttributeError):
        _ = light_invented.h.QUESTION


def test_a_module_that_is_loaded_stays_as_it_is(heavy: str) -> None:
    import heavy_invented

    with deferred(heavy):
        assert sys.modules[heavy] is heavy_invented
    assert sys.modules[heavy] is heavy_invented


def test_whoever_imports_it_within_the_block_can_use_it_at_once(heavy: str) -> None:
    with deferred(heavy):
        from heavy_invented import ANSWER

    assert ANSWER == 42
    assert sys.modules[heavy].ANSWER == 42
