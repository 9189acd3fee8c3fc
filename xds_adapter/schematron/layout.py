"""Where the files of a rule pack lie, and which of them concern a document.

A pack is a folder laid out as the ANS publishes its rules::

    infrastructure/cda/CDA_extended.xsd         layer xsd      the XML schema of CDA with the extensions in use
    schematrons/profils/structurationMinimale/  layer header   what all French documents have in common
    schematrons/CI-SIS_<model>_<version>.sch    layer model    the rules of one document model
    schematrons/profils/                        layers body, ans, ihe: models of sections and entries
    schematrons/profils/terminologies/          layer terms    codes and units

Source: ANS, layout of the published test of contents (TestContenuCDA); CI-SIS, templateId of each model.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from xds_adapter.schematron.source import find_file
from xds_adapter.vocabulary.cda import IMG_CR_IMG, IMG_DA_IMG, LEVEL_1, TELEMEDICINE_REPORT_CODE, TLM_DA
from xds_adapter.vocabulary.namespaces import CDA
from xds_adapter.xmlio import Element

XSD_FILE = "infrastructure/cda/CDA_extended.xsd"
PROFILES = {
    "header": "schematrons/profils/structurationMinimale/ASIP-STRUCT-MIN-StrucMin.sch",
    "body": "schematrons/profils/CI-SIS_ModelesDeContenusCDA.sch",
    "ans": "schematrons/profils/CI-SIS_Modeles_ANS.sch",
    "ihe": "schematrons/profils/IHE.sch",
    "terms": "schematrons/profils/terminologies/schematron/terminologie.sch",
}
"""The profiles by layer; `header` comes before the rules of the document model, the others after them."""

_MODELS = {IMG_DA_IMG: "IMG-DA-IMG", IMG_CR_IMG: "IMG-CR-IMG", TLM_DA: "TLM-DA"}
_TELEMEDICINE_REPORT = "TLM-CR"


@dataclass(frozen=True, slots=True)
class Model:
    """A document model: its name in the names of files, and the version that a document claims, or empty."""

    name: str
    version: str = ""


def _cda(name: str) -> str:
    return f"{{{CDA}}}{name}"


def model_of(document: Element) -> Model | None:
    """Say which document model a document follows; None when no rules of a model concern it.

    The rules of a model speak of sections, so a document whose body is a file (level 1) has none, except the
    telemedicine report, which is of level 1 by its model.
    """
    templates = {each.get("root") or "": each.get("extension") or "" for each in document.findall(_cda("templateId"))}
    is_level_1 = document.find(f"{_cda('component')}/{_cda('nonXMLBody')}") is not None
    for root, name in _MODELS.items():
        if root in templates:
            return None if is_level_1 else Model(name, templates[root])
    code = document.find(_cda("code"))
    if LEVEL_1 in templates and code is not None and code.get("code") == TELEMEDICINE_REPORT_CODE:
        return Model(_TELEMEDICINE_REPORT)
    return None


def model_file(folder: Path, model: Model) -> Path | None:
    """Find the rules of a model: of the version claimed, or else the newest of the pack; None when it has none."""
    found = sorted((folder / "schematrons").glob(f"CI-SIS_{model.name}_*.sch"))
    claimed = (each for each in found if each.stem.endswith(f"_{model.version}"))
    return next(claimed, found[-1] if found else None)


def missing_files(folder: Path, needed: Iterable[str] = (XSD_FILE, *PROFILES.values())) -> tuple[str, ...]:
    """Name the files that a pack must have and that this folder lacks."""
    return tuple(name for name in needed if find_file(folder / name) is None)
