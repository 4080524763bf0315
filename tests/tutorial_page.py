"""The tutorial as a program: its commands in order, and what it says they print.

In what a command prints, `…` stands for anything in a line, and a line `…` for any number of lines.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.on_terminal import SETTINGS
from warehouse.home import CHECKOUT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
SECONDS = 900
"""What one step may take on a busy machine; alone the longest takes fifteen."""


@dataclass(frozen=True)
class Step:
    """Commands of the page, and what it shows that they print; None where it shows nothing."""

    commands: str
    shown: str | None


def steps(page: str) -> list[Step]:
    """Return the steps of a page: each block of `sh` with the block of `text` that follows it, if one does."""
    blocks = BLOCK.findall(page)
    following = [*blocks[1:], ("", "")]
    return [
        Step(text, after if kind == "text" else None)
        for (language, text), (kind, after) in zip(blocks, following, strict=True)
        if language == "sh"
    ]


def pattern(shown: str) -> str:
    """Return the regular expression of what a page shows."""
    lines = shown.rstrip("\n").split("\n")
    return "\n".join("(?:.*\n)*?.*" if line == "…" else re.escape(line).replace("…", ".*") for line in lines) + r"\n*"


def make(place: Path) -> None:
    """Lay out what the page expects of a checkout: the launcher and the surveys."""
    launcher = place / "kinscale"
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m flows.cli "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)
    subprocess.run(["cp", "-r", CHECKOUT / "surveys", place / "surveys"], check=True)


def exported(before: list[str]) -> str:
    """Return the lines that set variables for all that follows."""
    return "".join(f"{line}\n" for text in before for line in text.splitlines() if line.startswith("export "))


def run(place: Path, found: list[Step], names: Mapping[str, str]) -> Iterator[tuple[Step, str]]:
    """Run the steps in order, each in a shell; yield each with what it printed.

    names: what to write for words of the page; read before each step, so that the caller may learn them on the way.
    """
    environment = {key: text for key, text in os.environ.items() if key not in SETTINGS}
    for number, step in enumerate(found):
        commands = step.commands
        for word, name in names.items():
            commands = commands.replace(word, name)
        done = subprocess.run(
            ["bash", "--norc", "-e", "-c", exported([one.commands for one in found[:number]]) + commands],
            cwd=place,
            env={**environment, "PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
        yield step, done.stdout
