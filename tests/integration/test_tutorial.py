"""The tutorial, every command in order in a fresh folder: each prints what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import on_terminal, tutorial_page
from tests.tutorial_page import Step, pattern, steps
from warehouse.home import CHECKOUT

LOAD = "8d5347dc"
"""The load that the page names; it depends on where the files lie, so each machine has its own."""
TUTORIAL = CHECKOUT / "docs" / "tutorial.md"
TERMINAL = CHECKOUT / "docs" / "terminal.md"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the whole tutorial was done."""
    folder = tmp_path_factory.mktemp("tutorial")
    tutorial_page.make(folder)
    names: dict[str, str] = {}
    for step, printed in tutorial_page.run(folder, steps(TUTORIAL.read_text(encoding="utf-8")), names):
        if LOAD not in names and (row := re.search(r"\b([0-9a-f]{8})-\d+$", printed, flags=re.MULTILINE)):
            names[LOAD] = row[1]
        if step.shown is not None:
            shown = step.shown.replace(LOAD, names.get(LOAD, LOAD))
            assert re.fullmatch(pattern(shown), printed), f"{step.commands}\nshown:\n{shown}\nprinted:\n{printed}"
    assert LOAD in names
    return folder


def test_the_tutorial_does_what_it_shows(place: Path) -> None:
    releases = sorted(path.name for path in (place / "tutorial" / "data" / "releases").glob("*-r?"))
    assert releases == [f"central_asia_2009-2009-r{number}" for number in (1, 2, 3)]
    assert (place / "tutorial" / "changes.html").exists()
    assert not (place / "data").exists(), "everything happens in the folder of the tutorial"


@pytest.mark.parametrize(
    ("columns", "command", "begins"),
    [
        (80, ("diff", "r1", "r2"), "central_asia_2009-2009-r1 ->"),
        (None, ("diff", "r1", "r2"), "central_asia_2009-2009-r1 ->"),
        (60, ("quarantine", "list", "--country", "KG"), "country  file"),
    ],
    ids=["80 columns", "pipe", "60 columns"],
)
def test_the_page_about_terminals_shows_what_they_show(
    columns: int | None, command: tuple[str, ...], begins: str, place: Path
) -> None:
    blocks = [text for kind, text in tutorial_page.BLOCK.findall(TERMINAL.read_text(encoding="utf-8"))
              if kind == "text" and text.startswith(begins)]  # fmt: skip
    data = {"KINSCALE_HOME": str(place / "tutorial/data"), "KINSCALE_SURVEYS": str(place / "tutorial/surveys")}
    if columns is None:
        [printed] = [out for _, out in tutorial_page.run(place, [_as_step(command, data)], {})]
    else:
        printed = "\n".join(on_terminal.plain(on_terminal.run(columns, *command, cwd=place, settings=data)[1]))
    assert any(re.fullmatch(pattern(block), printed) for block in blocks), printed


def _as_step(command: tuple[str, ...], data: dict[str, str]) -> Step:
    variables = "".join(f"export {name}='{text}'\n" for name, text in data.items())
    return Step(f"{variables}./kinscale {' '.join(command)}", None)


def test_steps_are_blocks_of_commands_with_what_they_print() -> None:
    page = "```sh\na\n```\n\nword\n\n```text\nA\n```\n\n```sh\nb\n```\n\n```sh\nc\n```\n\n```yaml\nd: 1\n```\n"
    assert steps(page) == [Step("a\n", "A\n"), Step("b\n", None), Step("c\n", None)]


@pytest.mark.parametrize(
    ("shown", "printed", "fits"),
    [
        ("a … c\n", "a b c\n", True),
        ("a … c\n", "a b\nc\n", False),
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("a\n…\n", "a\nb\n", True),
        ("a\n", "a\nb\n", False),
        ("1.5 (x)\n", "115 (x)\n", False),
    ],
)
def test_what_is_left_out_stands_for_anything(shown: str, printed: str, fits: bool) -> None:
    assert bool(re.fullmatch(pattern(shown), printed)) is fits
