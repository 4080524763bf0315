"""Checks of the settings: wrong ones, secrets that are not set, and a trial that arrives or does not."""

from __future__ import annotations

import socket

import pytest

from flows.checkup import channels
from flows.notices import deliver
from tests import receivers
from warehouse.home import Home


def write(home: Home, text: str) -> None:
    home.root.mkdir(exist_ok=True)
    (home.root / "settings.yaml").write_text(text, encoding="utf-8")


def states(home: Home) -> list[str]:
    return [finding.state for finding in channels.loaded(home)]


def test_no_settings_are_no_fault(home: Home) -> None:
    assert states(home) == ["ok", "ok"]


def test_settings_that_do_not_load_are_named(home: Home) -> None:
    write(home, "notify: [{kind: pigeon}]")
    (found,) = channels.loaded(home)
    assert (found.state, "notify.0" in found.seen) == ("fail", True)


def test_a_secret_that_is_not_set_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, "notify: [{kind: webhook, url: 'https://hooks.example.org', secret_env: HOOK_KEY}]")
    monkeypatch.delenv("HOOK_KEY", raising=False)
    found = channels.loaded(home)[1]
    assert (found.state, "HOOK_KEY" in found.seen) == ("fail", True)
    monkeypatch.setenv("HOOK_KEY", "sesame")
    found = channels.loaded(home)[1]
    assert (found.state, "sesame" in found.seen) == ("ok", False)


@pytest.mark.parametrize(
    ("url", "state"), [("http://hooks.example.org", "warn"), ("http://127.0.0.1:1", "ok"), ("https://a.example", "ok")]
)
def test_a_webhook_without_encryption_is_warned_of(home: Home, url: str, state: str) -> None:
    write(home, f"notify: [{{kind: webhook, url: '{url}'}}]")
    assert channels.loaded(home)[1].state == state


def test_a_trial_is_sent_to_every_channel(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "PAUSE_SECONDS", (0.01, 0.01))
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = free.getsockname()[1]
    with receivers.web() as web:
        write(
            home,
            f"notify: [{{kind: webhook, url: '{web.address}'}}, {{kind: webhook, url: 'http://127.0.0.1:{nobody}'}}]",
        )
        findings = channels.tried(home)
    assert [finding.state for finding in findings] == ["ok", "fail"]
    assert web.sent[0].content["outcome"] == "trial"


def test_a_trial_without_channels_or_settings_is_skipped(home: Home) -> None:
    assert [finding.state for finding in channels.tried(home)] == ["skipped"]
    write(home, "x: 1")
    assert [finding.state for finding in channels.tried(home)] == ["skipped"]
