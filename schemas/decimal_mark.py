"""Numbers whose decimal mark leaves two readings; nothing of pandas, for readers of files that start without it."""

from __future__ import annotations

import re

_POINT_AND_THREE = re.compile(r"[+-]?0*[1-9][0-9]*\.[0-9]{3}")


def may_be_thousands(text: str, decimal: str) -> bool:
    """Tell whether a text is one number by its point and a thousand times as much by the declared comma: 1.000.

    12.00 and 0.125 can only be one number: thousands have three digits, and never begin with 0.
    """
    return decimal == "," and _POINT_AND_THREE.fullmatch(text) is not None
