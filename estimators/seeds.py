"""Which seeds a survey's settings give to everything that is drawn at random."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from estimators import find_method
from estimators.sensitivity_variants import DEFAULTS


def seeds(settings: Mapping[str, Any]) -> dict[str, int]:
    """Return the seed of each method that draws, and of the table `sensitivity`: declared, else the method's default.

    settings: as `estimators.estimate` takes them.
    """
    found = {}
    for name, own in settings["methods"].items():
        module = sys.modules[find_method(name).__module__]
        options = {**getattr(module, "DEFAULTS", {}), **settings["rates"], **(own or {})}
        if "seed" in options:
            found[name] = int(options["seed"])
    return {**found, "sensitivity": int({**DEFAULTS, **settings["sensitivity"]}["seed"])}
