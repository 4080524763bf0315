"""Why a number is made of published figures, or is not, as `figure_reasons.yaml` words it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from schemas.read_yaml import read_yaml

_FILE = Path(__file__).with_suffix(".yaml")


@cache
def _templates() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    content: dict[str, dict[str, dict[str, str]]] = read_yaml(_FILE)
    return content


def worded(kind: str, code: str, **told: str) -> dict[str, str]:
    """Return the wording of a reason in the columns `reason` and `reason_ru`. told: what stands in braces."""
    template = _templates()[kind][code]
    return {"reason": template["en"].format_map(told), "reason_ru": template["ru"].format_map(told)}
