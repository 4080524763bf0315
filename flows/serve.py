"""The command `serve`: a Prefect server, its worker and the deployments of `prefect.yaml`, for as long as it runs."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.options import HomeOption
from warehouse.home import CHECKOUT, Home

if TYPE_CHECKING:
    from flows.service import Service

SETTINGS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",  # a run that loses this server must not start one of its own
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",  # finished runs go after 90 days
    # In memory, its default, a restart of the server would end the lease of a run, and after minutes the run itself.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "kinscale",
    "PREFECT_CLI_PROMPT": "false",
    "DO_NOT_TRACK": "1",
}


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command(epilog="Example: ./kinscale serve --home /srv/kinscale --port 4200")(serve)


def serve(
    host: Annotated[
        str, typer.Option("--host", help="Where to listen; beyond loopback a password is needed.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 4200,
    home: HomeOption = None,
) -> None:
    """Run a Prefect server, a worker and the deployments of prefect.yaml, until Ctrl-C or SIGTERM."""
    from flows import listening
    from flows.prefect_api import Api
    from flows.service import Service
    from warehouse import private

    folder = Home.find(home)
    listening.check_safe(host, os.environ)
    os.umask(private.OWNER_ONLY)  # records, logs and every flow run below inherit it
    address = f"http://{listening.client_host(host)}:{port}/api"
    settings = environment(folder, address)
    prefect_home = Path(settings["PREFECT_HOME"])
    with listening.once(folder.prefect, address):
        listening.check_free(host, port)
        api = Api(address, settings.get("PREFECT_API_AUTH_STRING"))
        code = run(Service(host, port, api, folder.prefect, settings), folder, database(settings, prefect_home))
    raise typer.Exit(code)


def environment(folder: Home, address: str, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what server, worker and flow runs are told: the data folder, the server, settings that were left open."""
    from warehouse import code_version

    password = given.get("PREFECT_SERVER_API_AUTH_STRING")
    own = {
        "KINSCALE_HOME": str(folder.root),
        "KINSCALE_CHECKOUT": str(CHECKOUT),
        "KINSCALE_VERSION": code_version.commit() or code_version.fingerprint(code_version.RESULTS)[:12],
        "PYTHONPATH": os.pathsep.join(filter(None, [str(CHECKOUT), given.get("PYTHONPATH")])),
        "PREFECT_API_URL": address,
    }
    if password:
        own["PREFECT_API_AUTH_STRING"] = password
    if given.get("KINSCALE_SURVEYS"):
        own["KINSCALE_SURVEYS"] = str(Path(given["KINSCALE_SURVEYS"]).expanduser().resolve())
    open_settings = {**SETTINGS, "PREFECT_HOME": str(folder.prefect)}
    return {**open_settings, **given, **own}


def database(settings: Mapping[str, str], prefect_home: Path) -> str:
    """Say where the server keeps its records, without a password."""
    from urllib.parse import urlsplit

    url = settings.get("PREFECT_SERVER_DATABASE_CONNECTION_URL") or settings.get("PREFECT_API_DATABASE_CONNECTION_URL")
    if not url:
        return str(prefect_home / "prefect.db")
    parts = urlsplit(url)
    return f"{parts.scheme.partition('+')[0]} at {parts.hostname or 'a socket'}, {parts.path.lstrip('/')}"


def run(service: Service, folder: Home, records: str) -> int:
    """Start, tell, keep, stop; return 0 after a signal. Raises ServerFailed when everything is stopped."""
    from flows.service import Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _, frame: ask_to_stop(service, frame))
    try:
        service.start(say)
        show(service, folder, records)
        service.keep(say)
    except Stopped:
        say("stopped before it was ready")
    finally:
        service.stop(say)
        say("stopped")
    return 0


def ask_to_stop(service: Service, _: FrameType | None) -> None:
    """Stop in order at the first signal, at once at the second."""
    if service.stopping.is_set():
        service.in_a_hurry.set()
    service.stopping.set()


def show(service: Service, folder: Home, records: str) -> None:
    """Print what runs where, and when each deployment runs next."""
    from flows.deployments import POOL, QUEUES, declared

    page = service.api.address.removesuffix("/api")
    print(f"Server       {page}    (pages for a browser; the API is {service.api.address})")
    print(f"Records      {records}")
    print(f"Data folder  {folder.root}")
    print(f"Worker       {service.worker_name}, pool {POOL}, queues {', '.join(QUEUES)}")
    print(f"Logs         {service.server.log}, {service.worker.log.name}")
    coming = next_times(service)
    for deployment in declared():
        print(f"Deployment   {deployment.full_name:<26} {coming.get(deployment.name, 'when it is called')}")
    print("Ready. Ctrl-C or SIGTERM stops it.", flush=True)


def next_times(service: Service) -> dict[str, str]:
    """Say of each deployment when it runs next by its schedules, or that they are paused."""
    from datetime import UTC, datetime

    told = {}
    for row in service.api.every("deployments/filter"):
        schedules: list[dict[str, Any]] = row["schedules"]
        crons = ", ".join(f"{s['schedule'].get('cron', 'other')} {s['schedule'].get('timezone')}" for s in schedules)
        if schedules and (row["paused"] or not any(s["active"] for s in schedules)):
            told[row["name"]] = f"paused ({crons})"
        elif schedules:
            service.api.post(
                f"deployments/{row['id']}/schedule", max_runs=1
            )  # the server's own round takes some seconds
            where = {
                "deployment_id": {"any_": [row["id"]]},
                "expected_start_time": {"after_": datetime.now(UTC).isoformat()},
            }
            runs = service.api.post("flow_runs/filter", flow_runs=where, sort="EXPECTED_START_TIME_ASC", limit=1)
            when = f", next {runs[0]['expected_start_time'][:16].replace('T', ' ')} UTC" if runs else ""
            told[row["name"]] = f"{crons}{when}"
    return told


def say(sentence: str) -> None:
    """Tell what happens, on standard error, with the time: the journal of a service manager keeps it."""
    from datetime import UTC, datetime

    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC  {sentence}", file=sys.stderr, flush=True)
