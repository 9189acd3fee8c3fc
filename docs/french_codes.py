"""Write the shipped code file of the French imaging profile from the value sets (JDV) of the ANS.

Run: python docs/french_codes.py FOLDER, where FOLDER holds the `JDV_*.xml` files of the ANS's CDA test tool.

Codes are facts; display names are written where their owner lets them be passed on: those of SNOMED CT are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from xds_adapter import xmlio
from xds_adapter.vocabulary import cda, ebrim

TARGET = Path(__file__).resolve().parent.parent / "xds_adapter" / "vocabulary" / "french-imaging.xml"
Row = tuple[str, str, str]
"""Code, coding scheme and display name."""

_SVS = "urn:ihe:iti:svs:2008"
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- Codes of the French imaging profile (ANS CI-SIS), written by docs/french_codes.py. A line is a code and its display
     name; * admits every code of its coding scheme, where the list itself cannot be shipped. Folder codes and assigning
     authorities are left to the site. This material contains content from LOINC (http://loinc.org), copyright
     Regenstrief Institute, Inc., available at no cost under the licence at http://loinc.org/license. Codes of SNOMED CT
     (SNOMED International) stand without display names. -->
"""
_SIGNATURES = (
    ("urn:ihe:iti:dsg:detached:2014", cda.FORMAT_CODE_IHE, "Signature détachée"),
    ("urn:ihe:iti:dsg:enveloping:2014", cda.FORMAT_CODE_IHE, "Signature enveloppante"),
)
_KOS = (("1.2.840.10008.5.1.4.1.1.88.59", cda.DCMUID, "Key Object Selection Document"),)
_OTHER_CLASSES: tuple[Row, ...] = (
    ("11", cda.CLASS_CODE, "Synthèse"),
    ("31", cda.CLASS_CODE, "Imagerie médicale"),
    *((code, cda.CLASS_CODE, "") for code in ("43", "44", "45", "52", "60", "90", "95", "99")),
)
_MIME_TYPES = (("text/xml", "", ""), ("application/xslt+xml", "", ""), ("application/dicom", "", ""))


def _concepts(folder: Path, *names: str) -> Iterator[Row]:
    for name in names:
        (path,) = folder.glob(f"JDV_{name}_CISIS.xml")
        for concept in xmlio.parse(path.read_bytes()).iter(f"{{{_SVS}}}Concept"):
            display = " ".join(concept.get("displayName", "").split())
            yield concept.get("code", ""), concept.get("codeSystem", ""), display


def _events(folder: Path) -> Iterator[Row]:
    """Acts, modalities and regions; acts are of CCAM, NGAP and CIM-10, too, which have no list here."""
    yield cda.IMAGING_REQUEST_CODE, cda.LOINC, "Demande d'imagerie médicale"
    names = ("CodesDocumentImagerie", "ModaliteAcquisition", "Modalite_demandeActeImagerie")
    yield from _concepts(folder, *names, "RegionAnatomique", "LocalisationAnatomique")
    for scheme in (cda.CCAM, cda.NGAP, cda.CIM_10):
        yield "*", scheme, ""


def _lists(folder: Path) -> Iterator[tuple[str, Iterable[Row]]]:
    yield "classCode", (*cda.CLASS_CODES.values(), *_OTHER_CLASSES)
    yield "typeCode", _concepts(folder, "J07_XdsTypeCode")
    yield "formatCode", (*cda.FORMAT_CODES.values(), *cda.LEVEL_1_FORMAT_CODES.values(), *_SIGNATURES, *_KOS)
    yield "practiceSettingCode", _concepts(folder, "J04_XdsPracticeSettingCode")
    yield "healthcareFacilityTypeCode", _concepts(folder, "J02_XdsHealthcareFacilityTypeCode")
    yield "confidentialityCode", _concepts(folder, "J08_XdsConfidentialityCode")
    yield "eventCodeList", _events(folder)
    yield "contentTypeCode", (*cda.CONTENT_TYPE_CODES.values(), ("*", cda.CONTENT_TYPE_CODE, ""))
    yield "mimeType", _MIME_TYPES


def _block(scheme: str, rows: Iterable[Row]) -> Iterator[str]:
    yield f"    <Codes codingScheme={quoteattr(scheme)}>" if scheme else "    <Codes>"
    for code, _, display in rows:
        shown = "" if scheme == cda.SNOMED_CT else display
        yield escape(f"{code} {shown}".rstrip())
    yield "    </Codes>"


def french_codes(folder: Path) -> str:
    """Write the code file.

    Args:
        folder: Holds the value sets of the ANS, `JDV_*.xml`.
    """
    schemes = {row.name: row.key for row in (*ebrim.DOCUMENT_ENTRY, *ebrim.SUBMISSION_SET)}
    lines = ["<Codes>"]
    for name, rows in _lists(folder):
        scheme = f" classScheme={quoteattr(schemes[name])}" if name != "mimeType" else ""
        lines.append(f"  <CodeType name={quoteattr(name)}{scheme}>")
        by_scheme: dict[str, dict[str, Row]] = {}
        for row in rows:
            by_scheme.setdefault(row[1], {}).setdefault(row[0], row)
        for coding_scheme, members in by_scheme.items():
            lines += _block(coding_scheme, members.values())
        lines.append("  </CodeType>")
    return _HEAD + "\n".join([*lines, "</Codes>\n"])


if __name__ == "__main__":
    TARGET.write_text(french_codes(Path(sys.argv[1])), encoding="utf-8")
