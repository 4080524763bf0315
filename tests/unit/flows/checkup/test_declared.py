"""Checks of declarations and waivers: a key that is wrong, and waivers that ended, end soon, or cannot be read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from flows.checkup import declared

TODAY = date(2026, 11, 22)


def test_declarations_that_load(survey: Path) -> None:
    assert declared.surveys().state == "ok"


def test_a_declaration_that_does_not_is_named(survey: Path) -> None:
    path = survey / "survey.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("years: 3", "yeers: 3"), encoding="utf-8")
    found = declared.surveys()
    assert (found.state, "small_survey: rates" in found.seen) == ("fail", True)


def test_no_declaration_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path))
    assert declared.surveys().state == "fail"


def test_no_waivers(survey: Path) -> None:
    assert (declared.waivers(TODAY).state, declared.waivers(TODAY).seen) == ("ok", "none")


@pytest.mark.parametrize(
    ("until", "state", "told"),
    [
        ("2026-11-21", "warn", "ended: small_survey entry 1"),
        ("2026-11-22", "warn", "end soon: small_survey entry 1"),  # the last day counts
        ("2026-12-06", "warn", "end soon: small_survey entry 1"),  # 14 days on
        ("2026-12-07", "ok", "1 hold"),
        ("'2026-12-07'", "ok", "1 hold"),
        ("2026-11-21T12:00:00", "warn", "ended"),
        ("soon", "fail", "cannot be read"),
    ],
)
def test_a_waiver_by_its_last_day(survey: Path, until: str, state: str, told: str) -> None:
    (survey / "waivers.yaml").write_text(f"- {{country: KZ, until: {until}}}\n", encoding="utf-8")
    found = declared.waivers(TODAY)
    assert found.state == state
    assert told in found.seen


@pytest.mark.parametrize("text", ["- {country: KZ}", "a: b", "- [", "- KZ"])
def test_waivers_that_are_none(survey: Path, text: str) -> None:
    (survey / "waivers.yaml").write_text(text, encoding="utf-8")
    assert declared.waivers(TODAY).state == "fail"
