"""Build CDA documents from JSON cases.

    case (JSON)  --check-->  faults, all at once
    case (JSON)  --build-->  document (UTF-8 XML)

The same case with the same ``unique_id`` always gives the same bytes.

Source: ANS CI-SIS, volets IMG-DA-IMG and IMG-CR-IMG 2024.01, TLM-DA and TLM-CR 2022.01; IHE ITI TF-3, XDS-SD.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment

from xds_adapter.cda.attaching import with_file
from xds_adapter.cda.case import check, complete
from xds_adapter.cda.fragments import FILTERS
from xds_adapter.cda.identifiers import entry_ids
from xds_adapter.cda.moments import french, ts_of_iso
from xds_adapter.cda.schema import load_schema
from xds_adapter.cda.templates import environment, without_blank_lines
from xds_adapter.errors import ConfigError
from xds_adapter.resources import data_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind:
    """A kind of document that can be built.

    Attributes:
        name: As commands and folders call it, e.g. ``imaging-report``.
        model: The CI-SIS model, e.g. ``IMG-CR-IMG``.
        model_version: e.g. ``2024.01``.
    """

    name: str
    title: str
    model: str
    model_version: str


KINDS: tuple[DocumentKind, ...] = (
    DocumentKind(name="imaging-request", title="Imaging request", model="IMG-DA-IMG", model_version="2024.01"),
    DocumentKind(name="imaging-report", title="Imaging report", model="IMG-CR-IMG", model_version="2024.01"),
    DocumentKind(name="imaging-report-pdf", title="Imaging report as a file", model="level 1", model_version="2024.01"),
    DocumentKind(name="telemedicine-request", title="Telemedicine request", model="TLM-DA", model_version="2022.01"),
    DocumentKind(name="telemedicine-report", title="Telemedicine report", model="TLM-CR", model_version="2022.01"),
)


@cache
def _environment() -> Environment:
    filters: dict[str, Any] = {"ts": ts_of_iso, "french": french}
    return environment(filters | FILTERS)


def folder_of(kind: str) -> str:
    """Return the folder of a kind's templates.

    Raises:
        ConfigError: There is no such kind.
    """
    names = [known.name for known in KINDS]
    if kind not in names:
        raise ConfigError(f"{kind!r} is not a kind of document; known: {', '.join(names)}")
    return kind


def build(kind: str, case: Mapping[str, object]) -> bytes:
    """Build a document from a case.

    Args:
        kind: A name of `KINDS`.
        case: Parsed JSON that follows `schema` of the kind. Without ``unique_id`` and ``set_id`` new OIDs are made.

    Returns:
        The document in UTF-8 with XML declaration.

    Raises:
        CaseInvalid: The case has faults; all of them, each with its JSON path.
        ConfigError: There is no such kind.
    """
    folder = folder_of(kind)
    check(folder, case)
    full = complete(folder, case)
    return without_blank_lines(rendering(folder, full)).encode()


def rendering(folder: str, full: Mapping[str, Any]) -> str:
    """Render the templates of a kind, with the blank lines that their statements leave.

    Args:
        folder: The kind's folder in ``cda_templates``.
        full: A case that `xds_adapter.cda.case.complete` has completed.
    """
    template = _environment().get_template(f"{folder}/document.xml.j2")
    return template.render(case=full, new_id=entry_ids(full["unique_id"]))


def attach(kind: str, case: Mapping[str, Any], name: str, content: bytes) -> dict[str, Any]:
    """Return a case that also holds a file: its body, or a further attached document.

    Raises:
        ConfigError: There is no such kind, the case has a body already, or documents take no such file.
    """
    return with_file(folder_of(kind), case, name, content)


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a kind's cases.

    Raises:
        ConfigError: There is no such kind.
    """
    return deepcopy(dict(load_schema(folder_of(kind))))


def example(kind: str, *, minimal: bool = False) -> dict[str, Any]:
    """Return a fictitious case of a kind.

    Args:
        kind: A name of `KINDS`.
        minimal: Only what the kind needs; otherwise nearly everything that it takes.

    Raises:
        ConfigError: There is no such kind.
    """
    name = "minimal.json" if minimal else "example.json"
    text = (data_folder("cda_templates") / folder_of(kind) / name).read_text(encoding="utf-8")
    return dict(json.loads(text))
