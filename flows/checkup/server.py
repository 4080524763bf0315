"""The Prefect server by plain HTTP: does it answer, is somebody there to run what is scheduled, did it run."""

from __future__ import annotations

import base64
import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flows.checkup.finding import Finding, listed
from flows.http_opener import opener
from schemas.read_yaml import read_yaml
from warehouse.home import CHECKOUT

DEFAULT = "http://127.0.0.1:4200/api"
POOL = "kinscale"
SECONDS = 5.0
APART_SECONDS = 60
LATE = timedelta(minutes=5)
SILENT = timedelta(minutes=10)
"""Flow runs give a sign of life every half minute; a run that gave none for so long is probably dead."""
NAMES = ("server version", "work pool", "queues", "deployments", "schedules", "runs")
SCHEDULE = "./kinscale serve    (docs/operations.md, section Serving)"


@dataclass(frozen=True)
class Server:
    """Where a server answers."""

    address: str

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Get, or post a filter. Raises OSError, HTTPException or ValueError when there is no such answer."""
        return self.answer(path, body)[0]

    def answer(self, path: str, body: Mapping[str, Any] | None = None) -> tuple[Any, str]:
        """Return what a server answers, and the time at which it says it did."""
        headers = {"Content-Type": "application/json"}
        if login := os.environ.get("PREFECT_API_AUTH_STRING") or os.environ.get("PREFECT_SERVER_API_AUTH_STRING"):
            headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/{path}", content, headers)
        with opener(self.address).open(request, timeout=SECONDS) as found:
            return json.loads(found.read()), found.headers.get("Date", "")


def check(declared: Path = CHECKOUT / "prefect.yaml", now: datetime | None = None) -> list[Finding]:
    """Look at the server that `PREFECT_API_URL` names, else at this machine's. now: UTC."""
    named = os.environ.get("PREFECT_API_URL")
    server = Server((named or DEFAULT).rstrip("/"))
    first = answers(server, bool(named), now or datetime.now(UTC))
    if first.state not in ("ok", "warn"):
        return [first, *(Finding(name, "skipped", "the server was not asked", first.advice) for name in NAMES)]
    wanted = read_yaml(declared)["deployments"]
    findings = [first]
    for names, look in (
        (NAMES[:1], lambda: [_version(server)]),
        (NAMES[1:3], lambda: _pool(server, now or datetime.now(UTC))),
        (NAMES[3:], lambda: _deployments(server, wanted, now or datetime.now(UTC))),
    ):
        try:
            findings += look()
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
            seen = f"the server's answer cannot be used ({type(error).__name__}: {error})"
            findings += [
                Finding(name, "fail", seen, "Hold its version against the lock; see its log.") for name in names
            ]
    return findings


def answers(server: Server, named: bool, now: datetime) -> Finding:
    """Does it answer, and does its clock agree with ours. named: the environment asks for this server."""
    start = f"Without one ./kinscale run starts its own. For a schedule: {SCHEDULE}"
    try:
        healthy, told = server.answer("health")
    except urllib.error.HTTPError as error:
        how = "Set PREFECT_API_AUTH_STRING to user:password." if error.code == 401 else "See the server's log."
        error.close()
        return Finding("server", "fail", f"{server.address} answers {error.code}", how)
    except (OSError, http.client.HTTPException, ValueError) as error:
        seen = f"nobody answers at {server.address} ({getattr(error, 'reason', error) or type(error).__name__})"
        if named:
            return Finding("server", "fail", seen, "PREFECT_API_URL names it: start it, or unset the variable.")
        return Finding("server", "skipped", seen, start)
    if healthy is not True:
        return Finding("server", "fail", f"{server.address} does not say that it is well", "See the server's log.")
    apart = abs((parsedate_to_datetime(told) - now).total_seconds()) if told else 0.0
    if apart > APART_SECONDS:
        how = "Set both clocks (timedatectl): schedules follow the server's."
        return Finding("server", "warn", f"{server.address}; its clock is {apart:,.0f} seconds from ours", how)
    return Finding("server", "ok", server.address)


def _version(server: Server) -> Finding:
    theirs, ours = str(server.ask("admin/version")), version("prefect")
    if theirs != ours:
        how = "Start the server from this checkout's environment, so that both are the locked version."
        return Finding("server version", "fail", f"the server is {theirs}, this is {ours}", how)
    return Finding("server version", "ok", ours)


def _pool(server: Server, now: datetime) -> list[Finding]:
    try:
        pool = server.ask(f"work_pools/{POOL}")
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != 404:
            raise
        missing = f'there is no work pool "{POOL}", so nothing runs by schedule'
        return [Finding("work pool", "warn", missing, SCHEDULE), Finding("queues", "skipped", "there is no work pool")]
    workers = server.ask(f"work_pools/{POOL}/workers/filter", {})
    queues = server.ask(f"work_pools/{POOL}/queues/filter", {})
    paused = [queue["name"] for queue in queues if queue["is_paused"]]
    how = f"prefect work-queue resume NAME --pool {POOL}"
    state = (
        Finding("queues", "warn", f"paused: {listed(paused)}", how)
        if paused
        else Finding("queues", "ok", listed([queue["name"] for queue in queues]))
    )
    return [_workers(pool, workers, now), state]


def _workers(pool: Mapping[str, Any], workers: Sequence[Mapping[str, Any]], now: datetime) -> Finding:
    if pool["is_paused"]:
        return Finding("work pool", "fail", f'"{POOL}" is paused', f"prefect work-pool resume {POOL}")
    alive, last = [], ""
    for worker in workers:
        beat, every = worker.get("last_heartbeat_time"), worker.get("heartbeat_interval_seconds") or 30
        last = max(last, beat or "")
        if beat and now - _time(beat) <= timedelta(seconds=3 * every):
            alive.append(worker["name"])
    if not alive:
        seen = f'no worker takes runs of "{POOL}"' + (f"; the last was seen at {last[:19]} UTC" if last else "")
        return Finding("work pool", "fail", seen, f"Start one: prefect worker start --pool {POOL}    {SCHEDULE}")
    return Finding("work pool", "ok", f"{len(alive)} worker{'s' if len(alive) > 1 else ''} online")


def _deployments(server: Server, wanted: Sequence[Mapping[str, Any]], now: datetime) -> list[Finding]:
    names = [str(one["name"]) for one in wanted]
    found = server.ask("deployments/filter", {"deployments": {"name": {"any_": names}}})
    missing = sorted(set(names) - {one["name"] for one in found})
    wrong = [f"{name} is not deployed" for name in missing]
    for one in found:
        wrong += _wrong(one)
    how = "From the checkout: prefect deploy --all"
    state = Finding("deployments", "fail", listed(wrong), how) if wrong else Finding("deployments", "ok", listed(names))
    if len(missing) == len(names):
        state = Finding("deployments", "warn", "none of prefect.yaml is deployed", f"{how}    {SCHEDULE}")
    return [state, _schedules(wanted, found), _runs(server, found, now)]


def _wrong(deployment: Mapping[str, Any]) -> list[str]:
    """Name parameters that the flow does not take, and a checkout that has moved."""
    known = (deployment.get("parameter_openapi_schema") or {}).get("properties", {})
    wrong = [f"{deployment['name']} has the parameter {name}" for name in deployment["parameters"] if name not in known]
    for step in deployment.get("pull_steps") or []:
        folder = (step.get("prefect.deployments.steps.set_working_directory") or {}).get("directory")
        if folder and not Path(folder).is_dir():
            wrong.append(f"{deployment['name']} runs in {folder}, which is not there")
    return wrong


def _schedules(wanted: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> Finding:
    if not found:
        return Finding("schedules", "skipped", "nothing is deployed", SCHEDULE)
    wrong, there = [], {one["name"]: one for one in found}
    for one in wanted:
        if one["name"] not in there:
            continue
        have = [s for s in there[one["name"]]["schedules"] if s["active"]]
        crons = [(s["schedule"].get("cron"), s["schedule"].get("timezone")) for s in have]
        declared = [(s.get("cron"), s.get("timezone")) for s in one.get("schedules") or [] if s.get("active", True)]
        wrong += [f"{one['name']}: {cron} {zone} is not active" for cron, zone in declared if (cron, zone) not in crons]
        wrong += [f"{one['name']}: {c} {z} is not declared" for c, z in dict.fromkeys(crons) if (c, z) not in declared]
        wrong += [f"{one['name']}: {c} {z} is there twice" for c, z in dict.fromkeys(crons) if crons.count((c, z)) > 1]
        wrong += [f"{one['name']} is paused"] if there[one["name"]]["paused"] else []
    if wrong:
        how = "From the checkout: prefect deploy --all; schedules too many: prefect deployment schedule ls / delete."
        return Finding("schedules", "warn", listed(wrong), how)
    return Finding("schedules", "ok", "active as prefect.yaml declares them")


def _runs(server: Server, deployed: Sequence[Mapping[str, Any]], now: datetime) -> Finding:
    """Which runs are late, which give no sign of life, and how the last one that was due ended."""
    if not deployed:
        return Finding("runs", "skipped", "nothing is deployed", SCHEDULE)
    due = {"expected_start_time": {"before_": now.isoformat()}}
    body = {"deployments": {"id": {"any_": [d["id"] for d in deployed]}}, "flow_runs": due, "limit": 50}
    runs = server.ask("flow_runs/filter", {**body, "sort": "EXPECTED_START_TIME_DESC"})
    late = [r for r in runs if r["state_type"] == "SCHEDULED" and now - _time(r["expected_start_time"]) > LATE]
    if late:
        seen = f"{len(late)} late, the first since {min(r['expected_start_time'] for r in late)[:16]} UTC"
        return Finding("runs", "fail", seen, f"Nobody takes them; start a worker: prefect worker start --pool {POOL}")
    dead = [r["name"] for r in runs if r["state_type"] == "RUNNING" and _silent(server, r, now)]
    if dead:
        how = "If its process is gone: prefect flow-run cancel ID; its place is free then."
        return Finding("runs", "warn", f"no sign of life for {SILENT.seconds // 60} minutes from {listed(dead)}", how)
    ended = [r for r in runs if r["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")]
    if not ended:
        return Finding("runs", "ok", "none was due yet")
    seen = (
        f"the last one due, {ended[0]['name']} at {ended[0]['expected_start_time'][:16]} UTC: {ended[0]['state_name']}"
    )
    if ended[0]["state_type"] == "COMPLETED":
        return Finding("runs", "ok", seen)
    return Finding("runs", "warn", seen, "Its log says why: prefect flow-run logs ID, or the server's page.")


def _silent(server: Server, run: Mapping[str, Any], now: datetime) -> bool:
    if now - _time(run["start_time"]) <= SILENT:
        return False
    since = {"since": (now - SILENT).isoformat(), "until": (now + LATE).isoformat()}
    resource, event = {"id": [f"prefect.flow-run.{run['id']}"]}, {"name": ["prefect.flow-run.heartbeat"]}
    asked = {"filter": {"occurred": since, "resource": resource, "event": event}, "limit": 1}
    return not server.ask("events/filter", asked)["events"]


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
