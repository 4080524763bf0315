"""The form in which days are written, as `date_format` of a source says it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

DIRECTIVES = "dmyYbBjHMSfpzaAI"
"""Those that mean the same on every machine."""
_EXAMPLES = (datetime(2009, 10, 25, 14, 5, 7, tzinfo=UTC), datetime(1994, 2, 3, 4, 15, 26, tzinfo=UTC))
_GLUED = re.compile(r"%[dmyYjHMSfI]%[dmyYjHMSfI]")


def checked(form: str) -> str:
    """Return a form that says day, month and year. Raises ValueError for another one."""
    for directive in re.findall(r"%(.?)", form.replace("%%", "")):
        if not directive or directive not in DIRECTIVES:
            raise ValueError(f'"%{directive}" of "{form}" is no part of a date; there are {_listed()}')
    try:
        given_back = [datetime.strptime(day.strftime(form), form).date() for day in _EXAMPLES]
    except (ValueError, re.error) as error:
        raise ValueError(f'"{form}" is no form of a date, as "%d.%m.%Y" is: {error}') from None
    if given_back != [day.date() for day in _EXAMPLES]:
        raise ValueError(f'"{form}" does not say day, month and year, as "%d.%m.%Y" does')
    return form


def is_glued(form: str) -> bool:
    """Tell whether numbers stand in a form with nothing between them: a digit that is lost moves all the others."""
    return _GLUED.search(form) is not None


def _listed() -> str:
    return ", ".join(f"%{one}" for one in DIRECTIVES)
