"""Say what is wrong with a CDA document, by rules built in: fast, without XSD or Schematron.

    document (XML, any size)  --validate-->  findings

The document is streamed: an embedded PDF of any size is decoded as it passes and never held. The rules are the
table `RULES`; the official rules of CI-SIS ask more of sections and entries.

Source: ANS CI-SIS, volet Structuration minimale; HL7 CDA R2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from xds_adapter.cda.base64body import Base64Body
from xds_adapter.cda.checks import bodies, header, identifiers, narrative, values
from xds_adapter.cda.checks.rules import RULES, CdaRule, CdaSeverity, Finding, found
from xds_adapter.cda.tree import Node, Unreadable, read_tree

__all__ = ["RULES", "CdaRule", "CdaSeverity", "Finding", "validate"]

_CHECKS: tuple[Callable[[Node], Iterator[Finding]], ...] = (
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
    bodies.bodies,
)
_PIECE = 256 * 1024


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def validate(document: bytes | Path | Iterable[bytes]) -> tuple[Finding, ...]:
    """Check a document.

    Args:
        document: Its bytes, the path of its file, or its bytes in pieces of any size.

    Returns:
        All findings in the order of the document; empty when nothing is wrong.

    Raises:
        OSError: The file cannot be read.
    """
    if isinstance(document, Path):
        document = _chunks(document)
    chunks = [document] if isinstance(document, bytes) else document
    try:
        root = read_tree(chunks, sink_for=lambda _: Base64Body())
    except Unreadable as error:
        row = RULES["CDA-001"]
        message = row.words.format(reason=error.reason)
        return (Finding(rule=row.rule, severity=row.severity, xpath="/", line=error.line, message=message),)
    if root.name != "ClinicalDocument":
        return (found("CDA-002", root, name=root.name),)
    findings = [finding for check in _CHECKS for finding in check(root)]
    return tuple(sorted(findings, key=lambda finding: (finding.line or 0, finding.rule)))
