"""What deliveries are called, and say, is printed as it is: no markup, no escape sequence, no line of its own."""

from __future__ import annotations

import logging

from flows import terminal
from schemas.batch import Load

NAME = "a[/]b[bold]\\x1b[2J.csv"


def test_a_file_name_is_no_markup() -> None:
    load = Load("1", "s", "KZ", f"raw/{NAME}", NAME, "0", 1, 1, 1)
    with terminal.out.capture() as caught:
        terminal.show_files([load], [load])
    assert NAME in caught.get()


def test_a_step_is_told_as_it_is_called() -> None:
    with terminal.err.capture() as caught:
        terminal.Progress().emit(
            logging.LogRecord("kinscale", logging.INFO, "", 0, "taking in [/]\x1b[2J.csv", None, None)
        )
        terminal.say("read [/red]\x07")
    assert "taking in [/]\\x1b[2J.csv" in caught.get()
    assert "read [/red]\\x07" in caught.get()
