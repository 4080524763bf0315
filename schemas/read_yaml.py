"""YAML files as plain values, read by libyaml where PyYAML was built with it, which is ten times as fast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """Return what a YAML file says: mappings, lists, text and numbers, nothing else. Raises yaml.YAMLError."""
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER)
