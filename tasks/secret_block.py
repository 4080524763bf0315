"""Credentials in a Prefect Secret block: asked for where a Prefect server is in use anyway, and nowhere else."""

from __future__ import annotations

import os
import sys

from schemas.errors import SourceUnreachable
from sources.credentials import Credentials, from_record


def block_name(name: str) -> str:
    """Return what the block of credentials is called."""
    return f"kinscale-{name}"


def read(name: str) -> Credentials | None:
    """Return what the block holds, or None when there is none, or no server to ask.

    Raises SourceUnreachable when the server does not answer.
    """
    if not (os.environ.get("PREFECT_API_URL") or _within_a_run()):
        return None
    import httpx
    from prefect.blocks.system import Secret

    try:
        block = Secret.load(block_name(name))
    except ValueError:  # Prefect's way to say that there is none
        return None
    except httpx.HTTPError as error:
        raise SourceUnreachable(
            f"the Prefect server did not give the block {block_name(name)} ({type(error).__name__}).",
            next_step="Try again, or set the credentials in the environment.",
        ) from None
    assert isinstance(block, Secret)
    return from_record(name, block.get(), f"Prefect block {block_name(name)}")


def _within_a_run() -> bool:
    """Tell whether a flow or a task runs here; importing Prefect to find out would cost seconds."""
    if "prefect.context" not in sys.modules:
        return False
    from prefect.context import FlowRunContext, TaskRunContext

    return FlowRunContext.get() is not None or TaskRunContext.get() is not None
