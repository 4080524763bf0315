"""What the answer depends on: variants of several countries added up, sorted by effect, and methods side by side.

By hand: 100 (80 to 130) and 200 (170 to 240) make 300, with limits 300 - sqrt(20^2 + 30^2) and 300 + sqrt(30^2 + 40^2).
"""

from __future__ import annotations

from typing import Any

import pytest

from reports.site import methods_beside, sensitivity, variant_words
from tests.unit.reports.site.three_countries import SAME, cell, hidden, text, view

TWO = {"KZ": "Kazakhstan", "KG": "Kyrgyzstan"}


def row(country: str, variant: str, topic: str, times: float | None = 1.0) -> dict[str, Any]:
    estimate, low, high = (100.0, 80.0, 130.0) if country == "KZ" else (200.0, 170.0, 240.0)
    numbers = {"estimate": estimate, "ci_low": low, "ci_high": high, "n_cases": 10.0}
    shown = {name: None if times is None else number * times for name, number in numbers.items()}
    return {
        **SAME, "country": country, "variant": variant, "topic": topic, "parameter": "", **shown,
        "ratio_to_leading": times, "confidence": 0.95, "n_respondents": 60, "n_psu": 6, "note": "what it does",
    }  # fmt: skip


def both(variant: str, topic: str, kz: float | None, kg: float | None) -> list[dict[str, Any]]:
    return [row("KZ", variant, topic, kz), row("KG", variant, topic, kg)]


ROWS = [
    *both("leading", "leading", 1.0, 1.0),
    *both("pooled", "combination", 1.1, 1.0),
    *both("recall_loss_0.1", "recall", 2.0, 2.0),
    *both("recall_loss_0.05", "recall", 1.5, 1.5),
    *both("all_time_over_6_years", "annualisation", 0.9, None),
]
GROUP = cell(None, "victims", 300.0, ci_low=264.0, ci_high=349.0)
ESTIMATES = [GROUP, cell(None, "victims", 330.0, method="pennington"), cell("KZ", "victims", 100.0)]


def test_variants_of_the_countries_are_added_up_with_their_limits() -> None:
    found = {one["variant"]: one for one in sensitivity.variants(view(countries=TWO, sensitivity=ROWS, estimates=[]))}
    leading, pooled, ever = found["leading"], found["pooled"], found["all_time_over_6_years"]
    assert (leading["value"], leading["low"], leading["high"]) == (300, pytest.approx(300 - 1300**0.5), 350)
    assert (pooled["value"], pooled["ratio"], pooled["n"]) == (pytest.approx(310), pytest.approx(31 / 30), 120)
    assert (ever["value"], ever["ratio"], ever["status"]) == (None, None, "hidden")


def test_the_published_limits_stand_where_there_are_some() -> None:
    first = sensitivity.variants(view(countries=TWO, sensitivity=ROWS, estimates=ESTIMATES))[0]
    assert (first["variant"], first["value"], first["low"], first["high"]) == ("leading", 300.0, 264.0, 349.0)


def test_what_moves_the_number_most_stands_first() -> None:
    found = sensitivity.variants(view(countries=TWO, sensitivity=ROWS, estimates=ESTIMATES))
    assert [one["variant"] for one in found] == [
        "leading", "recall_loss_0.05", "recall_loss_0.1", "pooled", "all_time_over_6_years",
    ]  # fmt: skip


def test_a_choice_is_beyond_the_limits_or_within_them(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = view(countries=TWO, sensitivity=ROWS, estimates=ESTIMATES)
    found = {one["topic"]: one for one in sensitivity.choices(seen, sensitivity.variants(seen))}
    assert (found["recall"]["low"], found["recall"]["high"], found["recall"]["outside"]) == (450.0, 600.0, True)
    assert found["combination"]["outside"] is False
    assert (found["annualisation"]["outside"], found["annualisation"]["not_shown"]) == (None, 1)
    words = text(seen, sensitivity.pages, monkeypatch)
    # 264 is 12 % below 300 and 349 is 16 % above
    assert "Headline number (All countries together): 300 people a year." in words
    assert "its limits lie 12% below and 16% above it." in words
    assert "would give from 310 to 600. What moves it most: “How much is forgotten”, 1.50 to 2.00 times" in words
    assert "Can move it beyond its limits: “How much is forgotten”." in words
    assert "Stay within them: “How regions are put together”." in words
    assert "2 methods give from 300 to 330; their limits reach from 264 to 363." in words  # 330 and 10 % of it
    assert "10% of cases forgotten each year" in words


def test_a_release_that_leads_with_another_method_says_what_the_variants_start_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = view(countries=TWO, sensitivity=ROWS, estimates=[cell(None, "victims", 330.0, method="pennington")])
    words = text(seen, sensitivity.pages, monkeypatch)
    assert "Headline number (All countries together): 300 people a year." in words
    assert "This is the number by the method: Design-based" in words


def test_variants_that_move_all_countries_alike_are_not_repeated_for_each() -> None:
    (page,) = sensitivity.pages(view(countries=TWO, sensitivity=ROWS, estimates=ESTIMATES))
    assert [one["variant"] for one in page.values["differing"]] == ["pooled", "all_time_over_6_years"]


def test_methods_stand_in_the_order_of_the_vocabulary_with_the_leading_one_first() -> None:
    names = ("pennington", "design", "jackknife")
    rows = [cell(None, "victims", 300.0, method=name) for name in names]
    rows.append(hidden(cell("KZ", "victims", 1.0, method="jackknife")))
    seen = view(countries=TWO, estimates=rows)
    found = methods_beside.rows(seen)
    assert [one["method"] for one in methods_beside.of_headline(seen, found)] == ["design", "jackknife", "pennington"]
    cells = methods_beside.by_country(seen, found)[1]["cells"]
    assert [one["country"] for one in cells] == ["Kazakhstan", "Kyrgyzstan", "All countries together"]
    assert (cells[0]["cell"]["status"], cells[1]["cell"]) == ("hidden", None)


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        (
            "scale_up_degree_0.7_visibility_0.5",
            "Relatives know 50% of cases; victims have 70% of the usual number of relatives",
        ),
        ("window_2.5_years", "Families really tell of 2.5 years"),
        ("cap_p97_5", "The largest 2.5 % of family sizes capped"),
        ("cap_30", "Family sizes capped at 30"),
        ("drop_above_30", "Families of more than 30 left out"),
        ("recall_loss_0.05", "5% of cases forgotten each year"),
        ("something_else", "the note of the table"),
    ],
)  # fmt: skip
def test_variants_are_told_in_words(variant: str, words: str) -> None:
    assert variant_words.label(view(), variant, "the note of the table") == words


def test_every_variant_that_the_estimators_make_has_words() -> None:
    from estimators.sensitivity_variants import DEFAULTS, variants

    made, seen = variants(DEFAULTS, 3.0), view()
    assert [one.name for one in made if variant_words.label(seen, one.name, "?") == "?"] == []
    assert {one.topic for one in made} - {"leading"} == set(variant_words.topics(seen))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_release_without_variants_says_so(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    seen = text(view(language, TWO, estimates=[]), sensitivity.pages, monkeypatch)
    assert {"en": "The release has no variants", "ru": "В выпуске нет вариантов"}[language] in seen
