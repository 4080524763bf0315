"""A night under Prefect from the command line: a running server when there is one, else Prefect's embedded one."""

from __future__ import annotations

import contextlib
import http.client
import logging
import os
import signal
import threading
from pathlib import Path

from flows.night import NightIncomplete, Outcome
from flows.terminal import Progress
from schemas.errors import KinscaleError
from schemas.reason import Reason
from warehouse.home import Home

DEFAULT_SERVER = ("127.0.0.1", 4200)
SETTINGS = {
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",  # the first start makes its database; the default is 20
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",  # kinscale prints its own errors; the server keeps every state and log line
    "PREFECT_LOGGING_EXTRA_LOGGERS": "kinscale",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",  # the thread that loads libraries ahead is in no flow
    "PREFECT_CLI_PROMPT": "false",
    "DO_NOT_TRACK": "1",
}


def server_answers(host: str, port: int) -> bool:
    """Ask whether a Prefect server listens at the default address of this machine."""
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().read().strip() == b"true"
    except (OSError, http.client.HTTPException):
        return False  # nobody listens there, or something else does: the embedded server will be started
    finally:
        connection.close()


def prepare() -> str:
    """Set what the environment leaves open, and say which server will be used. Call before Prefect is imported."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if not os.environ.get("PREFECT_API_URL"):
        os.environ.pop("PREFECT_API_URL", None)  # an empty address makes Prefect 3.8 lose its events
        if server_answers(*DEFAULT_SERVER):
            os.environ["PREFECT_API_URL"] = "http://{}:{}/api".format(*DEFAULT_SERVER)
    address = os.environ.get("PREFECT_API_URL")
    if address:
        return f"connecting to the Prefect server at {address}"
    return "starting Prefect's embedded server (about 15 s; the first time ever up to a minute)"


def run(survey_id: str, home: str, reason: Reason | None = None) -> Outcome:
    """Run the nightly flow for one survey and return how it ended.

    A server that runs records every night. Prefect's embedded one is not started for a night without news.
    """
    waiting = prepare()
    signal.signal(signal.SIGTERM, _end)
    say = logging.getLogger("kinscale").info
    with Progress():
        news = not os.environ.get("PREFECT_API_URL")
        if news:
            say(f"{survey_id}: looking for news")
            with contextlib.suppress(KinscaleError):  # the night meets the same error, and says it
                if quiet := _at_rest(survey_id, home, reason):
                    return quiet
        say(waiting)
        return _run_flow(survey_id, home, reason, news)


def _run_flow(survey_id: str, home: str, reason: Reason | None, news: bool) -> Outcome:
    prefect_is_loaded = threading.Event()
    about = (survey_id, home, reason, prefect_is_loaded, news)
    warm = threading.Thread(target=_import_steps, args=about, daemon=True)
    warm.start()  # while the server starts, the heavy libraries of the steps load
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from flows.nightly import nightly

    prefect_is_loaded.set()
    # The heartbeat serves a server's zombie hunt; joining its thread costs a second of every local run.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        try:
            text, code = (reason.text, reason.code) if reason else (None, None)
            return nightly(survey=survey_id, home=home, reason=text, reason_code=code)[0]
        except NightIncomplete as incomplete:
            return incomplete.outcomes[0]


def _at_rest(survey_id: str, home: str, reason: Reason | None) -> Outcome | None:
    from flows.night import at_rest
    from schemas import declaration

    return at_rest(declaration.load(survey_id), Home(Path(home)), reason)


def _end(number: int, _: object) -> None:
    """Leave in an orderly way, so that Prefect ends its embedded server as well."""
    raise SystemExit(128 + number)


def _import_steps(
    survey_id: str, home: str, reason: Reason | None, prefect_is_loaded: threading.Event, news: bool = False
) -> None:
    """Load what the steps need, if there is something to do; the heaviest only when Prefect need not wait for it.

    news: whether that is known already, so that the sources need not be listed again.
    """
    from flows import direct
    from warehouse import checkpoint

    try:
        if not news and _at_rest(survey_id, home, reason):
            return
    except KinscaleError:
        return  # the night meets the same error, and says it
    direct.steps()
    prefect_is_loaded.wait()
    checkpoint.prepare()
