"""The trend: what may be said under the assumed length, under others, and what forgetting alone would do.

By hand: with both windows three years long, cases of the earlier one are three years older, so that a yearly loss of
one half makes a ratio of 2^3 = 8; and the ratio is 1 if the earlier window were 3 / 8 of a year.
"""

from __future__ import annotations

from typing import Any

import pytest

from reports.site import trend
from tests.unit.reports.site.three_countries import SAME, cell, text, view


def row(country: str | None, years: float, ratio: float | None, **more: Any) -> dict[str, Any]:
    shown = ratio is not None
    return {
        **SAME, "level": "national" if country else "group", "country": country, "exploitation": "all",
        "location": "both", "method": "design", "earlier_years": years, "assumed": "yes" if years == 3 else "no",
        "recent_years": 3.0, "ratio": ratio, "log_ratio_std_error": 0.1 if shown else None,
        "ci_low": ratio / 2 if ratio else None, "ci_high": ratio * 2 if ratio else None, "confidence": 0.95,
        "n_recent": 80.0 if shown else None, "n_earlier": 10.0 if shown else None, **more,
    }  # fmt: skip


ROWS = [row("KZ", 3, 8.0), row("KZ", 6, 16.0), row("KG", 3, 2.5), row("KG", 0.6, 0.5), row("TJ", 3, None)]
ESTIMATES = [cell(code, "victims", 100.0) for code in ("KZ", "KG", "TJ")]


def test_a_ratio_is_told_with_what_would_undo_it() -> None:
    first, second, third = trend.compared(view(trend=ROWS, estimates=ESTIMATES))
    assert (first["label"], first["verdict"], first["n"]) == ("Kazakhstan", "more", 100)
    assert first["loss"] == pytest.approx(0.5)
    assert (first["same"], first["same_low"], first["same_high"]) == (0.375, 3 / 16, 0.75)
    assert second["verdict"] == "more"
    assert (third["verdict"], third["value"], third["status"]) == ("hidden", None, "hidden")


def test_the_page_says_what_depends_on_the_length(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = text(view(trend=ROWS, estimates=ESTIMATES), trend.pages, monkeypatch)
    assert "If “earlier” means the 3 years before the last ones, as the survey assumes:" in seen
    assert "Kazakhstan (8.0), Kyrgyzstan (2.5); hidden: Tajikistan." in seen
    assert "whether “earlier” means 1 or 6 years: Kazakhstan. The direction depends on it: Kyrgyzstan." in seen
    # Kyrgyzstan: 2.5 = e^(3 d), so 1 - 2.5^(-1/3) = 26 % a year
    assert "if families no longer told 26% – 50% of the cases each year" in seen


def test_what_falls_whatever_the_length_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = text(view(trend=[row("KZ", 3, 0.25)], estimates=ESTIMATES), trend.pages, monkeypatch)
    assert "fewer: Kazakhstan (0.2)." in seen or "fewer: Kazakhstan (0.3)." in seen
    assert "no proof of a rise" not in seen


def test_an_empty_window_is_not_hidden() -> None:
    (only,) = trend.compared(view(trend=[row("KZ", 3, None, n_recent=5.0, n_earlier=0.0)], estimates=ESTIMATES))
    assert (only["verdict"], only["status"]) == ("untested", "no_limits")


def test_lines_are_drawn_for_those_with_a_number_and_the_others_are_named() -> None:
    chart = trend.slope(view(trend=[*ROWS, row("TJ", 6, None)], estimates=ESTIMATES))
    assert chart is not None
    assert {(point["series"], point["period"], point["value"]) for point in chart.rows} == {
        ("Kazakhstan", "3 years", 8.0), ("Kazakhstan", "6 years", 16.0),
        ("Kyrgyzstan", "0.6 years", 0.5), ("Kyrgyzstan", "3 years", 2.5),
    }  # fmt: skip
    assert "Hidden at every length: Tajikistan." in chart.note


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_release_without_a_trend_says_so(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    seen = text(view(language, estimates=ESTIMATES), trend.pages, monkeypatch)
    assert {"en": "The release has no trend", "ru": "Динамики в выпуске нет"}[language] in seen
