"""The flow's own lines: progress reaches the run's log wherever the worker was started, once."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from prefect.logging.handlers import APILogHandler

from flows import nightly


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The logger of kinscale as a process has it that never heard of prefect.toml: warnings only."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.WARNING)
    yield logging.getLogger("kinscale")
    root.setLevel(before)


def test_progress_is_sent_to_the_server_once(logger: logging.Logger) -> None:
    assert not logger.isEnabledFor(logging.INFO)
    nightly.send_progress_to_the_server()
    nightly.send_progress_to_the_server()
    assert logger.isEnabledFor(logging.INFO)
    assert sum(isinstance(handler, APILogHandler) for handler in logger.handlers) == 1


def test_who_asked_for_more_lines_keeps_them(logger: logging.Logger) -> None:
    logger.setLevel(logging.DEBUG)
    nightly.send_progress_to_the_server()
    assert logger.level == logging.DEBUG
