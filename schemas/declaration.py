"""A survey's declaration (`surveys/<id>/`), checked and typed. No rule of any one survey is written here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, Field, ValidationError, field_validator

from schemas import accepted_deliveries, comparability, corrections, declaration_faults, instrument, registry, waivers
from schemas.accepted_deliveries import AcceptedDelivery
from schemas.beside import Beside, refuse_sums
from schemas.comparability import Comparison
from schemas.corrections import Correction
from schemas.date_format import checked as checked_form
from schemas.declaration_part import Part
from schemas.delivery_checks import Limits
from schemas.delivery_checks import known as known_checks
from schemas.drift_policy import DriftPolicy
from schemas.editing_rules import EditingByCountry
from schemas.errors import DeclarationError
from schemas.figure_rules import FigureRules
from schemas.instrument import FOLDER, MODULES
from schemas.personal import PersonalColumn
from schemas.placeholders import Filled
from schemas.presentation import Report, Translation, bytes_for_intake
from schemas.rate_options import Rates
from schemas.read_yaml import read_yaml
from schemas.source_address import secret_in
from schemas.survey_folders import names, surveys_folder
from schemas.survey_table import no_population, numbers, read_table
from schemas.waivers import Waiver

if TYPE_CHECKING:
    import pandas as pd

    from schemas.reconciliation_kinds import Rule
    from schemas.region_names import RegionNames


RECONCILIATIONS = "reconciliations.yaml"
"""The survey's rules that set its figures against each other."""


class Source(Part):
    """One delivery: where its files are, how they are read, and what their columns and codes mean."""

    country: str
    path: str
    reader: Mapping[str, Any]
    columns: Mapping[str, str | None]
    """Instrument's column to header; null for one that the deliveries do not have and the instrument can do without."""
    ignore: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    missing: tuple[str, ...] = ("",)
    date_format: Annotated[str, AfterValidator(checked_form)] = "%Y-%m-%d"
    drift: DriftPolicy = DriftPolicy()
    """What happens to a delivery that differs from this declaration."""
    form_version: str | None = None
    """Header of the column that names the version of the form, which is no column of the instrument."""
    form_versions: tuple[str, ...] = ()
    """Versions that are known; with none, every version is."""

    @cached_property
    def headers(self) -> dict[str, str]:
        """Instrument's column to header, of those that the deliveries have."""
        return {name: header for name, header in self.columns.items() if header is not None}

    @cached_property
    def declared(self) -> frozenset[str]:
        """Every header that the declaration names."""
        named = (*self.headers.values(), *self.ignore, *self.personal)
        return frozenset((*named, *filter(None, (self.form_version,))))

    @field_validator("form_versions", mode="before")
    @classmethod
    def _versions_as_text(cls, given: object) -> object:
        """Take versions that YAML reads as numbers for what is written in the file."""
        return [str(one) for one in given] if isinstance(given, (list, tuple)) else given or ()

    credentials: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9-]*$")
    """Name of what opens the storage: environment variables, or a Prefect Secret block. Never the values."""
    settle_seconds: float = Field(default=0, ge=0)
    """A file that changed less than so long ago is left for the next run."""
    delivery_checks: Mapping[str, Limits] = Field(default_factory=dict)
    """Thresholds of this source for checks of `schemas/delivery_checks.yaml`; they go over the survey's."""

    _checks_exist = field_validator("delivery_checks")(known_checks)
    personal: Mapping[str, PersonalColumn] = Field(default_factory=dict)
    """Headers whose cells are dropped or replaced by pseudonyms before anything else sees them."""

    @field_validator("ignore", "missing", mode="before")
    @classmethod
    def _nothing_listed(cls, given: object) -> object:
        """Take a key whose last line was deleted for an empty list."""
        return () if given is None else given


class Fieldwork(Part):
    """First and last day on which an interview can have been held."""

    first_day: date
    last_day: date


class Acceptance(Part):
    """When a whole file is refused: the largest share of its rows that may be invalid."""

    largest_invalid_share: float = Field(gt=0, le=1)


class Plausibility(Part):
    """How far a number may move from one release to the next without a reason."""

    largest_change: float = Field(default=0.5, gt=0)
    """Relative to the number of the last release."""
    min_cases: float = Field(default=100, ge=0)
    """Other numbers than totals of nations are compared if they rest on as many cases in both releases."""


class Disclosure(Part):
    """Which cells are too small to publish, and how near an attacker may come to a hidden one."""

    enabled: bool = True
    min_families: int = Field(default=10, ge=1)
    """Fewest families that report a case; fewer, and the cell is hidden."""
    min_settlements: int = Field(default=3, ge=1)
    """Fewest settlements with such a family."""
    largest_share: float = Field(default=0.5, gt=0, le=1)
    """Largest share of the cases that one family may hold."""
    protection: float = Field(default=0.2, ge=0, le=1)
    """Share of a sensitive count, and never less than one case, that an attacker must be kept off."""
    min_units: int = Field(default=3, ge=1)
    """Of records: fewest units behind a count; fewer, and it is hidden."""
    protect: Literal["people", "organisations", "none"] = "people"
    """Of records: whom a count can tell something of; `none`: nobody, and nothing is hidden."""
    exempt_published: bool = True
    """Whether cells that the survey's own earlier publication printed are shown."""


class Declaration(Part):
    """Everything kinscale knows about one survey before it has read a single row."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    title: str
    instrument: str
    wave: str = Field(pattern=r"^[\w.-]+$")
    reference_period: str = Field(pattern=r"^\d{4}(-(\d\d(-\d\d)?|Q[1-4]|S[12]|T[1-3]|W\d\d))?$")
    """As SDMX writes periods: 2009, 2009-07, 2009-Q3."""
    countries: Mapping[str, str]
    """Countries of the survey, code to name, in the order in which they are shown."""
    fieldwork: Fieldwork
    acceptance: Acceptance
    editing: EditingByCountry | None = None
    rates: Rates = Rates(years=1, confidence=0.95)
    methods: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    reliability: Mapping[str, float] = Field(default_factory=dict)
    figures: FigureRules = FigureRules()
    """Of a register of published figures: what may be made of them, and what is set side by side."""
    freeze_date: date | None = None
    """First day on which numbers of this survey are final; provisional before it, and always without one."""
    plausibility: Plausibility = Plausibility()
    sensitivity: Mapping[str, Any] = Field(default_factory=dict)
    """Options of the table `sensitivity`; the estimator's own where nothing is said."""
    disclosure: Disclosure = Disclosure()
    notice: str = ""
    """What every reader of the numbers must know first; shown on every page and after every run."""
    publication: str = ""
    """The earlier publication whose numbers `published.csv` holds."""
    beside: Beside | None = None
    """A survey that counts partly the same people, so that the two are never added."""
    translations: Mapping[str, Translation] = Field(default_factory=dict)
    """By code of a language: the texts of the survey in it."""
    report: Report = Report()
    """What the report site of its releases includes."""
    sources: tuple[Source, ...]
    delivery_checks: Mapping[str, Limits] = Field(default_factory=dict)
    """Thresholds of the survey for checks that compare a delivery with the one before."""
    removed: Mapping[str, Filled] = Field(default_factory=dict)
    """Files that were taken back, as manifests name them, and why: their rows count no more."""
    folder: Path
    """The survey's folder; not a key of the file."""
    day: date
    """The day (UTC) by which waivers are judged; not a key of the file."""

    _checks_exist = field_validator("delivery_checks")(known_checks)

    @property
    def settings(self) -> dict[str, Any]:
        """What the estimators are told: shared rate options, methods with their own, reliability thresholds."""
        return {
            "rates": self.rates.model_dump(exclude_none=True),
            "methods": dict(self.methods),
            "reliability": dict(self.reliability),
            "sensitivity": dict(self.sensitivity),
            "disclosure": self.disclosure.model_dump(),
        }

    def translation(self, language: str) -> Translation:
        """Return the survey's texts in a language; empty ones where it has none."""
        return self.translations.get(language, Translation())

    @cached_property
    def regions(self) -> pd.DataFrame:
        """One row per region: country, region, names, aliases, surveyed."""
        return read_table(self.folder / "regions.csv")

    @cached_property
    def region_names(self) -> RegionNames:
        """Every spelling of the regions. Raises DeclarationError for one that two regions have."""
        from schemas.region_names import RegionNames

        return RegionNames(self.regions, str(self.folder / "regions.csv"))

    @cached_property
    def population(self) -> pd.DataFrame:
        """One row per nation (region empty) and region: population in thousand persons, date, source, grade."""
        path = self.folder / "population.csv"
        if not path.exists() and self.instrument not in MODULES:
            return no_population()
        frame = read_table(path)
        return frame.assign(population_thousands=numbers(frame["population_thousands"], path))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The list settlements were drawn from, in its order: country, region, district, settlement; families."""
        return read_table(self.folder / "frame.csv")

    @cached_property
    def published(self) -> pd.DataFrame | None:
        """Numbers somebody already published, or None when the survey has none. Read for comparison only."""
        path = self.folder / "published.csv"
        return read_table(path) if path.exists() else None

    @cached_property
    def quotas(self) -> pd.DataFrame | None:
        """Interviews that were planned: country, region (null for a nation), planned; None when none are declared."""
        path = self.folder / "quotas.csv"
        if not path.exists():
            return None
        frame = read_table(path)
        return frame.assign(planned=numbers(frame["planned"], path))

    @cached_property
    def corrections(self) -> tuple[Correction, ...]:
        """Reviewed edits of single cells."""
        columns = {
            country: frozenset(name for source in self.sources if source.country == country for name in source.headers)
            for country in self.countries
        }
        return corrections.read(self.folder, columns)

    @cached_property
    def waivers(self) -> tuple[Waiver, ...]:
        """Rows that may break a rule, as far as they hold on `day`."""
        return waivers.in_force(waivers.read(self.folder, list(self.countries)), self.day)

    @cached_property
    def accepted_deliveries(self) -> tuple[AcceptedDelivery, ...]:
        """Versions of files that somebody accepts in spite of a check."""
        return accepted_deliveries.read(self.folder, list(self.countries))

    @cached_property
    def reconciliations(self) -> tuple[Rule, ...]:
        """What is set against what among the figures: rules of the instrument's file, then the survey's own."""
        from schemas import reconciliation

        return reconciliation.read([FOLDER / f"{self.instrument}.yaml", self.folder / RECONCILIATIONS])

    @cached_property
    def intake_fingerprint(self) -> str:
        """SHA-256 over what every file's rows depend on: no entry about single rows or files, nor how it is shown."""
        reviewed = (corrections.NAME, waivers.NAME, accepted_deliveries.NAME, comparability.NAME, RECONCILIATIONS)
        compared = comparability.files(self.comparisons)
        rows = {name: path for name, path in self.files.items() if name not in reviewed and path not in compared}
        return fingerprint_of({name: bytes_for_intake(path) for name, path in rows.items()})

    @cached_property
    def amendments(self) -> str:
        """SHA-256 over the corrections and waivers in force; it moves when one is added, removed or expires."""
        entries = sorted(entry.model_dump_json() for entry in (*self.corrections, *self.waivers))
        return hashlib.sha256("\n".join(entries).encode()).hexdigest()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the declaration and the tables beside it: what a rerun with equal files depends on."""
        return fingerprint_of({name: path.read_bytes() for name, path in self.files.items()})

    @property
    def files(self) -> dict[str, Path]:
        """The declaration and the tables beside it, by name, in the order of their names.

        What it shares with other surveys is named with its folder: the registry if columns are coded by it, and what a
        survey printed that this one is compared with.
        """
        own = {path.name: path for kind in ("*.yaml", "*.csv") for path in self.folder.glob(kind)}
        shared = registry.files() if instrument.uses_registry(self.instrument) else []
        shared += comparability.files(self.comparisons)
        others = {f"{path.parent.name}/{path.name}": path for path in shared if path.exists()}
        return dict(sorted((own | others).items()))

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Pairs of numbers of this survey and of earlier ones."""
        return comparability.read(self.folder)

    @cached_property
    def classification(self) -> str:
        """SHA-256 over what decides into which category an answer falls: regions, columns, codes, what is missing."""
        keys = {"country", "path", "columns", "values", "missing"}
        sources = [
            source.model_dump(mode="json", include=keys | ({"drift"} if source.drift != DriftPolicy() else set()))
            for source in self.sources
        ]
        digest = hashlib.sha256(json.dumps(sources, ensure_ascii=False, sort_keys=True).encode())
        digest.update(b"\0" + (self.folder / "regions.csv").read_bytes())
        return digest.hexdigest()

    def is_final(self, day: date) -> bool:
        """Tell whether numbers of this survey are final on a day (UTC)."""
        return self.freeze_date is not None and day >= self.freeze_date


class FamilyDeclaration(Declaration):
    """The declaration of a survey of families, which cannot do without the keys that others have no use for."""

    editing: EditingByCountry
    rates: Rates
    methods: Mapping[str, Mapping[str, Any]]
    reliability: Mapping[str, float]


def fingerprint_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 over named files, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name] + b"\0")
    return digest.hexdigest()


def load(survey_id: str, day: date | None = None) -> Declaration:
    """Read and check `surveys/<survey_id>/survey.yaml`, with its corrections and waivers.

    day: by which waivers are judged (UTC); today when nothing is said.
    Raises DeclarationError naming the key that is wrong or not chosen yet, or the surveys that exist.
    """
    path = surveys_folder() / survey_id / "survey.yaml"
    if not path.exists():
        raise DeclarationError(
            f'there is no survey "{survey_id}".', file=str(path), expected="one of: " + ", ".join(names())
        )
    try:
        content = read_yaml(path)
    except yaml.YAMLError as error:
        raise declaration_faults.not_yaml(error, path) from error
    if not isinstance(content, dict):
        raise DeclarationError("there is no key in it.", file=str(path), expected="the keys of a survey, as `id: ...`")
    for unfinished in declaration_faults.unfinished(content, path):
        raise unfinished
    try:
        today = day or datetime.now(UTC).date()
        of_families = content.get("instrument") in MODULES or "instrument" not in content
        kind = FamilyDeclaration if of_families else Declaration
        declaration = kind.model_validate({**content, "folder": path.parent, "day": today})
    except ValidationError as error:
        raise declaration_faults.invalid(error, path)[0] from error
    if declaration.id != survey_id:
        raise DeclarationError(
            f'id is "{declaration.id}".', file=str(path), expected=f'the folder\'s name, "{survey_id}"'
        )
    for at, source in enumerate(declaration.sources):
        if held := secret_in(source.path):
            raise declaration_faults.holds_secret(held, source.path, path, at)
    if declaration.beside:
        declared = getattr(instrument.find(declaration.instrument), "indicators", ())
        refuse_sums(declaration.beside, [one.id for one in declared], path)
    # an entry that is wrong is named before anything is read
    _ = declaration.corrections, declaration.waivers, declaration.accepted_deliveries, declaration.comparisons
    if (path.parent / RECONCILIATIONS).exists():
        _ = declaration.reconciliations
    return declaration
