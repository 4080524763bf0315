"""The SDMX structure of a survey's estimates: code lists, concepts, data structure and dataflow, as SDMX-ML 3.0."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from exchange.areas import Area
from exchange.edition import Edition
from schemas.result_tables import Column, tables
from schemas.vocabulary import CodeList, code_list, content, title

TEMPLATES = Path(__file__).parent / "templates"
_TEXT_TYPES = {"text": "String", "integer": "Integer", "number": "Double"}


@dataclass(frozen=True)
class Component:
    """A dimension, measure or attribute: its identifier, its concept's name and meaning, and what values it has."""

    id: str
    name: str
    description: str
    code_list: str | None
    text_type: str
    mandatory: bool

    @property
    def upper(self) -> str:
        """Identifier of its code list."""
        return f"CL_{self.code_list}".upper()


def flow_id(survey_id: str) -> str:
    """Name the dataflow and the data structure of a survey."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", survey_id).upper()


def structure_id(survey_id: str) -> str:
    """Name the dataflow in full, as SDMX-CSV does: agency, identifier, version."""
    sdmx = content()["sdmx"]
    return f"{sdmx['agency']}:{flow_id(survey_id)}({sdmx['version']})"


def components(section: str) -> list[Component]:
    """List the components of a section of the vocabulary: dimensions, measure, attributes or dataset_attributes."""
    columns = {column.name: column for column in tables()["estimates"].columns}
    return [_component(name, columns[column]) for name, column in content()["sdmx"][section].items()]


def _component(name: str, column: Column) -> Component:
    return Component(
        id=name,
        name=title(column.name),
        description=column.description + (f" [{column.unit}]" if column.unit else ""),
        code_list=column.name if code_list(column.name) else None,
        text_type=_TEXT_TYPES[column.type],
        mandatory=not column.nullable,
    )


def coded_columns() -> list[str]:
    """Name the columns of estimates that have a code list in the structure."""
    sections = ("dimensions", "attributes")
    return [c.code_list for section in sections for c in components(section) if c.code_list]


def render(about: Edition, areas: Sequence[Area], lists: Mapping[str, CodeList]) -> str:
    """Return the structure message of a release. lists: a code list for each of `coded_columns`."""
    sdmx = content()["sdmx"]
    area, time = (
        Component(s["id"], s["title"], s["description"], None, "ObservationalTimePeriod", mandatory=True)
        for s in (sdmx["area"], sdmx["time"])
    )
    sections = {s: components(s) for s in ("dimensions", "measure", "attributes", "dataset_attributes")}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("sdmx_structure.xml.j2").render(
        agency=sdmx["agency"],
        version=sdmx["version"],
        concept_scheme=sdmx["concepts"],
        flow=flow_id(about.survey_id),
        name=about.title,
        notice=about.notice,
        prepared=about.moment,
        areas=areas,
        lists=lists,
        area=area,
        time=time,
        concepts=[area, time, *(c for section in sections.values() for c in section)],
        **sections,
    )
