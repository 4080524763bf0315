"""Files that ship with the site as they are, copied into it; who may read them is the site's own affair."""

from __future__ import annotations

import shutil
from pathlib import Path


def copy(source: Path, target: Path) -> None:
    """Copy a folder's files. Its permissions stay behind: a candidate is its owner's alone, whatever a checkout is."""
    target.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        if path.is_dir():
            copy(path, target / path.name)
        else:
            shutil.copyfile(path, target / path.name)
