"""A survey's declaration (`surveys/<id>/`), checked and typed. No rule of any one survey is written here."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from schemas import corrections, declaration_faults, waivers
from schemas.corrections import Correction
from schemas.errors import DeclarationError
from schemas.read_yaml import read_yaml
from schemas.spreadsheet_text import restored
from schemas.waivers import Waiver

if TYPE_CHECKING:
    import pandas as pd

CHECKOUT = Path(__file__).resolve().parent.parent


def surveys_folder() -> Path:
    """Where the declarations are: `KINSCALE_SURVEYS`, else `surveys/` in the checkout."""
    return Path(os.environ.get("KINSCALE_SURVEYS") or CHECKOUT / "surveys").resolve()


class _Part(BaseModel):
    """A part of a declaration: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Part):
    """One delivery: where its files are, how they are read, and what their columns and codes mean."""

    country: str
    path: str
    reader: Mapping[str, Any]
    columns: Mapping[str, str]
    ignore: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    missing: tuple[str, ...] = ("",)
    date_format: str = "%Y-%m-%d"

    @field_validator("ignore", "missing", mode="before")
    @classmethod
    def _nothing_listed(cls, given: object) -> object:
        """Take a key whose last line was deleted for an empty list."""
        return () if given is None else given


class RelativesAbove(_Part):
    """What happens to a questionnaire that reports more relatives than `limit` persons."""

    limit: int
    action: Literal["cap", "drop"]


class CasesAboveRelatives(_Part):
    """A questionnaire is dropped when its cases exceed `factor` times its relatives."""

    factor: float
    action: Literal["drop"] = "drop"


class Editing(_Part):
    """The editing rules of one country, in the order they are applied."""

    relatives_missing: Literal["drop"] = "drop"
    cases_above_relatives: CasesAboveRelatives
    relatives_above: RelativesAbove
    sex_total_mismatch: Literal["warn"] = "warn"


class EditingByCountry(_Part):
    """Editing rules: a default and the countries that differ."""

    default: Editing
    countries: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)

    def of(self, country: str) -> Editing:
        """Return the rules of one country: the default, with the country's own keys on top."""
        return Editing.model_validate({**self.default.model_dump(), **self.countries.get(country, {})})


class Fieldwork(_Part):
    """First and last day on which an interview can have been held."""

    first_day: date
    last_day: date


class Acceptance(_Part):
    """When a whole file is refused: the largest share of its rows that may be invalid."""

    largest_invalid_share: float = Field(gt=0, le=1)


class Plausibility(_Part):
    """How far a number may move from one release to the next without a reason."""

    largest_change: float = Field(default=0.5, gt=0)
    """Relative to the number of the last release."""
    min_cases: float = Field(default=100, ge=0)
    """Other numbers than totals of nations are compared if they rest on as many cases in both releases."""


class Rates(_Part):
    """What every method is told about the annual rate: the window's length, the confidence, countries that differ."""

    years: float = Field(gt=0)
    confidence: float = Field(gt=0, lt=1)
    countries: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    lonely_psu: Literal["fail", "remove", "adjust", "average", "collapse", "certainty"] = "fail"
    """What a stratum with one settlement stands for; `fail` stops the run until somebody chooses."""
    collapse: Mapping[str, str] = Field(default_factory=dict)
    """For the rule `collapse`: a stratum and the neighbour it is estimated with."""
    frame_psus: Mapping[str, float] = Field(default_factory=dict)
    """Settlements in the frame, by stratum, where known: the first-stage sampled share follows from them."""
    psu_selection: Literal["random", "systematic"] = "random"
    """How settlements were drawn; `systematic`: by equal steps from a list, whose order `frame.csv` holds."""
    second_stage: Literal["unknown", "known"] = "unknown"
    """Whether `frame.csv` says how many families live in each settlement that was drawn."""
    calibrate_nations: Literal["regions", "published"] = "regions"
    """What nations of the design methods add up to: the surveyed regions' populations, or the nation's own row."""
    earlier_years: float | None = Field(default=None, gt=0)
    """Assumed length of the window before, which the form leaves open; without it there is no trend."""
    earlier_years_grid: tuple[float, ...] = ()


class Disclosure(_Part):
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
    exempt_published: bool = True
    """Whether cells that the survey's own earlier publication printed are shown."""


class Declaration(_Part):
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
    editing: EditingByCountry
    rates: Rates
    methods: Mapping[str, Mapping[str, Any]]
    reliability: Mapping[str, float]
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
    sources: tuple[Source, ...]
    removed: Mapping[str, str] = Field(default_factory=dict)
    """Files that were taken back, as manifests name them, and why: their rows count no more."""
    folder: Path
    """The survey's folder; not a key of the file."""
    day: date
    """The day (UTC) by which waivers are judged; not a key of the file."""

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

    @cached_property
    def regions(self) -> pd.DataFrame:
        """One row per region: country, region, names, aliases, surveyed."""
        return read_table(self.folder / "regions.csv")

    @cached_property
    def population(self) -> pd.DataFrame:
        """One row per nation (region empty) and region: population in thousand persons, date, source, grade."""
        path = self.folder / "population.csv"
        frame = read_table(path)
        return frame.assign(population_thousands=_numbers(frame["population_thousands"], path))

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
        return frame.assign(planned=_numbers(frame["planned"], path))

    @cached_property
    def corrections(self) -> tuple[Correction, ...]:
        """Reviewed edits of single cells."""
        columns = {
            country: frozenset(name for source in self.sources if source.country == country for name in source.columns)
            for country in self.countries
        }
        return corrections.read(self.folder, columns)

    @cached_property
    def waivers(self) -> tuple[Waiver, ...]:
        """Rows that may break a rule, as far as they hold on `day`."""
        return waivers.in_force(waivers.read(self.folder, list(self.countries)), self.day)

    @cached_property
    def intake_fingerprint(self) -> str:
        """SHA-256 over what every file's rows depend on: all but the entries about single rows."""
        reviewed = (corrections.NAME, waivers.NAME)
        return fingerprint_of({path.name: path.read_bytes() for path in self.files if path.name not in reviewed})

    @cached_property
    def amendments(self) -> str:
        """SHA-256 over the corrections and waivers in force; it moves when one is added, removed or expires."""
        entries = sorted(entry.model_dump_json() for entry in (*self.corrections, *self.waivers))
        return hashlib.sha256("\n".join(entries).encode()).hexdigest()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the declaration and the tables beside it: what a rerun with equal files depends on."""
        return fingerprint_of({path.name: path.read_bytes() for path in self.files})

    @property
    def files(self) -> list[Path]:
        """The declaration and the tables beside it, in the order of their names."""
        return sorted([*self.folder.glob("*.yaml"), *self.folder.glob("*.csv")])

    @cached_property
    def classification(self) -> str:
        """SHA-256 over what decides into which category an answer falls: regions, columns, codes, what is missing."""
        sources = [
            source.model_dump(mode="json", include={"country", "path", "columns", "values", "missing"})
            for source in self.sources
        ]
        digest = hashlib.sha256(json.dumps(sources, ensure_ascii=False, sort_keys=True).encode())
        digest.update(b"\0" + (self.folder / "regions.csv").read_bytes())
        return digest.hexdigest()

    def is_final(self, day: date) -> bool:
        """Tell whether numbers of this survey are final on a day (UTC)."""
        return self.freeze_date is not None and day >= self.freeze_date


def fingerprint_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 over named files, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name] + b"\0")
    return digest.hexdigest()


def read_table(path: Path) -> pd.DataFrame:
    """Read one of the survey's own tables: text cells, empty cells missing.

    Raises DeclarationError when the file is not there, a row has the wrong number of cells, or one is not chosen yet.
    """
    import pandas as pd

    if not path.exists():
        raise DeclarationError(
            f"{path.name} is not there.", file=str(path), next_step="Every survey folder needs it; see docs/surveys.md."
        )
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [[restored(cell) for cell in row] for row in csv.reader(handle)]
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]):
            raise DeclarationError(
                f"the row has {len(row)} cells.",
                file=str(path),
                row=number,
                expected=f"{len(rows[0])} cells, as in the header",
            )
    for unfinished in declaration_faults.unfinished_cells(rows, path):
        raise unfinished
    frame = pd.DataFrame(rows[1:], columns=rows[0], dtype="str")
    return frame.mask(frame == "")


def _numbers(cells: pd.Series, path: Path) -> list[float]:
    """Read a column of numbers; an empty cell is missing. Raises DeclarationError with the row of anything else."""
    numbers = []
    for row, cell in enumerate(cells, start=2):
        try:
            numbers.append(float(cell))
        except ValueError as error:
            raise DeclarationError(
                f'"{cell}" is not a number.',
                file=str(path),
                row=row,
                column=str(cells.name),
                expected="thousand persons, like 757.768",
            ) from error
    return numbers


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
        raise DeclarationError(f"not valid YAML: {error}", file=str(path)) from error
    if not isinstance(content, dict):
        raise DeclarationError("there is no key in it.", file=str(path), expected="the keys of a survey, as `id: ...`")
    for unfinished in declaration_faults.unfinished(content, path):
        raise unfinished
    try:
        today = day or datetime.now(UTC).date()
        declaration = Declaration.model_validate({**content, "folder": path.parent, "day": today})
    except ValidationError as error:
        raise declaration_faults.invalid(error, path)[0] from error
    if declaration.id != survey_id:
        raise DeclarationError(
            f'id is "{declaration.id}".', file=str(path), expected=f'the folder\'s name, "{survey_id}"'
        )
    _ = declaration.corrections, declaration.waivers  # an entry that is wrong is named before anything is read
    return declaration


def names() -> list[str]:
    """List the surveys that are declared."""
    return sorted(path.parent.name for path in surveys_folder().glob("*/survey.yaml"))
