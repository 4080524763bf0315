"""Asking a source again that did not answer: a few times, and not for ever over all sources of a night."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from time import sleep
from typing import TypeVar

from schemas.errors import KinscaleError

PAUSE_SECONDS = (2.0, 10.0, 30.0)
"""Between tries of one source; up to half as much again is added by chance, so that many do not come back together."""
LONGEST_SECONDS = 120.0
"""Pauses of one step together: a storage that is down holds a night for two minutes, however many files it has."""

Answer = TypeVar("Answer")


class Patience:
    """What is left to wait for. One for each step that asks many sources."""

    def __init__(self) -> None:
        """Begin with all of it."""
        self._left = LONGEST_SECONDS

    def again(self, ask: Callable[[], Answer]) -> Answer:
        """Ask until there is an answer. Raises what cannot heal at once, and what did not heal when patience ends."""
        for shortest in PAUSE_SECONDS:
            pause = shortest * random.uniform(1.0, 1.5)
            try:
                return ask()
            except KinscaleError as error:
                pause = max(pause, float(error.facts.get("retry_after", 0)))  # what the server itself asks for
                if not error.retryable or pause > self._left:
                    raise
                logging.getLogger("kinscale").info(_line(error, pause))
            self._left -= pause
            sleep(pause)
        return ask()


def _line(error: KinscaleError, pause: float) -> str:
    """Say whose answer is waited for: a night has many sources."""
    place = str(error.where)
    return f"{error.code}: {place}{': ' if place else ''}{error.what} Asking again in {pause:.0f} s"
