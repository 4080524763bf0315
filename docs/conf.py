"""The documentation site: these pages as they are, for reading without a network. Built by ./kinscale docs."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

project = "kinscale"
author = "the kinscale developers"
project_copyright = "MIT licence"
language = "en"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "kinscale"
html_show_sphinx = False
html_copy_source = False
html_show_search_summary = False  # it would fetch pages, which a browser refuses from a disk
html_extra_path = ["table-schemas.json", "sdmx-structure.xml", "coverage.csv", "fuzzing.csv"]
myst_heading_anchors = 4  # links to headings are written as a code host writes them
myst_links_external_new_tab = False
nitpicky = True

LEAVING = re.compile(r"\[([^\]]+)\]\(\.\./([^)\s]+)\)")
"""Links out of docs/, which lead somewhere in a checkout and nowhere on the site."""


def stay_inside(_app: Sphinx, _name: str, source: list[str]) -> None:
    """Name the file of the checkout instead of linking to it."""
    source[0] = LEAVING.sub(r"\1 (`\2` in the checkout)", source[0])


def setup(app: Sphinx) -> None:
    """Take part in reading the pages."""
    app.connect("source-read", stay_inside)
