"""Renews the answers in `docs/cookbook.md`, from two releases of the bundled survey: python -m flows.cookbook.

Every block of SQL or Python is followed by what it prints. The first release is that of the survey as it ships; the
second has the corrections that the page names in its block of YAML, and what stands below that block asks it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flows.options import BUNDLED
from flows.terminal import say
from schemas.reason import Reason
from warehouse import query, release_names
from warehouse.home import CHECKOUT, Home

PAGE = CHECKOUT / "docs" / "cookbook.md"
WIDTH = 150
"""Characters of the widest answer."""
_BLOCK = re.compile(r"^```(sql|python)\n(.*?)^```\n\n```text\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_CORRECTIONS = re.compile(r"^```yaml\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
SECONDS = 60


def releases(page: str, folder: Path) -> Home:
    """Publish the two releases that the page is about into a data folder below `folder`."""
    from flows import direct
    from schemas import declaration

    home, surveys, before = Home(folder / "home"), folder / "surveys", os.environ.get("KINSCALE_SURVEYS")
    shutil.copytree(CHECKOUT / "surveys" / BUNDLED, surveys / BUNDLED)
    os.environ["KINSCALE_SURVEYS"] = str(surveys)
    try:
        direct.run(declaration.load(BUNDLED), home, say)
        corrections = "".join(_CORRECTIONS.findall(page))
        (surveys / BUNDLED / "corrections.yaml").write_text(corrections, encoding="utf-8")
        direct.run(declaration.load(BUNDLED), home, say, Reason("the paper form says 9 relatives"))
    finally:
        os.environ.pop("KINSCALE_SURVEYS")
        os.environ.update({"KINSCALE_SURVEYS": before} if before is not None else {})
    return home


def answers(page: str, home: Home) -> Iterator[tuple[str, str, str]]:
    """Give each query of the page, the answer that stands below it, and the one the releases give."""
    second = _CORRECTIONS.search(page)
    for found in _BLOCK.finditer(page):
        late = second is not None and found.start() > second.start()
        release = release_names.find(home, "r2" if late else "r1")
        ask = _sql if found[1] == "sql" else _python
        yield found[2], found[3], ask(found[2], release.folder)


def renewed(page: str, home: Home) -> str:
    """Return the page with the answers that the releases give."""
    given = answers(page, home)
    return _BLOCK.sub(lambda found: f"```{found[1]}\n{found[2]}```\n\n```text\n{next(given)[2]}```\n", page)


def _sql(text: str, release: Path) -> str:
    with query.session(release / "results.duckdb") as session:
        drawn = "".join(answer.drawn(WIDTH) for answer in session.answers(text))
    return "\n".join(line.rstrip() for line in drawn.rstrip().splitlines()) + "\n"


def _python(text: str, release: Path) -> str:
    """Run Python in the folder of the release, as an analyst would."""
    call = [sys.executable, "-c", text]
    return subprocess.run(call, cwd=release, capture_output=True, text=True, timeout=SECONDS, check=True).stdout


def main() -> None:
    """Write the page anew."""
    page = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        home = releases(page, Path(folder))
        PAGE.write_text(renewed(page, home), encoding="utf-8")


if __name__ == "__main__":
    main()
