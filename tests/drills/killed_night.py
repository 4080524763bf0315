"""Run one night of the small survey in this process and die, as by kill -9, before or after one call.

Arguments: data folder, `before` or `after`, dotted name of the function, and which of its calls (from 1).
"""

from __future__ import annotations

import sys
from pathlib import Path

from flows import direct
from schemas import declaration
from tests import small_survey
from tests.drills.faults import Fault, arm
from warehouse.home import Home

if __name__ == "__main__":
    place, moment, name, call = sys.argv[1:]
    home = Home(Path(place))
    arm(Fault("function", name, moment, int(call)), home)
    direct.run(declaration.load(small_survey.ID), home, lambda _: None)
    sys.exit("the night ended; the drill did not reach its call")
