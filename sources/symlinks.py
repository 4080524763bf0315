"""Links among deliveries: followed inside the declared folder, refused when they lead out of it."""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Mapping
from typing import Any

from schemas.errors import SourceRefused


def followed(storage: Any, folder: str, path: str, info: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a listing says of a file, or, of a link, what it says of the file that the link leads to.

    folder: what is declared before the first wildcard. Raises SourceRefused for a link that leads out of it: whoever
    may deliver files could otherwise have any file of the machine read.
    """
    if not (info.get("islink") or info["type"] == "link"):
        return info
    inside, target = _real(storage, folder or "."), _real(storage, path)
    if posixpath.commonpath([inside, target]) != inside:
        raise SourceRefused(
            "it is a link that leads out of its folder.",
            file=path,
            expected=f"a file, or a link to one, below {folder or 'the folder'}",
            next_step="Put the file itself there, or declare the folder in which it is.",
            facts={"folder": folder},
        )
    try:
        about = dict(storage.info(target))
    except OSError as error:
        if not isinstance(error, FileNotFoundError) and error.errno != errno.ELOOP:
            raise
        return {**info, "type": "other"}  # it leads nowhere
    return {**about, "name": path}


def _real(storage: Any, path: str) -> str:
    known = getattr(storage, "real_path", os.path.realpath)
    return str(known(path))
