"""Days of a form server on which no submission counts any more: all were deleted, or a review refused them.

A file that is no longer in a folder may have been lost; of a form its server says all there is.
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Collection, Iterable

from schemas.batch import Load
from schemas.declaration import Declaration
from sources.form_address import is_form_server, without_review

REASON = "none of its submissions counts any more; all were deleted or refused by a review"


def emptied(there: Collection[str], standing: Iterable[Load], declaration: Declaration) -> dict[str, str]:
    """Return the places whose rows must leave, and why. there: the URIs of a listing that has no errors.

    A place that no source of the declaration names is not among them: its source may have been removed by mistake.
    """
    patterns = [without_review(source.path) for source in declaration.sources if is_form_server(source.path)]
    return {
        load.uri: REASON
        for load in standing
        if load.status == "landed" and load.uri not in there and any(_names(pattern, load.uri) for pattern in patterns)
    }


def _names(pattern: str, uri: str) -> bool:
    folder, name = posixpath.split(pattern)
    return folder == posixpath.dirname(uri) and fnmatch.fnmatchcase(posixpath.basename(uri), name)
