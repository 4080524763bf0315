"""The prompt of `./kinscale sql`: statements over several lines, completion from the release, a person's history."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from flows import sql_commands
from schemas.errors import KinscaleError
from schemas.vocabulary import code_lists
from warehouse import catalogue, private
from warehouse import query as queries
from warehouse.catalogue import Column, Named

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output

COMMANDS = {
    ".tables": "tables, views and macros, with what they hold",
    ".columns": "columns of one of them: .columns estimates",
    ".help": "this list",
    ".quit": "end; so does Ctrl-D",
}
WIDEST_NAME = 36
"""Columns of the terminal for the left half of a list."""
PROMPT, CONTINUED = "kinscale> ", "     ...> "
_VALUE = re.compile(r"(\w+)\s*(?:=|<>|!=|:=|\bIN\s*\([^()]*)\s*'([^']*)$", re.IGNORECASE)
"""A text that has been begun, and the column it is compared with."""
_PLACE = re.compile(r"\bcell\s*\(\s*'([^']*)$", re.IGNORECASE)
_WORD = re.compile(r"\w*$")


class FromRelease(Completer):
    """Offers what the release holds: tables, macros, columns with their meaning, codes within quotes, words of SQL."""

    def __init__(self, session: queries.Session) -> None:
        """Read nothing yet: the prompt is to be there at once."""
        self._connection = session.connection
        self._values: dict[str, list[str]] = {}

    @cached_property
    def named(self) -> list[Named]:
        """Tables, views and macros."""
        return catalogue.named(self._connection)

    @cached_property
    def columns(self) -> dict[str, list[Column]]:
        """Columns of each that can stand after FROM."""
        return {one.name: catalogue.columns(self._connection, one.name) for one in self.named if one.has_columns}

    @cached_property
    def keywords(self) -> list[str]:
        """The reserved words."""
        return catalogue.keywords(self._connection)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Offer what can stand at the cursor."""
        text = document.text_before_cursor
        if text.lstrip().startswith("."):
            return self._of_command(text.lstrip())
        if place := _PLACE.search(text):
            return (*self._of_column("country", place[1]), *self._of_column("region", place[1]))
        if begun := _VALUE.search(text):
            return self._of_column(begun[1].lower(), begun[2])
        found = _WORD.search(text)
        word = found[0] if found else ""
        after_dot = text.removesuffix(word).endswith(".")
        return self._of_word(word, document.text, after_dot) if word or after_dot else ()

    def _of_command(self, text: str) -> Iterator[Completion]:
        name, blank, begun = text.partition(" ")
        if not blank:
            yield from _matching(name, list(COMMANDS.items()))
        elif name == ".columns":
            yield from _matching(begun, [(one.name, one.comment) for one in self.named if one.has_columns])

    def _of_column(self, column: str, begun: str) -> Iterator[Completion]:
        if column not in self._values:
            self._values[column] = catalogue.values(self._connection, column)
        codes = code_lists().get(column)
        yield from _matching(begun, [(value, codes.label(value) if codes else "") for value in self._values[column]])

    def _of_word(self, word: str, text: str, after_dot: bool) -> Iterator[Completion]:
        mentioned = set(re.findall(r"\w+", text.lower()))
        tables = [name for name in self.columns if name in mentioned] or list(self.columns)
        columns: dict[str, str] = {}
        for table in tables:
            for column in self.columns[table]:
                columns.setdefault(column.name, f"{table}: {column.comment}")
        yield from _matching(word, list(columns.items()))
        if not after_dot:
            calls = [(one.name + ("(" if "macro" in one.kind else ""), one.comment) for one in self.named]
            yield from _matching(word, calls)
            yield from _matching(word, [(keyword, "") for keyword in self.keywords])


def _matching(begun: str, offers: list[tuple[str, str]]) -> Iterator[Completion]:
    for text, meaning in offers:
        if text.lower().startswith(begun.lower()):
            yield Completion(text, -len(begun), display_meta=meaning)


def history() -> History:
    """Open the history of this person, which nobody else can read; none is kept where none can be written.

    It is in the person's own folder: who reads releases need not be able to write in the data folder.
    """
    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "kinscale"
    file = folder / "sql_history"
    try:
        with private.umask():
            folder.mkdir(parents=True, exist_ok=True)
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        file.chmod(0o600)
    except OSError as error:
        print(f"No history is kept: {error}", file=sys.stderr)
        return InMemoryHistory()
    return FileHistory(str(file))


def is_whole(text: str) -> bool:
    """Tell whether Enter ends what was typed: a statement up to its semicolon, a command, or nothing."""
    stripped = text.strip()
    return not stripped or stripped.startswith(".") or stripped.endswith(";") or stripped in ("exit", "quit")


def _keys(whole: Condition) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter", filter=whole)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    return keys


def prompt(completer: Completer, given: Input | None = None, shown: Output | None = None) -> PromptSession[str]:
    """Make the prompt. given, shown: a terminal other than this process's own."""
    from prompt_toolkit.lexers import PygmentsLexer
    from pygments.lexers.sql import SqlLexer

    made: PromptSession[str] = PromptSession(
        PROMPT,
        multiline=True,
        prompt_continuation=CONTINUED,
        completer=completer,
        history=history(),
        lexer=PygmentsLexer(SqlLexer),
        include_default_pygments_style="NO_COLOR" not in os.environ,
        input=given,
        output=shown,
    )
    made.key_bindings = _keys(Condition(lambda: is_whole(made.default_buffer.text)))
    return made


def talk(folder: Path, given: Input | None = None, shown: Output | None = None) -> None:
    """Ask for statements and answer them until the person ends it."""
    with queries.session(folder / "results.duckdb") as session:
        _introduce(folder, session)
        asked = prompt(FromRelease(session), given, shown)
        while True:
            try:
                text = asked.prompt().strip()
            except KeyboardInterrupt:
                continue  # Ctrl-C drops the line, as in other shells
            except EOFError:
                return
            if text in (".quit", ".exit", "exit", "quit", "exit;", "quit;"):
                return
            answer(session, text)


def _introduce(folder: Path, session: queries.Session) -> None:
    print(f"Release {folder.name}, read-only. End a statement with ; and see .help")
    if session.lent:
        print(f"Newer than this release, and there for this session only: {', '.join(session.lent)}")
    manifest = folder / "manifest.json"
    notice = json.loads(manifest.read_text(encoding="utf-8")).get("notice") if manifest.exists() else None
    if notice:
        print(notice)


def answer(session: queries.Session, text: str) -> None:
    """Print the answer to a statement or a command, or what is wrong with it."""
    try:
        if text.startswith("."):
            _obey(session, text)
        elif text:
            unexplained = sql_commands.draw(session, text)
            if unexplained:
                print(sql_commands.UNEXPLAINED.format(n=unexplained))
    except KinscaleError as error:
        print(error.what)
    except KeyboardInterrupt:
        print("interrupted")


def _obey(session: queries.Session, text: str) -> None:
    name, *rest = text.rstrip(";").split()
    if name == ".tables":
        _lines((one.call, one.comment) for one in catalogue.named(session.connection))
    elif name == ".columns" and len(rest) == 1:
        found = catalogue.columns(session.connection, rest[0])
        _lines((f"{one.name} {one.type}", one.comment) for one in found)
    elif name == ".help":
        _lines(COMMANDS.items())
        print("Tab completes. Enter ends a statement that ends with ; and begins a new line otherwise.")
    else:
        print(f"{text} is no command; see .help")


def _lines(rows: Iterable[tuple[str, str]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from flows.terminal import out

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(max_width=WIDEST_NAME)
    table.add_column()
    for first, second in rows:
        table.add_row(escape(first), escape(second))
    out.print(table, soft_wrap=False)
