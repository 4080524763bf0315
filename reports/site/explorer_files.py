"""What the page that runs SQL loads: the engine, the release's tables and its views, as scripts that a disk can serve.

A page opened from disk may load classic scripts and nothing else: no module, no `fetch`, no worker from a file. So
everything is a script; what is binary stands in one as base64, and the engine also compressed, as it is vendored.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reports.site.shared_files import copy
from schemas.read_yaml import read_yaml

HERE = Path(__file__).parent
OWN = HERE / "explorer_assets"
VENDOR = HERE / "vendor"
VENDORED = ("duckdb-wasm", "apache-arrow", "hyparquet")
SCRIPTS = (
    "arrow.js",
    "duckdb.js",
    "hyparquet.js",
    "worker.js",
    "wasm.js",
    "tables.js",
    "tables_as_arrow.js",
    "engine.js",
)
"""Scripts that are loaded after the page is shown, in this order."""
_BEFORE = "var duckdb = (function (exports, module, require) {\n"
_AFTER = "return module.exports;\n})({}, { exports: {} }, function () { return Arrow; });\n"
"""The engine's client is a CommonJS module that asks for one other: Arrow."""


def write(folder: Path, tables: Path, views: str) -> None:
    """Write `assets/explorer/` below the site's folder.

    tables: folder of the release's Parquet files.  views: the SQL that makes the release's views and macros.
    """
    below = folder / "assets" / "explorer"
    copy(OWN, below)
    client = _script(VENDOR / "duckdb-wasm" / "duckdb-browser.js")
    texts = {
        "arrow.js": _script(VENDOR / "apache-arrow" / "Arrow.es2015.min.js"),
        "hyparquet.js": _script(VENDOR / "hyparquet" / "hyparquet.js"),
        "duckdb.js": f"{_BEFORE}{client}{_AFTER}",
        "worker.js": _kept("worker", _base64(VENDOR / "duckdb-wasm" / "duckdb-browser-eh.worker.js.gz")),
        "wasm.js": _kept("wasm", _base64(VENDOR / "duckdb-wasm" / "duckdb-eh.wasm.gz")),
        "tables.js": _kept("tables", {file.stem: _base64(file) for file in sorted(tables.glob("*.parquet"))})
        + _kept("views", views),
        "LICENCES.txt": "\n".join(licences()),
    }
    for name, text in texts.items():
        (below / name).write_text(text, encoding="utf-8")


def vendored() -> Mapping[str, Mapping[str, Any]]:
    """Say what is vendored for the page: folder, then name, version, licence and files as `vendor.yaml` lists them."""
    return {name: read_yaml(VENDOR / name / "vendor.yaml") for name in VENDORED}


def licences() -> Iterator[str]:
    """Yield who made what is vendored, and under which terms."""
    for folder, about in vendored().items():
        for package in about["packages"]:
            yield f"{package['name']} {package['version']} ({package['licence']})\n"
        for file in about["licence_files"]:
            yield (VENDOR / folder / file).read_text(encoding="utf-8")


def _script(file: Path) -> str:
    """Read a script without the line that names its source map, which nobody ships."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("//# sourceMappingURL=")) + "\n"


def _base64(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode("ascii")


def _kept(name: str, content: str | Mapping[str, str]) -> str:
    """Return a script that keeps a text, or several by name, where the engine finds them."""
    return f"(window.explorerFiles = window.explorerFiles || {{}}).{name} = {json.dumps(content)};\n"
