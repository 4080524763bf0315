"""The pictures of the documentation: small, shown with words in their place, and as the browser drew them."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from tests.browser.screenshots import FOLDER, HEIGHT, PAGES, PIXELS, SCHEMES, WIDTH, in_few_colours

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LARGEST = 150_000
SIZE = WIDTH.to_bytes(4, "big") + HEIGHT.to_bytes(4, "big")


def test_every_picture_is_small_and_shown_with_words_in_its_place() -> None:
    pictures = sorted(FOLDER.glob("*.png"))
    assert [path.stem for path in pictures] == sorted(f"{name}-{scheme}" for name in PAGES for scheme in SCHEMES)
    for path in pictures:
        content = path.read_bytes()
        assert len(content) < LARGEST, path.name
        assert content[16:24] == SIZE, path.name
    page = (FOLDER.parent / "report-site.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[([^\]]{20,})\]\(screenshots/([^)]+)\)", page)
    assert sorted(name for _, name in shown) == [path.name for path in pictures]
    assert len({words for words, _ in shown}) == len(pictures)


def test_few_colours_are_kept_exactly_and_many_become_the_nearest(chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 64, "height": 64})
    few = "background: linear-gradient(90deg, #123456 50%, #fedcba 50%)"
    many = "background: linear-gradient(135deg, #000, #00f 40%, #0f0 70%, #fff)"
    for style, farthest in ((few, 0), (many, 24)):
        page.set_content(f'<body style="margin: 0; height: 64px; {style}">')
        drawn = page.screenshot()
        written = in_few_colours(page, drawn)
        assert written[25] == 3  # of IHDR: a palette
        before, after = (
            base64.b64decode(page.evaluate(PIXELS, "data:image/png;base64," + base64.b64encode(one).decode()))
            for one in (drawn, written)
        )
        assert max(abs(one - other) for one, other in zip(before, after, strict=True)) <= farthest
    page.close()
