"""What the topics and variants of the table `sensitivity` are, in words for people who did not make them."""

from __future__ import annotations

import re
from typing import NamedTuple

from reports.site.release_view import View


class Topic(NamedTuple):
    """A choice that could have been made otherwise: its name, and what the headline takes for granted."""

    name: str
    about: str


def topics(view: View) -> dict[str, Topic]:
    """Describe every topic of the table."""
    _ = view.gettext
    return {
        "scale_up": Topic(
            _("Whether relatives know of the cases"),
            _(
                "The headline takes it that relatives know of every case and that victims have as many close relatives "
                "as anybody. Neither was measured; the values are assumptions."
            ),
        ),
        "recall": Topic(
            _("How much is forgotten"),
            _(
                "The headline takes it that no case is forgotten. How many are was not measured; the rates are "
                "assumptions."
            ),
        ),
        "annualisation": Topic(
            _("How many years the answers are about"),
            _(
                "The headline divides the cases by the years asked about. Families may tell of a longer or a shorter "
                "time."
            ),
        ),
        "combination": Topic(
            _("How regions are put together"),
            _("The headline weighs each region by its population. The variant lets each interview count the same."),
        ),
        "multiplicity": Topic(
            _("How families are counted"),
            _(
                "The headline divides all cases by all relatives. The variants divide within each interview, or take "
                "it that large families were reached more often."
            ),
        ),
        "family_size": Topic(
            _("Which family sizes are believed"),
            _(
                "The headline takes the sizes after editing. Interviews that editing set aside are in no variant, so "
                "that a cap may have nothing left to change."
            ),
        ),
    }


def label(view: View, variant: str, note: str) -> str:
    """Name a variant; one that is not known by the note of the table."""
    for pattern, write in _PATTERNS:
        if found := re.fullmatch(pattern, variant):
            return write(view, *(float(number) for number in found.groups()))
    return note


_NUMBER = r"([\d.]+)"


def _plain(view: View, number: float) -> str:
    """Write a number with as many decimals as it has, two at most."""
    decimals = next(places for places in (0, 1, 2) if places == 2 or round(number, places) == number)
    return view.language.number(number, decimals)


def _leading(view: View) -> str:
    _ = view.gettext
    return _("As published")


def _pooled(view: View) -> str:
    _ = view.gettext
    return _("Regions not weighted by population")


def _no_cap(view: View) -> str:
    _ = view.gettext
    return _("Family sizes as told")


def _cap(view: View, size: float) -> str:
    _ = view.gettext
    return _("Family sizes capped at %(size)s") % {"size": _plain(view, size)}


def _cap_99(view: View) -> str:
    _ = view.gettext
    return _("The largest 1 %% of family sizes capped") % {}


def _cap_97_5(view: View) -> str:
    _ = view.gettext
    return _("The largest 2.5 %% of family sizes capped") % {}


def _drop(view: View, size: float) -> str:
    _ = view.gettext
    return _("Families of more than %(size)s left out") % {"size": _plain(view, size)}


def _median(view: View) -> str:
    _ = view.gettext
    return _("Median of the settlements' mean family sizes")


def _sirken(view: View) -> str:
    _ = view.gettext
    return _("Each case divided by its own family's size")


def _by_person(view: View) -> str:
    _ = view.gettext
    return _("Large families reached more often")


def _scale_up(view: View, degree: float, visibility: float) -> str:
    _ = view.gettext
    values = {"share": view.language.share(visibility, 0), "degree": view.language.share(degree, 0)}
    return _("Relatives know %(share)s of cases; victims have %(degree)s of the usual number of relatives") % values


def _recall(view: View, loss: float) -> str:
    _ = view.gettext
    return _("%(share)s of cases forgotten each year") % {"share": view.language.share(loss, 0)}


def _window(view: View, years: float) -> str:
    _ = view.gettext
    return _("Families really tell of %(years)s years") % {"years": _plain(view, years)}


def _all_time(view: View, years: float) -> str:
    _ = view.gettext
    return _("All cases ever told, over %(years)s years") % {"years": _plain(view, years)}


_PATTERNS = (
    ("leading", _leading),
    ("pooled", _pooled),
    ("cap_none", _no_cap),
    ("cap_p99", _cap_99),
    ("cap_p97_5", _cap_97_5),
    (rf"cap_{_NUMBER}", _cap),
    (rf"drop_above_{_NUMBER}", _drop),
    ("median_of_psu_means", _median),
    ("sirken", _sirken),
    ("families_by_person", _by_person),
    (rf"scale_up_degree_{_NUMBER}_visibility_{_NUMBER}", _scale_up),
    (rf"recall_loss_{_NUMBER}", _recall),
    (rf"window_{_NUMBER}_years", _window),
    (rf"all_time_over_{_NUMBER}_years", _all_time),
)
"""Names of variants as `estimators.sensitivity_variants` makes them, the numbers being its parameters."""
