"""The rules of the built-in validator: one row each, from which findings and documentation are made."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass

from lxml.etree import iselement

from xds_adapter.cda.tree import line_of, xpath_of
from xds_adapter.model.cda_finding import CdaSeverity, Finding
from xds_adapter.xmlio import Element

__all__ = ["RULES", "CdaRule", "CdaSeverity", "Finding", "found"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CdaRule:
    """One rule.

    Attributes:
        rule: Its id, e.g. ``CDA-010``; never reused.
        source: The clause that asks for it.
        words: The message, with places for details in braces.
    """

    rule: str
    severity: CdaSeverity
    source: str
    words: str


_HEADER = "ANS CI-SIS Structuration minimale"
_LINKS = "HL7 CDA R2 4.3.5"


def _error(rule: str, source: str, words: str) -> CdaRule:
    return CdaRule(rule=rule, severity=CdaSeverity.ERROR, source=source, words=words)


def _warning(rule: str, source: str, words: str) -> CdaRule:
    return CdaRule(rule=rule, severity=CdaSeverity.WARNING, source=source, words=words)


_ROWS = (
    _error("CDA-001", "XML 1.0", "{reason}; send well-formed XML without a DTD"),
    _error("CDA-002", "HL7 CDA R2 4.1", "the root element is {name}; it must be ClinicalDocument of urn:hl7-org:v3"),
    _error("CDA-010", _HEADER, "{element} is missing; add it"),
    _error("CDA-011", _HEADER, "{element} occurs {count} times; keep at most {most}"),
    _error("CDA-012", "HL7 CDA R2 4.2.1.2", 'typeId must have root "{root}" and extension "{extension}"'),
    _error("CDA-013", _HEADER, 'realmCode is "{code}"; it must be FR'),
    _error("CDA-014", _HEADER, "templateId {root} ({name}) is missing; add it"),
    _error("CDA-015", _HEADER, 'versionNumber "{value}" is no whole number from 1 on'),
    _error("CDA-016", _HEADER, 'confidentialityCode "{code}" is not N, R or V; masking belongs in XDS metadata'),
    _error("CDA-017", _HEADER, "the first documentationOf is the main act; its {element} is missing, add it"),
    _error("CDA-018", _HEADER, "the performer's {element} is missing; XDS takes practiceSettingCode from it"),
    _warning("CDA-019", _HEADER, 'relatedDocument/@typeCode is "{code}"; only RPLC is used in France'),
    _error("CDA-020", "HL7 v3 data types R1, II", 'root "{root}" is neither an OID nor a UUID'),
    _error("CDA-021", _HEADER, "a patient identifier needs root and extension"),
    _error("CDA-022", _HEADER, "the patient is identified by INS, so {trait} must be given"),
    _warning("CDA-023", "ANS INS specification", "the INS {fault}"),
    _error("CDA-024", _HEADER, 'custodian id root "{root}" is not allowed; use {allowed}'),
    _error("CDA-025", _HEADER, 'a patient family name needs qualifier BR (birth) or CL (in use), not "{qualifier}"'),
    _error("CDA-030", "HL7 v3 data types R1, TS", '"{value}" {fault}'),
    _warning("CDA-031", _HEADER, '"{value}" has a time but no zone; add it, e.g. +0100'),
    _error("CDA-040", "HL7 v3 data types R1, CD", 'code "{code}" has no codeSystem; add it'),
    _warning("CDA-041", _HEADER, 'code "{code}" has no displayName; add it'),
    _error("CDA-042", "HL7 v3 data types R1, CD", "{element} says nothing; give a code or a nullFlavor"),
    _error("CDA-050", _LINKS, 'no element of the narrative has ID "{target}"; add it or correct the reference'),
    _error("CDA-051", _LINKS, '"{value}" is neither a fragment (#...) nor an absolute URI; is a # missing?'),
    _error("CDA-052", _LINKS, 'renderMultiMedia points to "{target}", which no element has as ID'),
    _error("CDA-053", "XML Schema, xs:ID", 'ID "{value}" is used before on line {line}; make it unique'),
    _error("CDA-054", "HL7 CDA R2 4.3.1", "id {root} names another act on line {line}; give every act its own"),
    _error("CDA-060", "HL7 v3 data types R1, ED", "the content is not base64: {fault}"),
    _error("CDA-061", "HL7 v3 data types R1, ED", "{fault}; correct mediaType"),
    _error("CDA-062", "HL7 CDA R2 4.3.1.1", 'nonXMLBody/text needs mediaType and representation "B64"'),
)
RULES: Mapping[str, CdaRule] = {row.rule: row for row in _ROWS}


@dataclass(frozen=True, slots=True)
class Flaw:
    """What a check saw: a rule, the element that breaks it, and what fills the places in the rule's words."""

    rule: str
    element: Element
    details: Mapping[str, object]


def found(rule: str, element: Element, /, **details: object) -> Flaw:
    """Say that an element breaks a rule."""
    return Flaw(rule, element, details)


def finding_of(flaw: Flaw, lines: array[int]) -> Finding:
    """Say where it is and what to do; `lines` as `read_tree` filled it."""
    row = RULES[flaw.rule]
    details = {name: line_of(value, lines) if iselement(value) else value for name, value in flaw.details.items()}
    return Finding(
        rule=row.rule,
        severity=row.severity,
        xpath=xpath_of(flaw.element),
        line=line_of(flaw.element, lines),
        message=row.words.format(**details),
    )
