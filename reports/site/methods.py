"""The page about methods: what is counted and how, in plain words, with this survey's thresholds.

The words are in `methods.yaml`, those of a survey of records in `record_methods.yaml`; lives here: what stands in their
braces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.site.page import Page
from reports.site.release_view import View
from reports.site.texts import catalogue, paragraphs
from schemas import vocabulary


def pages(view: View) -> Iterator[Page]:
    """Yield the page about methods."""
    _ = view.gettext
    values = {"sections": sections(view), "methods": methods(view)}
    yield Page("methods", _("Methods"), "methods.html.j2", "trust", values)


def sections(view: View) -> list[dict[str, Any]]:
    """Lay out the summary: title, paragraphs, formulas and sources of each section."""
    known = record_thresholds(view) if view.published.of_records else thresholds(view)
    return [
        {
            "id": name,
            "title": view.language.pick(section["title"]),
            "paragraphs": paragraphs(view.language.pick(section["text"]).format_map(known)),
            "formulas": _formulas(view, section, known),
            "sources": section.get("sources", ""),
        }
        for name, section in _texts(view)["sections"].items()
    ]


def methods(view: View) -> list[dict[str, Any]]:
    """Lay out the methods, the leading one first: code, name, paragraphs, sources.

    They are those that the survey declares, or those of its records' numbers.
    """
    published = view.published
    texts = _texts(view)["methods"]
    leading = published.method
    there = set(published.estimates["method"])
    names = [name for name in texts if name in there] if published.of_records else published.declaration.methods
    declared = sorted(names, key=lambda name: name != leading)
    return [
        {
            "code": method,
            "name": view.code("method", method),
            "paragraphs": paragraphs(view.language.pick(texts[method])) if method in texts else [],
            "sources": texts.get(method, {}).get("sources", ""),
            "leads": method == leading,
        }
        for method in declared
    ]


def _texts(view: View) -> Mapping[str, Any]:
    return catalogue("record_methods" if view.published.of_records else "methods")


def _formulas(view: View, section: Mapping[str, Any], known: Mapping[str, str]) -> list[str]:
    if "formulas" not in section:
        return []
    return [formula.format_map(known) for formula in view.language.pick(section["formulas"])]


def record_thresholds(view: View) -> Mapping[str, str]:
    """Write the values that the texts about records name."""
    declared, language, kind = view.published.declaration, view.language, view.published.instrument
    assert kind is not None
    limits = {"min_units": language.number(declared.disclosure.min_units)}
    hidden = catalogue("record_methods")["phrases"]["hidden" if declared.disclosure.enabled else "nothing_hidden"]
    return {
        **limits,
        "row": str(getattr(kind.row, language.code, kind.row.en)),
        "confidence": language.share(declared.rates.confidence, 0),
        "hidden": language.pick(hidden).format_map(limits),
    }


def thresholds(view: View) -> Mapping[str, str]:
    """Write the values of the declaration that the texts name."""
    declared, language = view.published.declaration, view.language
    rates, hiding = declared.rates, declared.disclosure
    phrases = catalogue("methods")["phrases"]
    limits = {
        "min_families": language.number(hiding.min_families),
        "min_settlements": language.number(hiding.min_settlements),
        "largest_share": language.share(hiding.largest_share, 0),
        "protection": language.share(hiding.protection, 0),
    }
    hidden = phrases["hidden" if hiding.enabled else "nothing_hidden"]
    return {
        **limits,
        "years": language.number(rates.years, 0 if float(rates.years).is_integer() else 1),
        "confidence": language.share(rates.confidence, 0),
        "settlements_drawn": language.pick(phrases[rates.psu_selection]),
        "nations": language.pick(phrases[rates.calibrate_nations]),
        "hidden": language.pick(hidden).format_map(limits),
        "reliability_rule": language.pick(vocabulary.content()["reliability_rule"]).format_map(declared.reliability),
    }
