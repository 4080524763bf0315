"""A page of the site: its file, its place in the navigation, its template and what the template is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from reports.site.release_view import View


@dataclass(frozen=True)
class Page:
    """One page in one language.

    name: stem of its file.  title: its heading.  template: file in `templates/`.
    group: where it stands in the navigation (see contents.GROUPS); empty for a page that others link to.
    values: what the template is given beside view, page and navigation.
    """

    name: str
    title: str
    template: str
    group: str
    values: Mapping[str, Any]


class PageMaker(Protocol):
    """Lays out the pages of one kind; yields none where the release has nothing to show on them."""

    def __call__(self, view: View) -> Iterator[Page]:
        """Yield the pages."""
