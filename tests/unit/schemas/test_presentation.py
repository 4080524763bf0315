"""How a survey is shown changes nothing of what is in a release: load ids and content stay, wherever the key stands.

That content and loads stay is what two nights of the same files give, one without the key and one with it.
"""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from flows import direct
from schemas import declaration
from schemas.presentation import without_presentation
from tests import small_survey
from warehouse.home import Home

BEFORE = b"id: x\n\n# what it is called\ntitle: y\n"


@pytest.mark.parametrize(
    "content",
    [
        BEFORE,
        BEFORE + b"\nreport:\n  explorer: true\n",
        BEFORE + b"report: {explorer: true}",
        BEFORE + b"\n# a page that runs SQL\nreport:\n\n  explorer: true\n",
        b"report:\n  explorer: true\n" + BEFORE,
        BEFORE.replace(b"x\n\n", b"x\n\nreport:\n  # it is large\n  explorer: true\n\n"),
        BEFORE.replace(b"x\n\n", b"x\ntranslations:\n  ru:\n    title: z\n\n"),
        BEFORE.replace(b"x\n\n", b"x\n\nreport: {explorer: true}\ntranslations: {}\n\n"),
    ],
)
def test_the_declaration_is_read_as_if_the_key_had_never_been_added(content: bytes) -> None:
    assert without_presentation(content) == BEFORE


def test_keys_that_only_begin_alike_stay() -> None:
    content = b"reports: 1\nreporting:\n  explorer: 2\n"
    assert without_presentation(content) == content


@pytest.mark.parametrize(("key", "page"), [("explorer", "explorer.html"), ("data_docs", "data_docs/index.html")])
@pytest.mark.usefixtures("all_pages")
def test_the_page_changes_no_load_and_no_number(survey: Path, home: Home, key: str, page: str) -> None:
    def night(at: Home) -> tuple[set[str], str, bool]:
        outcome = direct.run(declaration.load(small_survey.ID), at, logging.getLogger("test").info)
        assert outcome.release is not None
        there = (outcome.release.folder / "report" / page).exists()
        return {load.load_id for load in outcome.loads}, outcome.release.manifest["content_sha256"], there

    loads, content, there = night(home)
    assert not there
    with (survey / "survey.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\nreport:\n  {key}: true\n")
    assert night(home) == (loads, content, False)  # equal content makes no new release
    assert night(Home(home.root.parent / "other")) == (loads, content, True)
