"""The settings: do they load, are the secrets they name set, and, when asked, does a notice arrive."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from flows.checkup.finding import Finding, listed
from schemas import settings
from schemas.errors import SettingsError
from schemas.settings import Webhook
from warehouse.home import Home

ADVICE = "Compare host, port, security and address with who runs the other side."


def loaded(home: Home) -> list[Finding]:
    """Read the settings and look for the variables that they name."""
    try:
        found = settings.load(home.root)
    except SettingsError as error:
        how = error.next_step or ""
        return [Finding("settings", "fail", str(error).splitlines()[0], f"Until then nobody is told of a night. {how}")]
    file = settings.file(home.root)
    seen = str(file) if file.exists() else f"none ({file} is not there): the defaults"
    return [Finding("settings", "ok", seen), _channels(found)]


def _channels(found: settings.Settings) -> Finding:
    if not found.notify:
        return Finding(
            "notices", "ok", "nobody is told how a night ended; docs/operations.md, section Notices, says how"
        )
    unset = [
        f"{name} of {c.name}" for c in found.notify for name in c.variables if not os.environ.get(name, "").strip()
    ]
    if unset:
        how = "Set them where nights run (the worker's environment, or the unit), and here to try them."
        return Finding("notices", "fail", f"not set: {listed(unset)}", how)
    seen = listed([f"{channel.name} when {', '.join(channel.when)}" for channel in found.notify])
    open_ = [c.name for c in found.notify if isinstance(c, Webhook) and _openly(c)]
    if open_:
        return Finding("notices", "warn", f"{seen}; without encryption: {listed(open_)}", "Use an https:// address.")
    return Finding("notices", "ok", f"{seen} (not tried; --notify-test sends a line)")


def _openly(channel: Webhook) -> bool:
    parts = urlsplit(channel.url or os.environ.get(channel.url_env or "", ""))
    return parts.scheme == "http" and not settings.is_loopback(parts.hostname or "")


def tried(home: Home) -> list[Finding]:
    """Send a trial to every channel, and say what became of it."""
    from flows.notices import deliver
    from flows.notices.compose import trial

    try:
        channels = settings.load(home.root).notify
    except SettingsError:
        return [Finding("trial notice", "skipped", "the settings do not load", "See settings.")]
    if not channels:
        return [Finding("trial notice", "skipped", "no channel is declared", "docs/operations.md, section Notices.")]
    return [
        Finding("trial notice", "ok", f"{delivery.channel}: taken")
        if delivery.sent
        else Finding("trial notice", "fail", f"{delivery.channel}: {delivery.why}", ADVICE)
        for delivery in deliver.deliver(trial(), channels)
    ]
