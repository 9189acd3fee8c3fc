"""Say what is wrong with a CDA document, by rules built in: fast, without XSD or Schematron.

    document (XML, any size)  --validate-->  findings

The document is streamed: an embedded PDF of any size is decoded as it passes and never held. The rules are the
table `RULES`; the official rules of CI-SIS ask more of sections and entries.

Source: ANS CI-SIS, volet Structuration minimale; HL7 CDA R2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from xds_adapter.cda.checks import bodies, header, identifiers, narrative
from xds_adapter.cda.checks.rules import (
    RULES,
    CdaRule,
    CdaSeverity,
    Finding,
    Flaw,
    Language,
    finding_of,
    found,
    message_of,
)
from xds_adapter.cda.checks.template_rules import templates
from xds_adapter.cda.checks.walk import survey
from xds_adapter.cda.document import CdaDocument, read_document
from xds_adapter.cda.tree import Unreadable, name_of

__all__ = ["RULES", "CdaRule", "CdaSeverity", "Finding", "Language", "validate"]


def validate(
    document: bytes | Path | Iterable[bytes] | CdaDocument, *, language: Language = Language.EN
) -> tuple[Finding, ...]:
    """Check a document.

    Args:
        document: Its bytes, the path of its file, its bytes in pieces of any size, or what `read_document` gave.
        language: In which the findings speak.

    Returns:
        All findings in the order of the document; empty when nothing is wrong.

    Raises:
        OSError: The file cannot be read.
    """
    if not isinstance(document, CdaDocument):
        try:
            document = read_document(document)
        except Unreadable as error:
            return (_unreadable(error, language),)
    findings = [finding_of(flaw, document.lines, language) for flaw in _flaws(document)]
    return tuple(sorted(findings, key=lambda finding: (finding.line or 0, finding.rule)))


def _unreadable(error: Unreadable, language: Language) -> Finding:
    message = message_of("CDA-001", language, reason=error.reason)
    return Finding(rule="CDA-001", severity=CdaSeverity.ERROR, xpath="/", line=error.line, message=message)


def _flaws(document: CdaDocument) -> Iterator[Flaw]:
    root = document.root
    if name_of(root) != "ClinicalDocument":
        yield found("CDA-002", root, name=name_of(root))
        return
    seen = survey(root)
    yield from seen.flaws
    yield from header.fixed_values(root)
    yield from header.main_act(root)
    yield from identifiers.patient(root)
    yield from identifiers.custodian(root)
    yield from identifiers.unique_acts(seen)
    yield from narrative.links(seen)
    yield from templates(root, seen.templated)
    yield from bodies.bodies(document)
