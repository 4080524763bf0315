"""Run one night of the small survey in this process and die, as by kill -9, before or after one call.

Arguments: data folder, `before` or `after`, dotted name of the function, and which of its calls (from 1).
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flows import direct
from schemas import declaration
from tests import small_survey
from warehouse.home import Home


def die() -> None:
    """End this process without any chance to tidy up."""
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(function: Callable[..., Any], moment: str, call: int) -> Callable[..., Any]:
    """Wrap a function so that its n-th call ends the process, before it begins or after it is done."""
    calls = 0

    def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and moment == "before":
            die()
        result = function(*arguments, **named)
        if calls == call:
            die()
        return result

    return wrapped


if __name__ == "__main__":
    home, moment, name, call = sys.argv[1:]
    module_name, _, attribute = name.rpartition(".")
    module = importlib.import_module(module_name)
    setattr(module, attribute, deadly(getattr(module, attribute), moment, int(call)))
    direct.run(declaration.load(small_survey.ID), Home(Path(home)), lambda _: None)
    sys.exit("the night ended; the drill did not reach its call")
