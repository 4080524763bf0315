"""How a survey is shown: its texts in other languages, and what the report site of its releases includes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class Translation(BaseModel):
    """What a survey is called in another language; what is left empty is shown in English."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    notice: str = ""
    publication: str = ""
    countries: Mapping[str, str] = Field(default_factory=dict)


class Report(BaseModel):
    """What the site includes beyond its pages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    explorer: bool = False
    """Whether a page runs SQL in the browser; it makes every release some megabytes larger."""
    data_docs: bool = False
    """Whether great_expectations' own pages of what the suites found stand beside ours, with counts and no value."""
    licence: str = ""
    """Terms under which the numbers may be used, as they are to be read; empty when none were declared."""


_KEY = re.compile(rb"(translations|report)[ \t]*:")
"""Keys of survey.yaml that decide how a release is shown, and nothing of what is in it."""


def bytes_for_intake(path: Path) -> bytes:
    """Return a file of a declaration as far as rows depend on it, so that one more page reads no delivery again."""
    content = path.read_bytes()
    return without_presentation(content) if path.name == "survey.yaml" else content


def without_presentation(content: bytes) -> bytes:
    """Return survey.yaml without those keys, the comment right above each and what sets it apart: as if never added."""
    kept: list[bytes] = []
    blank: list[bytes] = []
    inside = False
    for line in content.splitlines(keepends=True):
        if _KEY.match(line):
            inside, blank = True, []
            while kept and kept[-1].startswith(b"#"):
                kept.pop()
        elif inside and not line.strip():
            blank.append(line)
        elif inside and line[:1] in b" \t":
            blank = []
        else:
            apart = bool(kept) and not kept[-1].strip()
            kept += [*(blank[1:] if apart else blank), line]  # the blank lines around the key were one
            inside, blank = False, []
    while inside and kept and not kept[-1].strip():
        kept.pop()
    return b"".join(kept)
