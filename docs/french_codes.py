"""Write the shipped code file of the French imaging profile; lists that are value sets are named, not copied.

Run: python docs/french_codes.py
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from xds_adapter.vocabulary import cda, ebrim

TARGET = Path(__file__).resolve().parent.parent / "xds_adapter" / "vocabulary" / "french-imaging.xml"
Row = tuple[str, str, str]
"""Code, coding scheme and display name."""

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- Codes of the French imaging profile (ANS CI-SIS), written by docs/french_codes.py. A line is a code and its display
     name; * admits every code of its coding scheme, where the list itself cannot be shipped; valueSet names a value set
     that the product ships (xds-adapter codes search). Folder codes and assigning authorities are left to the site. -->
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


# Of a code that stands in two sets the later display name counts.
_EVENT_SETS = (
    "JDV_CodesDocumentImagerie_CISIS",
    "JDV_Modalite_demandeActeImagerie_CISIS",
    "JDV_ModaliteAcquisition_CISIS",
    "JDV_LocalisationAnatomique_CISIS",
    "JDV_RegionAnatomique_CISIS",
)
_EVENTS: tuple[Row, ...] = (
    (cda.IMAGING_REQUEST_CODE, cda.LOINC, "Demande d'imagerie médicale"),
    *(("*", scheme, "") for scheme in (cda.CCAM, cda.NGAP, cda.CIM_10)),
)
"""Acts are of CCAM, NGAP and CIM-10, too, which have no list here."""

_LISTS: dict[str, tuple[Iterable[str], Iterable[Row]]] = {
    "classCode": ((), (*cda.CLASS_CODES.values(), *_OTHER_CLASSES)),
    "typeCode": (("JDV_J07_XdsTypeCode_CISIS",), ()),
    "formatCode": ((), (*cda.FORMAT_CODES.values(), *cda.LEVEL_1_FORMAT_CODES.values(), *_SIGNATURES, *_KOS)),
    "practiceSettingCode": (("JDV_J04_XdsPracticeSettingCode_CISIS",), ()),
    "healthcareFacilityTypeCode": (("JDV_J02_XdsHealthcareFacilityTypeCode_CISIS",), ()),
    "confidentialityCode": (("JDV_J08_XdsConfidentialityCode_CISIS",), ()),
    "eventCodeList": (_EVENT_SETS, _EVENTS),
    "contentTypeCode": ((), (*cda.CONTENT_TYPE_CODES.values(), ("*", cda.CONTENT_TYPE_CODE, ""))),
    "mimeType": ((), _MIME_TYPES),
}
"""The value sets and the further codes of each attribute."""


def _block(scheme: str, rows: Iterable[Row]) -> Iterator[str]:
    yield f"    <Codes codingScheme={quoteattr(scheme)}>" if scheme else "    <Codes>"
    for code, _, display in rows:
        yield escape(f"{code} {display}".rstrip())
    yield "    </Codes>"


def french_codes() -> str:
    """Write the code file."""
    schemes = {row.name: row.key for row in (*ebrim.DOCUMENT_ENTRY, *ebrim.SUBMISSION_SET)}
    lines = ["<Codes>"]
    for name, (value_sets, rows) in _LISTS.items():
        scheme = f" classScheme={quoteattr(schemes[name])}" if name != "mimeType" else ""
        lines.append(f"  <CodeType name={quoteattr(name)}{scheme}>")
        lines += (f"    <Codes valueSet={quoteattr(value_set)}/>" for value_set in value_sets)
        by_scheme: dict[str, dict[str, Row]] = {}
        for row in rows:
            by_scheme.setdefault(row[1], {}).setdefault(row[0], row)
        for coding_scheme, members in by_scheme.items():
            lines += _block(coding_scheme, members.values())
        lines.append("  </CodeType>")
    return _HEAD + "\n".join([*lines, "</Codes>\n"])


if __name__ == "__main__":
    TARGET.write_text(french_codes(), encoding="utf-8")
