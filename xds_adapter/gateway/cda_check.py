"""The check of submitted CDA documents: what a repository is told to make of their findings.

    entry + content  --known kind?-->  rules built in, rule pack  -->  RegistryErrors

Of a document, the worst findings are told one by one and the rest is counted. What cannot be said of a document because
the rule pack cannot be run is an error or a warning too: nobody is told that a document was checked which was not.

Source: IHE ITI TF-3 Table 4.2.4.1-2 (InvalidDocumentContent: codeContext holds the uniqueId of the document).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xds_adapter.cda.recognise import is_french_format, is_known_kind
from xds_adapter.cda.validate import validate
from xds_adapter.errors import CheckUnavailable
from xds_adapter.model import DocumentContent, DocumentEntry, RegistryError, finding, label
from xds_adapter.model.cda_finding import CdaSeverity, Finding
from xds_adapter.schematron import RulePack
from xds_adapter.vocabulary.error_codes import XdsErrorCode
from xds_adapter.vocabulary.status import Severity

MOST_TOLD = 20
"""So many findings of a document are told one by one."""

_XML = ("text/xml", "application/xml")
_UNREADABLE = ("CDA-001", "CDA-002")


class CdaCheck:
    """Implements `xds_adapter.ports.DocumentCheck`.

    Args:
        refuses: An error of a document refuses the submission; otherwise everything is a warning.
        pack: The official rules, or None.
    """

    def __init__(self, *, refuses: bool, pack: RulePack | None = None) -> None:
        self._refuses = refuses
        self._pack = pack

    def check(self, entry: DocumentEntry, content: DocumentContent) -> tuple[RegistryError, ...]:
        """See `DocumentCheck`."""
        if not _is_concerned(entry, content):
            return ()
        findings = validate(content.chunks())
        failure: RegistryError | None = None
        if self._pack is not None and not any(each.rule in _UNREADABLE for each in findings):
            try:
                findings += self._pack.check(content.chunks())
            except CheckUnavailable as error:
                failure = self._unchecked(entry, error, findings)
        told = [self._told(entry, each) for each in _worst_first(findings)[:MOST_TOLD]]
        told += [] if failure is None else [failure]
        return (*told, *self._rest(entry, findings))

    def _told(self, entry: DocumentEntry, found: Finding) -> RegistryError:
        line = f"line {found.line}, " if found.line else ""
        where = f"{label(entry)}, {line}{found.xpath}"
        return RegistryError(
            code=XdsErrorCode.INVALID_DOCUMENT_CONTENT,
            code_context=f"{where}: {found.message} [{found.rule}]",
            severity=self._severity(found.severity),
            location=where,
            rule=found.rule,
            object_id=label(entry),
            attribute=found.xpath,
        )

    def _rest(self, entry: DocumentEntry, findings: Sequence[Finding]) -> Iterator[RegistryError]:
        rest = _worst_first(findings)[MOST_TOLD:]
        if rest:
            errors = sum(1 for each in rest if each.severity is CdaSeverity.ERROR)
            words = (
                f"has {errors} more errors and {len(rest) - errors} more warnings; `xds-adapter validate` tells them"
            )
            counted = finding("REPO-009", words, object_id=label(entry))
            severity = CdaSeverity.ERROR if errors else CdaSeverity.WARNING
            yield replace(counted, severity=self._severity(severity))

    def _unchecked(self, entry: DocumentEntry, error: CheckUnavailable, findings: Sequence[Finding]) -> RegistryError:
        """Say that the official rules were not run; only where nothing else decides does that refuse the document."""
        is_refused = any(each.severity is CdaSeverity.ERROR for each in findings)
        if is_refused or not self._refuses:
            words = f"was not checked by the official rules: {error}"
            return replace(finding("REPO-011", words, object_id=label(entry)), severity=Severity.WARNING)
        if error.again:
            words = f"could not be checked: {error}; nothing was stored, try again later"
            return finding("REPO-010", words, object_id=label(entry))
        words = f"cannot be checked: {error}; nothing was stored, and it cannot be taken as it is"
        return finding("REPO-011", words, object_id=label(entry))

    def _severity(self, severity: CdaSeverity) -> Severity:
        is_error = self._refuses and severity is CdaSeverity.ERROR
        return Severity.ERROR if is_error else Severity.WARNING


def _is_concerned(entry: DocumentEntry, content: DocumentContent) -> bool:
    if entry.mime_type not in _XML:
        return False
    format_code = entry.format_code
    if format_code is not None and is_french_format(format_code.code, format_code.scheme):
        return True
    return is_known_kind(content.chunks())


def _worst_first(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda each: each.severity is not CdaSeverity.ERROR)
