"""What each kind of reconciliation rule is told. How it is computed is in `estimators/reconciliation/`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from schemas.reconciliation_figures import Expression, One, OneDay, Part, Several, Words

Rounding = Literal["round", "truncate", "either"]


class Rule(Part):
    """What every rule says. `file` is where it is declared."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: str
    subject: Words
    """What the numbers are about."""
    region: str | None = None
    """Code of the region; that of the records used, if they share one, when nothing is said."""
    unit: str | None = None
    """That of the records used, if they share one, when nothing is said."""
    tolerance: float | None = Field(default=None, ge=0)
    explains: Words | None = None
    """What a person knows about it; it stands after what was computed."""
    source: str | None = None
    """Document and section; those of the records used when nothing is said."""
    file: str = ""


class Sum(Rule):
    """Parts add up to a stated total."""

    kind: Literal["sum"]
    total: One
    parts: Several


class Equal(Rule):
    """What is stated and what is listed, or one thing printed twice, are the same."""

    kind: Literal["equal"]
    stated: One
    found: One
    alike: tuple[str, ...] = ()
    """Columns in which the two records must agree too."""


class AtMost(Rule):
    """A part is not larger than the whole, a low end not above a high one."""

    kind: Literal["at_most"]
    part: One
    whole: One


class Hundred(Rule):
    """Percentages of one question make 100, as far as rounding lets them; of several answers, each is 0 to 100."""

    kind: Literal["hundred"]
    shares: Several
    response: Literal["single", "multiple"] = "single"


class IntegerBase(Rule):
    """Percentages are k of n for a base n; if not, the smallest base that would fit is looked for."""

    kind: Literal["integer_base"]
    shares: Several
    base: One
    rounding: Rounding = "either"
    exclusive: bool = False
    """Whether the shares exclude each other and leave nobody out, so that their numerators make the base."""
    largest_base: int = Field(default=130, ge=1, le=100_000)


class OneRounding(Rule):
    """Percentages that stand for the same k of n are printed by one rule: all rounded, or all cut off."""

    kind: Literal["one_rounding"]
    shares: Several
    base: One


class Wording(Rule):
    """A word such as "majority" is used for a share that it fits."""

    kind: Literal["wording"]
    claim: Words
    share: One
    said: One | None = None
    """The record that the word is used: 1 yes, 0 no."""
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if all(bound is None for bound in (self.above, self.at_least, self.below, self.at_most)):
            raise ValueError("say what the word means: `above`, `at_least`, `below` or `at_most`")
        return self


class Rivals(Rule):
    """Several values of one thing from several sources lie within a ratio of each other."""

    kind: Literal["rivals"]
    figures: Several
    definition: tuple[str, ...] = ()
    """Columns that say what is counted: where they differ, the values cannot be set against each other."""
    largest_ratio: float = Field(default=1, ge=1)


class Overlap(Rule):
    """Groups of people are counted apart: how many are in several is known."""

    kind: Literal["overlap"]
    figures: Several
    shared: One | None = None
    """How many are in more than one; without it, only bounds can be given."""


class Population(Rule):
    """Two rounds that are compared are about the same units."""

    kind: Literal["population"]
    first: One
    second: One
    matched: One
    """How many units are in both."""


class Growth(Rule):
    """A printed growth is that of its levels."""

    kind: Literal["growth"]
    stated: One
    before: One
    after: One
    form: Literal["percent", "times"] = "percent"
    """`percent`: 100 (after / before - 1); `times`: after / before."""


class Price(Part):
    """One price in two currencies."""

    local: One
    foreign: One


class Exchange(Rule):
    """Two prices, each in two currencies, imply one exchange rate."""

    kind: Literal["exchange"]
    first: Price
    second: Price
    band: float = Field(default=0.05, ge=0)
    """Largest relative difference of the two rates."""


class Dates(Rule):
    """A day exists and lies where it can: in a window, before or after another, or is dated alike twice."""

    kind: Literal["dates"]
    date: OneDay
    not_before: OneDay | None = None
    not_after: OneDay | None = None
    before: OneDay | None = None
    same_as: OneDay | None = None


class Period(Rule):
    """Figures that are set against each other are of the same period."""

    kind: Literal["period"]
    figures: Several
    start: str = "period_start"
    end: str = "period_end"


class MeanSize(Rule):
    """People over events is a plausible mean."""

    kind: Literal["mean_size"]
    persons: One
    events: One
    at_least: float = 0
    at_most: float = Field(gt=0)


class SerialGaps(Rule):
    """Serial numbers run without a gap from the first to the last."""

    kind: Literal["serial_gaps"]
    serials: Several
    first: int = 1
    last: One | None = None
    """The last number there should be; the largest there is when nothing is said."""


class LikelyDuplicates(Rule):
    """No two records say the same in some columns, or nearly the same."""

    kind: Literal["likely_duplicates"]
    where: Expression
    columns: tuple[str, ...] = Field(min_length=1)
    label: str = "questionnaire_id"
    """Column by which the pairs are named."""
    similarity: float = Field(default=1, gt=0, le=1)
    """Smallest likeness of the first column's texts (difflib's ratio); the others must be equal."""


class Concentration(Rule):
    """No group has many times the share of a count that it has of the frame."""

    kind: Literal["concentration"]
    counts: Several
    frame: Several
    by: str = "region"
    """The column that pairs a count with its part of the frame."""
    at_most: float = Field(default=2, gt=0)
    """Largest ratio of the two shares."""


class Exhausted(Rule):
    """Outcomes leave something of the whole pending."""

    kind: Literal["exhausted"]
    whole: One
    outcomes: Several


class SameText(Rule):
    """Values of two populations are not one text used twice."""

    kind: Literal["same_text"]
    first: Several
    second: Several


class Coverage(Rule):
    """Every place has a record."""

    kind: Literal["coverage"]
    where: Expression
    of: str = "region"
    """Column of the place; composite places cover their parts."""
    positive: str | None = None
    """A record counts only where this column is above zero."""
    places: tuple[str, ...] = ()
    """The survey's regions when none is named."""


class MissingBase(Rule):
    """Every share says what it is a share of."""

    kind: Literal["missing_base"]
    shares: Several
    base: str = "denominator"


class Contradiction(Rule):
    """What one source denies, another does not count."""

    kind: Literal["contradiction"]
    none: One
    counted: One
    form: Literal["count", "statement"] = "count"
    """`statement`: 1 affirms, 0 denies."""
    alike: tuple[str, ...] = ()
    """Columns in which both must agree, or they are about different things and both can be true."""


class Exclusive(Rule):
    """Of statements that exclude each other, at most one is made."""

    kind: Literal["exclusive"]
    statements: Several


class Support(Rule):
    """What is claimed has figures to check it by."""

    kind: Literal["support"]
    claim: One
    figures: Several
    needed: int = Field(default=1, ge=1)


def _pattern(given: str) -> str:
    try:
        re.compile(given)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    return given


class TextDefects(Rule):
    """Texts hold none of the marks that conversion leaves behind."""

    kind: Literal["text_defects"]
    where: Expression
    of: str
    patterns: Mapping[str, Annotated[str, AfterValidator(_pattern)]] = Field(min_length=1)
    """Name of the defect to the regular expression that finds it."""


class EachGroup(Rule):
    """Every group of records has enough different values."""

    kind: Literal["each_group"]
    where: Expression
    groups: tuple[str, ...] = Field(min_length=1)
    """Columns that make a group."""
    of: str
    """Column whose different values are counted."""
    at_least: int = Field(ge=1)


Declared = (
    Sum | Equal | AtMost | Hundred | IntegerBase | OneRounding | Wording | Rivals | Overlap | Population | Growth
    | Exchange | Dates | Period | MeanSize | SerialGaps | LikelyDuplicates | Concentration | Exhausted | SameText
    | Coverage | MissingBase | Contradiction | Exclusive | Support | TextDefects | EachGroup
)  # fmt: skip
"""Every kind, told apart by its key `kind`."""
