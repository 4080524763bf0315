"""Which pages the site has, in the order of its navigation."""

from __future__ import annotations

from collections.abc import Sequence

from reports.site import (
    comparability,
    comparison,
    country,
    definitions,
    dictionary,
    downloads,
    evidence,
    expectations,
    explorer,
    findings,
    instrument,
    methods,
    overview,
    quality,
    reproduction,
    revisions,
    scenarios,
    sensitivity,
    trend,
)
from reports.site.page import Page, PageMaker
from reports.site.release_view import View

OF_EVERY_RELEASE: Sequence[PageMaker] = (
    reproduction.pages,
    quality.pages,
    expectations.pages,
    methods.pages,
    revisions.pages,
    downloads.pages,
    dictionary.pages,
    explorer.pages,
)
OF_FAMILIES: Sequence[PageMaker] = (
    overview.pages,
    country.pages,
    comparison.pages,
    trend.pages,
    sensitivity.pages,
    *OF_EVERY_RELEASE,
)
OF_RECORDS: Sequence[PageMaker] = (
    instrument.pages,
    evidence.pages,
    scenarios.pages,
    definitions.pages,
    findings.pages,
    comparability.pages,
    *OF_EVERY_RELEASE,
)


def groups(view: View) -> dict[str, str]:
    """Name the groups of the navigation, in its order."""
    _ = view.gettext
    return {
        "results": _("Results"),
        "countries": _("Countries"),
        "trust": _("How far to trust it"),
        "data": _("Data"),
    }


def pages(view: View) -> list[Page]:
    """Lay out every page of the site in one language."""
    makers = OF_RECORDS if view.published.of_records else OF_FAMILIES
    return [page for maker in makers for page in maker(view)]
