"""Which numbers are not for publication: those that rest on no degree of freedom, and no others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from disclosure import hiding

NAN = float("nan")


def test_only_a_free_number_without_a_degree_of_freedom_is_withheld() -> None:
    cases = [
        ("F", 5.0, 2.0, 8.0, "F"),  # a number with its limits
        ("F", 5.0, NAN, 0.0, "N"),  # one settlement: nobody can tell the error
        ("F", 5.0, NAN, 8.0, "F"),  # limits that should be there are a fault, which the gate must see
        ("F", 5.0, NAN, NAN, "F"),  # as of a method without a design
        ("C", 5.0, NAN, 0.0, "C"),  # hidden to protect somebody
        ("D", 5.0, NAN, 0.0, "D"),
        ("F", NAN, NAN, 0.0, "F"),  # there is no number to withhold
    ]
    found, estimate, low, df, expected = zip(*cases, strict=True)
    table = pd.DataFrame({"estimate": estimate, "ci_low": low, "df": df})
    assert hiding.withheld(table, np.array(found, dtype=object)).tolist() == list(expected)
