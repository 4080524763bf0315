"""Makes the pictures of the site that the documentation shows: python -m tests.browser.screenshots.

A night of the bundled survey is run in a folder of its own, with the page that runs SQL; each picture is a window of a
page, light and dark, in 256 colours. Look at them before they are committed.
"""

from __future__ import annotations

import base64
import struct
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from flows.options import BUNDLED
from flows.terminal import say
from schemas.survey_folders import CHECKOUT
from tests.browser.conftest import CHROMIUM, QUIET, copied, night
from tests.browser.page_visit import drawn, with_an_answer

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = CHECKOUT / "docs" / "screenshots"
PAGES = {"index": "body", "country-kg": "#regions", "comparison": "body", "sensitivity": "body", "explorer": "body"}
"""Pages, and what stands at the top of the picture: that of a country begins with its map."""
SCHEMES: Sequence[Any] = ("light", "dark")
WIDTH, HEIGHT = 1280, 1600
COLOURS = 256
PIXELS = """async (source) => {
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  const canvas = new OffscreenCanvas(picture.width, picture.height), pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  const bytes = pen.getImageData(0, 0, picture.width, picture.height).data, parts = [];
  for (let at = 0; at < bytes.length; at += 32768) parts.push(String.fromCharCode(...bytes.subarray(at, at + 32768)));
  return btoa(parts.join(""));
}"""


def main() -> None:
    """Run a night, and write every picture into docs/screenshots."""
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        copied(Path(folder), explorer=True)
        release = night(BUNDLED, Path(folder))
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for name, top in PAGES.items():
            page.goto((release / "report" / f"{name}.html").as_uri())
            drawn(page)
            with_an_answer(page)
            page.locator(top).evaluate("one => one.scrollIntoView()")
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                path = FOLDER / f"{name}-{scheme}.png"
                path.write_bytes(in_few_colours(page, page.screenshot(animations="disabled")))
                say(f"{path.relative_to(CHECKOUT)}  {path.stat().st_size:,} bytes")
        browser.close()


def in_few_colours(page: Page, picture: bytes) -> bytes:
    """Return a PNG of at most 256 colours: the most frequent ones, each other pixel in the nearest of them.

    The browser that took the picture unpacks it.
    """
    pixels = base64.b64decode(page.evaluate(PIXELS, "data:image/png;base64," + base64.b64encode(picture).decode()))
    colours = np.frombuffer(pixels, np.uint8).reshape(-1, 4)[:, :3].astype(np.int32)
    codes, place, count = np.unique(colours @ np.array([65536, 256, 1]), return_inverse=True, return_counts=True)
    there = np.stack([codes // 65536, codes // 256 % 256, codes % 256], axis=1)
    kept = there[np.sort(np.argsort(-count, kind="stable")[:COLOURS])]
    nearest = np.array([((kept - colour) ** 2).sum(axis=1).argmin() for colour in there])
    width, height = struct.unpack(">II", picture[16:24])
    return png(nearest[place].astype(np.uint8).reshape(height, width), kept.astype(np.uint8))


def png(indices: npt.NDArray[np.uint8], palette: npt.NDArray[np.uint8]) -> bytes:
    """Write a PNG with a palette. indices: (height, width).  palette: (colours, 3)."""
    height, width = indices.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), indices], axis=1)  # each line begins with its filter, none
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0),
        b"PLTE": palette.tobytes(),
        b"IDAT": zlib.compress(lines.tobytes(), 9),
        b"IEND": b"",
    }
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts.items()
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


if __name__ == "__main__":
    main()
