"""Say what is wrong with a CDA document, by rules built in: fast, without XSD or Schematron.

    document (XML, any size)  --validate-->  findings

The document is streamed: an embedded PDF of any size is decoded as it passes and never held. The rules are the
table `RULES`; the official rules of CI-SIS ask more of sections and entries.

Source: ANS CI-SIS, volet Structuration minimale; HL7 CDA R2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from xds_adapter.cda.checks import bodies, header, identifiers, narrative, values
from xds_adapter.cda.checks.rules import RULES, CdaRule, CdaSeverity, Finding, Flaw, finding_of, found
from xds_adapter.cda.document import CdaDocument, read_document
from xds_adapter.cda.tree import Unreadable, name_of
from xds_adapter.xmlio import Element

__all__ = ["RULES", "CdaRule", "CdaSeverity", "Finding", "validate"]

_CHECKS: tuple[Callable[[Element], Iterator[Flaw]], ...] = (
    header.cardinalities,
    header.fixed_values,
    header.main_act,
    identifiers.roots,
    identifiers.patient,
    identifiers.custodian,
    identifiers.unique_acts,
    values.times,
    values.codes,
    narrative.links,
)


def validate(document: bytes | Path | Iterable[bytes] | CdaDocument) -> tuple[Finding, ...]:
    """Check a document.

    Args:
        document: Its bytes, the path of its file, its bytes in pieces of any size, or what `read_document` gave.

    Returns:
        All findings in the order of the document; empty when nothing is wrong.

    Raises:
        OSError: The file cannot be read.
    """
    if not isinstance(document, CdaDocument):
        try:
            document = read_document(document)
        except Unreadable as error:
            return (_unreadable(error),)
    findings = [finding_of(flaw, document.lines) for flaw in _flaws(document)]
    return tuple(sorted(findings, key=lambda finding: (finding.line or 0, finding.rule)))


def _unreadable(error: Unreadable) -> Finding:
    row = RULES["CDA-001"]
    message = row.words.format(reason=error.reason)
    return Finding(rule=row.rule, severity=row.severity, xpath="/", line=error.line, message=message)


def _flaws(document: CdaDocument) -> Iterator[Flaw]:
    root = document.root
    if name_of(root) != "ClinicalDocument":
        yield found("CDA-002", root, name=name_of(root))
        return
    for check in _CHECKS:
        yield from check(root)
    yield from bodies.bodies(document)
