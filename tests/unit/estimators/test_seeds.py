"""Seeds as a manifest names them: the declared one wins over the method's own; what draws nothing has none."""

from __future__ import annotations

from typing import Any

import pytest

from estimators.seeds import seeds


@pytest.mark.parametrize(
    ("methods", "expected"),
    [
        ({"design": {}, "poisson": {}, "pennington": {"cdf_decimals": 4}}, {}),
        ({"bootstrap": {"replicates": 10, "seed": 7}, "design": {}}, {"bootstrap": 7}),
        ({"small_area": {}, "bootstrap_poisson": {"seed": 3}}, {"small_area": 2009, "bootstrap_poisson": 3}),
        ({"small_area": {"seed": 1}}, {"small_area": 1}),
    ],
)
def test_every_method_that_draws_has_its_seed(methods: dict[str, Any], expected: dict[str, int]) -> None:
    settings = {"rates": {"years": 3}, "methods": methods, "sensitivity": {"seed": 5}}
    assert seeds(settings) == {**expected, "sensitivity": 5}


def test_sensitivity_has_a_seed_of_its_own_where_none_is_declared() -> None:
    assert seeds({"rates": {}, "methods": {}, "sensitivity": {}}) == {"sensitivity": 2009}
