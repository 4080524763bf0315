"""Before a night: is this process one whose results can be trusted? Validation on, clock right, packages as locked."""

from __future__ import annotations

import calendar
import os
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from schemas import settings
from schemas.errors import EnvironmentUnsafe, SettingsError
from warehouse import code_version, encryption
from warehouse import release as folders
from warehouse.home import Home

PACKAGES = ("duckdb", "great-expectations", "numpy", "pandas", "pandera", "prefect", "pyarrow", "scipy")
"""What numbers, checks and the order of a night rest on; named in every manifest."""
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
"""This code, and what its lock names, is of this year: a clock that shows an earlier one has lost the time."""
LEEWAY_SECONDS = 60
"""Two machines that share a data folder may differ by this much."""


def check(home: Home, survey_id: str) -> None:
    """Refuse to begin when results could not be trusted. Raises EnvironmentUnsafe."""
    check_validation(os.environ)
    check_encryption(home)
    check_clock(time.time(), home, survey_id)
    check_packages(code_version.locked())
    check_extras(home, survey_id)


def check_validation(environment: Mapping[str, str]) -> None:
    """Refuse when pandera would not look at values, by environment variable or because a program told it so."""
    off = environment.get("PANDERA_VALIDATION_ENABLED", "True").strip().lower() not in ("true", "1")
    shallow = environment.get("PANDERA_VALIDATION_DEPTH", "SCHEMA_AND_DATA").strip().upper() != "SCHEMA_AND_DATA"
    if "pandera.config" in sys.modules:  # loading it here would cost a night without news half a second
        context = sys.modules["pandera.config"].get_config_context()
        off = off or not context.validation_enabled
        shallow = shallow or getattr(context.validation_depth, "value", "SCHEMA_AND_DATA") != "SCHEMA_AND_DATA"
    if off or shallow:
        raise EnvironmentUnsafe(
            "pandera's validation is switched off by the environment.",
            expected="PANDERA_VALIDATION_ENABLED unset and PANDERA_VALIDATION_DEPTH unset",
            next_step="Unset both variables and run again; nothing was landed.",
        )


def check_encryption(home: Home) -> None:
    """Refuse a data folder that has to be encrypted at rest, by its settings, and is not known to be."""
    if _encryption_required(home):
        for part in (home.root, home.raw, home.warehouse.parent, *_microdata(home)):
            _refuse_plain(part, "Mount the encrypted folder and run again; docs/security.md says how to set one up.")


def _microdata(home: Home) -> list[Path]:
    """Return the folder of interviews outside the build folder, if one is set. Raises EnvironmentUnsafe for a store."""
    try:
        place = settings.load(home.root).microdata
    except SettingsError:  # which the end of the night says; nothing lands there
        return []
    if place and "://" in place:
        raise EnvironmentUnsafe(
            f"{place} is not known to be encrypted at rest.",
            expected="interviews in an encrypted folder, for settings.yaml says `encryption_required: true`",
            next_step="Name an encrypted folder as `microdata`, or none.",
        )
    return [home.root / Path(place).expanduser()] if place else []


def check_scratch(folder: Path, home: Home) -> None:
    """Refuse a scratch folder for deliveries outside encryption, where the data folder has to be encrypted."""
    if _encryption_required(home):
        _refuse_plain(folder, "Set TMPDIR to a folder that is encrypted, and call this again.")


def _encryption_required(home: Home) -> bool:
    """Read the setting; settings that are wrong and name it count as yes, for what is wrong may be that line."""
    try:
        return settings.load(home.root).encryption_required
    except SettingsError:  # which the end of the night says
        place = settings.file(home.root)
        return place.exists() and b"encryption_required" in place.read_bytes()


def _refuse_plain(folder: Path, how: str) -> None:
    found = encryption.of(folder)
    if found.state != "encrypted":
        raise EnvironmentUnsafe(
            f"{folder} is not known to be encrypted at rest: {found.seen}.",
            expected="an encrypted folder, for settings.yaml says `encryption_required: true`; nothing was written",
            next_step=how,
        )


def check_clock(now: float, home: Home, survey_id: str) -> None:
    """Refuse when the clock is behind what has already happened, or counts leap seconds.

    now: seconds since 1970. A release dated before the one it follows could not be told apart from it in time.
    """
    shown = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M:%S} UTC"
    shift = calendar.timegm(time.gmtime(now)) - int(now)
    if shift:
        raise EnvironmentUnsafe(
            f"the time zone data shift UTC by {shift} seconds (TZ is {os.environ.get('TZ', 'not set')}).",
            expected="a time zone without leap seconds",
            next_step="Unset TZ, or choose a zone whose name does not begin with right/, and run again.",
        )
    known = {"this code was written": WRITTEN.timestamp()}
    releases = folders.standing(folders.published(home, survey_id))
    if releases:
        newest = releases[-1]
        known[f"release {newest.release_id} was made"] = _seconds(newest.manifest["created_at"])
    for what, moment in known.items():
        if now < moment - LEEWAY_SECONDS:
            raise EnvironmentUnsafe(
                f"the clock says {shown}, before {what} ({datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC).",
                expected="the present time",
                next_step="Set the clock of this machine (timedatectl shows it) and run again. If the clock was ahead "
                "when that release was made, withdraw it: ./kinscale withdraw",
            )


def check_packages(locked: Mapping[str, frozenset[str]]) -> None:
    """Refuse when a package that results rest on is not the locked one. locked: package to its pinned versions."""
    wrong = _not_as_locked(PACKAGES, locked)
    if wrong:
        raise EnvironmentUnsafe(
            "; ".join(wrong) + ".",
            file=str(code_version.LOCK),
            expected="the versions that the lock names, with which the numbers were tested",
            next_step="Run through ./kinscale, which installs them, or install requirements.lock here.",
        )


def check_extras(home: Home, survey_id: str) -> None:
    """Refuse when the settings ask for Spark, and it is not here as its lock says. Raises EnvironmentUnsafe.

    Settings that do not load are not this check's: who works by them says so. Dask is looked at when it is begun, for
    a run without Prefect does without it.
    """
    try:
        found = settings.load(home.root)
    except SettingsError:
        return
    if "spark" in asked_for(found, [survey_id]):
        check_extra("spark")


def check_extra(extra: str) -> None:
    """Refuse when an extra that the settings ask for is not here as its lock says. Raises EnvironmentUnsafe."""
    lock = code_version.lock_of(extra)
    wrong = _not_as_locked(code_version.EXTRAS[extra], code_version.locked(lock))
    if wrong:
        raise EnvironmentUnsafe(
            "; ".join(wrong) + ".",
            file=str(lock),
            expected=f"the versions that the lock names, since {settings.NAME} asks for {extra}",
            next_step=f"./kinscale install {extra}",
        )


def asked_for(found: settings.Settings, surveys: Iterable[str]) -> set[str]:
    """Name the extras that these surveys need by the settings."""
    spark = {"spark"} if any(found.engine_of(survey) == "spark" for survey in surveys) else set[str]()
    return spark | ({"dask"} if found.runner == "dask" else set())


def _not_as_locked(names: Iterable[str], locked: Mapping[str, frozenset[str]]) -> list[str]:
    wrong = []
    for name in names:
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "not installed"
        if installed not in locked.get(name, frozenset()):
            pinned = " or ".join(sorted(locked.get(name, ()))) or "not pinned"
            wrong.append(f"{name} is {installed}, locked is {pinned}")
    return wrong


def _seconds(stamp: str) -> float:
    return datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
