"""Steps as Prefect tasks: every step has a name, nothing is cached, and only what can heal is tried again."""

from __future__ import annotations

from typing import Any

import pytest
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows import nightly
from flows.steps import names
from schemas import errors
from schemas.errors import KinscaleError
from tasks import orchestrated, validate

ALL = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, KinscaleError)]


def test_every_step_of_a_night_is_a_task_under_its_own_name() -> None:
    steps = nightly.steps()
    for name in names():
        task = getattr(steps, name)
        assert task.name == name
        assert task.cache_policy == NO_CACHE
        assert task.persist_result is False
        assert task.retries == orchestrated.RETRIES == len(task.retry_delay_seconds)


@pytest.mark.parametrize("kind", ALL)
def test_only_an_error_that_another_try_may_cure_is_retried(kind: type[KinscaleError]) -> None:
    task = orchestrated.step(validate.validate)
    state: State[Any] = Failed(data=kind("seen"))
    assert orchestrated.can_heal(task, None, state) is kind.retryable  # type: ignore[arg-type]


def test_a_programming_error_is_not_retried() -> None:
    task = orchestrated.step(validate.validate)
    assert not orchestrated.can_heal(task, None, Failed(data=AssertionError("1 is not 2")))  # type: ignore[arg-type]
