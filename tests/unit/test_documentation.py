"""README and docs against the code: links, commands, error codes, declaration keys and tables that they name exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from pydantic import BaseModel

from flows.cli import app
from schemas import errors, settings
from schemas.declaration import Declaration, load
from schemas.result_tables import tables
from schemas.settings import Dask, Mail, Settings, Spark, Webhook

CHECKOUT = Path(__file__).parents[2]
PAGES = [CHECKOUT / "README.md", CHECKOUT / "CHANGELOG.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"\./kinscale[ \t]+([a-z][a-z-]*)(?:[ \t]+([a-z][a-z-]*))?")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code_blocks(text: str) -> list[str]:
    return re.findall(r"^ *```\w*\n(.*?)^ *```$", text, flags=re.MULTILINE | re.DOTALL)


def headings(text: str) -> list[str]:
    """List the headings; what stands in a code block is none."""
    outside = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ +(.+?) *$", outside, flags=re.MULTILINE)


def anchor(heading: str) -> str:
    """Write a heading as the site that shows these pages does: lower case, no marks, dashes for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def names_of(command: Any) -> set[str]:
    """Name the commands below a command line or a group of commands; a plain command has none."""
    return set(getattr(command, "commands", {}))


def unknown_commands(text: str) -> list[str]:
    """List the `./kinscale ...` calls of a text whose command, or command of a group, does not exist."""
    top = typer.main.get_command(app)
    unknown = []
    for first, second in COMMAND.findall(text):
        known = first in names_of(top)
        if known and (below := names_of(top.commands[first])):  # type: ignore[attr-defined]
            known = second in below
        if not known:
            unknown.append(f"{first} {second}".strip())
    return unknown


def codes() -> set[str]:
    return {
        kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.KinscaleError)
    }


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """Name the keys of a model and of the models it is made of."""
    for name, field in model.model_fields.items():
        yield name
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from keys_of(part)


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(read(page)):
        if "://" in target:
            continue
        place, _, fragment = target.partition("#")
        file = (page.parent / place).resolve() if place else page
        assert file.is_relative_to(CHECKOUT), f"{page.name}: {target} leaves the checkout"
        assert file.exists(), f"{page.name}: {target} is not there"
        if fragment:
            assert fragment in map(anchor, headings(read(file))), f"{page.name}: no heading for {target}"


@each_page
def test_every_command_exists(page: Path) -> None:
    assert unknown_commands(read(page)) == []


def test_a_command_that_does_not_exist_is_seen() -> None:
    text = "./kinscale run, ./kinscale fly, `./kinscale quarantine list` and ./kinscale quarantine sweep"
    assert unknown_commands(text) == ["fly", "quarantine sweep"]


def test_every_command_is_in_a_page() -> None:
    top = typer.main.get_command(app)
    named = {first for page in PAGES for first, _ in COMMAND.findall(read(page))}
    assert names_of(top) <= named


def test_error_codes_and_their_page_agree() -> None:
    described = {heading for heading in headings(read(CHECKOUT / "docs/errors.md")) if re.fullmatch("[a-z_]+", heading)}
    assert described == codes()


def test_every_key_of_a_declaration_is_described() -> None:
    page = read(CHECKOUT / "docs/surveys.md")
    keys = set(keys_of(Declaration))
    assert {"id", "largest_invalid_share", "factor", "date_format"} <= keys, "keys inside other keys are meant too"
    missing = [key for key in sorted(keys) if not re.search(rf"`(?:\w+\.)?{key}(?:\.\w+)?`", page)]
    assert missing == []


def test_no_key_of_a_survey_has_two_rows_in_a_table() -> None:
    tables = re.split(r"\n(?!\|)", read(CHECKOUT / "docs/surveys.md"))
    twice = []
    for table in tables:
        first = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
        twice += [name for name in dict.fromkeys(first) if first.count(name) > 1 and "key of `drift`" not in table]
    assert twice == []


def test_every_key_of_the_settings_is_described() -> None:
    page = read(CHECKOUT / "docs/operations.md")
    kinds = (Settings, Mail, Webhook, Spark, Dask)
    keys = {field.alias or name for kind in kinds for name, field in kind.model_fields.items()}
    assert {"notify", "from", "secret_env"} <= keys, "keys inside channels are meant too"
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []


def test_the_example_of_the_settings_loads(tmp_path: Path) -> None:
    examples = [block for block in code_blocks(read(CHECKOUT / "docs/operations.md")) if block.startswith("notify:")]
    (tmp_path / "settings.yaml").write_text("".join(examples), encoding="utf-8")
    assert [channel.kind for channel in settings.load(tmp_path).notify] == ["mail", "webhook"]


def test_the_example_of_engine_and_runner_loads(tmp_path: Path) -> None:
    examples = [block for block in code_blocks(read(CHECKOUT / "docs/operations.md")) if block.startswith("engines:")]
    (tmp_path / "settings.yaml").write_text("".join(examples), encoding="utf-8")
    found = settings.load(tmp_path)
    assert (found.engine_of("central_asia_2009"), found.engine, found.runner) == ("spark", "duckdb", "dask")
    assert found.spark.config["spark.executor.cores"] == "4"


def test_every_option_of_the_bundled_survey_is_described() -> None:
    survey = load("central_asia_2009")
    page = read(CHECKOUT / "docs/surveys.md")
    options = {key for source in survey.sources for key in source.reader}
    options |= {key for variant in survey.rates.countries.values() for key in variant}
    options |= {key for method in survey.methods.values() for key in method} | set(survey.reliability)
    assert [name for name in sorted(options) if f"`{name}`" not in page] == []


def test_every_result_table_is_described() -> None:
    page = read(CHECKOUT / "docs/result-tables.md")
    assert [name for name in tables() if f"| `{name}` |" not in page] == []


def test_the_first_code_of_the_readme_is_the_two_commands() -> None:
    lines = code_blocks(read(CHECKOUT / "README.md"))[0].splitlines()
    assert [line.partition("#")[0].strip() for line in lines] == ["./kinscale run", "./kinscale test"]


@each_page
def test_no_page_names_a_place_of_one_machine(page: Path) -> None:
    assert not re.findall(r"(?<![\w.])/(?:home|root|tmp|work|Users)/\w*", read(page))
