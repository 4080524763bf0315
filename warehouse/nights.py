"""The folder `nights/`: what each night came to, for people to read. A log with an end, never the record."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warehouse import private
from warehouse.home import Home

KEPT = 400
"""Nights that are kept: a year of them, and some that were run by hand."""
LINES_KEPT = 2000
"""Lines of the log of notices that are kept."""
BUILDING = ".building-"
ABANDONED_SECONDS = 3600
"""Writing a few small files takes no hour; what is younger may be another survey's night that ends now."""


def folder(home: Home) -> Path:
    """Make the folder, for its owner only: names of files and counts of rows need not be seen by everybody."""
    private.make(home)
    home.nights.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home.nights


def progress(home: Home, survey_id: str) -> Path:
    """Where a night of a survey writes how far it is; it stays there when the night is killed."""
    return home.nights / f"{survey_id}.progress.log"


def keep(home: Home, run_id: str, files: Mapping[str, str], survey_id: str) -> Path:
    """Write the files of one night, with its progress, aside; name the folder when all are whole. Drop old nights."""
    target = folder(home) / run_id
    building = home.nights / f"{BUILDING}{run_id}"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(mode=0o700)
    for name, text in files.items():
        (building / name).write_text(text, encoding="utf-8")
    told = progress(home, survey_id)
    if told.exists():
        told.replace(building / "progress.log")
    building.rename(target)
    _drop_old(home)
    return target


def kept(home: Home) -> list[Path]:
    """List the nights that are kept, oldest first: a run_id begins with its time."""
    return sorted(path for path in home.nights.glob("[0-9]*T*") if path.is_dir())


def _drop_old(home: Home) -> None:
    for old in kept(home)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    for left in home.nights.glob(f"{BUILDING}*"):
        if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
            shutil.rmtree(left, ignore_errors=True)  # of a process that was killed while it wrote


def note(home: Home, said: Mapping[str, Any]) -> None:
    """Add a line to the log of notices, and drop its oldest half when it has become long."""
    log = folder(home) / "notices.jsonl"
    with log.open("a", encoding="utf-8") as out:
        out.write(json.dumps(dict(said), ensure_ascii=False, sort_keys=True) + "\n")
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    if len(lines) > LINES_KEPT:
        shorter = log.with_name(f".notices-{os.getpid()}")
        shorter.write_text("".join(lines[-LINES_KEPT // 2 :]), encoding="utf-8")
        shorter.replace(log)
