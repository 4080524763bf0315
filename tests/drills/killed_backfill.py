"""Run or approve a backfill of the small survey in this process and die, as by kill -9, before or after one call.

Arguments: `run` or `approve`, data folder, `before` or `after`, dotted name of the function, and which of its calls.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from flows import shadow
from schemas.backfill import Request
from tasks import approve
from tests.drills.faults import Fault, deadly
from warehouse.home import Home

if __name__ == "__main__":
    job, place, moment, name, call = sys.argv[1:]
    module_name, _, attribute = name.rpartition(".")
    module = importlib.import_module(module_name)
    setattr(module, attribute, deadly(getattr(module, attribute), Fault("function", name, moment, int(call))))
    if job == "run":
        shadow.run(Request(), Home(Path(place)), lambda _: None)
    else:
        approve.approve(Home(Path(place)), None, "head of unit", "checked")
    sys.exit("the backfill ended; the drill did not reach its call")
