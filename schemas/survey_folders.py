"""Where the declarations of surveys are, and which there are. Light, because completion of the shell asks it."""

from __future__ import annotations

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DECLARATION = "survey.yaml"


def surveys_folder() -> Path:
    """Where the declarations are: `KINSCALE_SURVEYS`, else `surveys/` in the checkout."""
    return Path(os.environ.get("KINSCALE_SURVEYS") or CHECKOUT / "surveys").resolve()


def names() -> list[str]:
    """List the surveys that are declared."""
    return sorted(path.parent.name for path in surveys_folder().glob(f"*/{DECLARATION}"))


def countries(survey: str) -> dict[str, str]:
    """Return the countries that a declaration names, with their names; none when it cannot be read.

    The declaration is not checked here: `schemas.declaration.load` does that, and says what is wrong.
    """
    import yaml

    from schemas.read_yaml import read_yaml

    try:
        said = read_yaml(surveys_folder() / survey / DECLARATION)
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    known = said.get("countries") if isinstance(said, dict) else None
    return {str(code): str(name) for code, name in known.items()} if isinstance(known, dict) else {}
