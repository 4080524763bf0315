"""What the page that runs SQL is given: the vendored files as their registry has them, the release's own tables.

The hashes of the npm packages' files are those that `npm pack` of the named versions gives.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path

import pytest

from reports.language import languages
from reports.site import explorer, explorer_files
from reports.site.explorer_files import VENDOR, VENDORED

FOLDERS = [VENDOR / name for name in VENDORED]
MEGABYTE = 1_000_000


def test_it_adds_less_than_twelve_megabytes_to_the_repository() -> None:
    assert sum(path.stat().st_size for folder in FOLDERS for path in folder.iterdir()) < 12 * MEGABYTE


def test_the_tables_are_written_byte_for_byte_and_every_script_is_there(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "estimates.parquet").write_bytes(bytes(range(256)))
    (tables / "estimates.csv.gz").write_bytes(b"not this one")
    explorer_files.write(tmp_path, tables, "CREATE VIEW v AS SELECT '</script>'")
    below = tmp_path / "assets" / "explorer"
    names = {path.name for path in below.iterdir()}
    assert names == {*explorer_files.SCRIPTS, "explorer.js", "explorer.css", "LICENCES.txt"}
    kept = dict(re.findall(r"\)\.(\w+) = (.*);\n", (below / "tables.js").read_text(encoding="utf-8")))
    written = json.loads(kept["tables"])
    assert {name: base64.b64decode(text) for name, text in written.items()} == {"estimates": bytes(range(256))}
    assert json.loads(kept["views"]) == "CREATE VIEW v AS SELECT '</script>'"
    engine = (below / "wasm.js").read_text(encoding="utf-8")
    packed = base64.b64decode(engine[engine.index('"') + 1 : engine.rindex('"')])
    assert gzip.decompress(packed)[:4] == b"\0asm"  # how a WebAssembly module begins


def test_no_script_asks_for_a_module_or_a_source_map(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    explorer_files.write(tmp_path, tmp_path / "tables", "")
    for path in (tmp_path / "assets" / "explorer").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert "sourceMappingURL=" not in text, path.name
        assert not re.search(r"^\s*(import|export)\s", text, re.MULTILINE), path.name


def test_licences_name_every_package(tmp_path: Path) -> None:
    text = "\n".join(explorer_files.licences())
    for name in ("@duckdb/duckdb-wasm 1.32.0 (MIT)", "apache-arrow 17.0.0 (Apache-2.0)", "hyparquet", "fzstd"):
        assert name in text


@pytest.mark.parametrize("language", languages(), ids=lambda language: str(language.code))
def test_every_example_has_a_title_in_every_language(language: object) -> None:
    code = language.code  # type: ignore[attr-defined]
    titles = [query["title"] for query in explorer.queries(code)]
    assert len(titles) == len(set(titles)) >= 8
    assert all(title.strip() for title in titles)
