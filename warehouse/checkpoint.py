"""Expectation suites (`warehouse/expectations/`): a query and what its bounded result must be, run as a checkpoint.

great_expectations is loaded here only, and only when a suite is run or `prepare` is called.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.expectation import Finding, Validation
from schemas.instrument import Instrument
from schemas.read_yaml import read_yaml
from warehouse.build import Warehouse
from warehouse.deferred import deferred

if TYPE_CHECKING:
    import pandas as pd

SUITES = Path(__file__).parent / "expectations"
MOST_ROWS = 1000
"""A query that gives more is not a summary, and what is not a summary may hold somebody's answers.

A suite whose rows are files, not people, may have more: `most_rows` in its `meta`."""
COUNTS = ("element_count", "missing_count", "unexpected_count", "unexpected_percent")
"""All that is kept of a result: the values seen stay in the warehouse."""
WITHHELD = "it could not be run; the message is withheld, because it quotes a value of the query's result"
UNUSED = ("altair", "scipy.stats")
"""What great_expectations loads for charts and distribution tests that no suite here asks for: 80 MB, 0.7 s."""


def prepare() -> Any:
    """Load great_expectations, without telemetry and without what the suites do not use; return the module."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    with deferred(*UNUSED):
        import great_expectations
    return great_expectations


def suites(instrument: str, analysis: str = "families") -> list[dict[str, Any]]:
    """Read the suites that apply to an instrument of a kind, sorted by name, each with its query under `query`."""
    found = []
    for path in sorted(SUITES.glob("*.yaml")):
        suite: dict[str, Any] = read_yaml(path)
        suite["query"] = path.with_suffix(".sql").read_text(encoding="utf-8")
        meta = suite["meta"]
        if meta.get("instrument", instrument) == instrument and meta.get("analysis", analysis) == analysis:
            found.append(suite)
    return found


def run(
    warehouse: Warehouse,
    tables: Mapping[str, pd.DataFrame],
    instrument: Instrument,
    parameters: Mapping[str, Any],
) -> list[Validation]:
    """Run every suite on the result of its query over the build warehouse and the result tables.

    tables: result tables by name; the suite of a result table sees it under its name. parameters: what the
    queries ($name) and the suites ({$PARAMETER: name}) are told.
    """
    declared = suites(instrument.NAME, instrument.ANALYSIS)
    gx = prepare()
    context = _context(gx)
    frames = context.data_sources.add_pandas("warehouse")
    asked = {suite["name"] for suite in declared}
    with _visible(warehouse, {name: table for name, table in tables.items() if name in asked}):
        results = [_result(warehouse, suite, parameters) for suite in declared]
    return [_validate(gx, context, frames, *pair, parameters) for pair in zip(declared, results, strict=True)]


def _context(gx: Any) -> Any:
    """Make a context that lives in memory: no folder, no temporary Data Docs site, no progress bar, no telemetry."""
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

    stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    config = DataContextConfig(
        store_backend_defaults=stores, analytics_enabled=False, progress_bars={"globally": False}
    )
    return gx.get_context(mode="ephemeral", project_config=config)


@contextmanager
def _visible(warehouse: Warehouse, tables: Mapping[str, pd.DataFrame]) -> Iterator[None]:
    import pyarrow

    for name, frame in tables.items():
        warehouse.connection.register(name, pyarrow.Table.from_pandas(frame, preserve_index=False))
    try:
        yield
    finally:
        for name in tables:
            warehouse.connection.unregister(name)


def _result(warehouse: Warehouse, suite: Mapping[str, Any], parameters: Mapping[str, Any]) -> pd.DataFrame:
    """Run the query of a suite. Raises AssertionError if it is not bounded."""
    asked = {name: value for name, value in parameters.items() if f"${name}" in suite["query"]}
    frame: pd.DataFrame = warehouse.connection.execute(suite["query"], asked or None).df()
    most = suite["meta"].get("most_rows", MOST_ROWS)
    if len(frame) > most:
        raise AssertionError(f"the query of suite {suite['name']} gives {len(frame):,} rows, more than {most:,}")
    return frame


def _validate(
    gx: Any,
    context: Any,
    frames: Any,
    suite: Mapping[str, Any],
    result: pd.DataFrame,
    parameters: Mapping[str, Any],
) -> Validation:
    """Run one suite as a checkpoint on one frame."""
    name = suite["name"]
    batch = frames.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole")
    expectations = [{"severity": "critical", **item} for item in suite["expectations"]]
    expected = context.suites.add(gx.ExpectationSuite(name=name, expectations=expectations))
    definition = gx.ValidationDefinition(name=name, data=batch, suite=expected)
    checkpoint = gx.Checkpoint(
        name=name,
        validation_definitions=[context.validation_definitions.add(definition)],
        result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
    )
    outcome = context.checkpoints.add(checkpoint).run(
        batch_parameters={"dataframe": result}, expectation_parameters=dict(parameters)
    )
    (validated,) = outcome.run_results.values()
    findings = tuple(_finding(one, result) for one in validated.results)
    return Validation(name, suite["meta"]["about"], suite["query"], len(result), findings)


def _finding(result: Any, seen: pd.DataFrame) -> Finding:
    """Keep of a result what may leave the warehouse; an expectation that could not be run is not met, and says why."""
    config = result.expectation_config
    kwargs = {key: value for key, value in config.kwargs.items() if key != "batch_id"}
    counts = {key: result.result[key] for key in COUNTS if result.result.get(key) is not None}
    severity = str(getattr(config.severity, "value", config.severity))
    told = result.exception_info or {}
    failed = next((info["exception_message"] for info in (told, *told.values()) if _raised(info)), "")
    why = str(config.meta["why"])
    return Finding(
        config.type, kwargs, why, severity, bool(result.success), counts, _without_values(_first_line(failed), seen)
    )


def _raised(info: Any) -> bool:
    """Tell whether an exception was raised; great_expectations gives one account, or one for each metric."""
    return isinstance(info, dict) and bool(info.get("raised_exception"))


def _first_line(text: str) -> str:
    return str(text).strip().partition("\n")[0]


def _without_values(message: str, seen: pd.DataFrame) -> str:
    """Withhold a message that quotes what was looked at, as that of a text that should have been a number does."""
    values = {str(value) for value in seen.to_numpy().ravel()} - {""} if message else set()
    return WITHHELD if any(_quotes(message, value) for value in values) else message


def _quotes(message: str, value: str) -> bool:
    """Tell whether a message holds a value: anywhere, or as a word of its own where it is a digit or two."""
    if value not in message:
        return False
    return len(value) > 2 or re.search(rf"(?<!\w){re.escape(value)}(?!\w)", message) is not None
