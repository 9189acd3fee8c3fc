"""Rules and findings: a check names a rule and an element, and a finding says it in the reader's language."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lxml.etree import iselement

from xds_adapter.cda.checks.french import in_french
from xds_adapter.cda.checks.rule_table import ERRORS, WARNINGS
from xds_adapter.cda.tree import line_of, xpath_of
from xds_adapter.model.cda_finding import CdaSeverity, Finding
from xds_adapter.vocabulary.value_sets import ValueSet
from xds_adapter.xmlio import Element

__all__ = ["RULES", "CdaRule", "CdaSeverity", "Finding", "Flaw", "Language", "finding_of", "found", "message_of"]


class Language(StrEnum):
    """In which language findings speak."""

    EN = "en"
    FR = "fr"


@dataclass(frozen=True, slots=True, kw_only=True)
class CdaRule:
    """One rule.

    Attributes:
        rule: Its id, e.g. ``CDA-010``; never reused.
        source: The clause that asks for it.
        words: The message, with places for details in braces.
        words_fr: The same in French.
    """

    rule: str
    severity: CdaSeverity
    source: str
    words: str
    words_fr: str


RULES: Mapping[str, CdaRule] = {
    rule: CdaRule(rule=rule, severity=severity, source=source, words=words, words_fr=words_fr)
    for severity, rows in ((CdaSeverity.ERROR, ERRORS), (CdaSeverity.WARNING, WARNINGS))
    for rule, source, words, words_fr in sorted(rows)
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """What a check saw: a rule, the element that breaks it, and what fills the places in the rule's words."""

    rule: str
    element: Element
    details: Mapping[str, object]


def found(rule: str, element: Element, /, **details: object) -> Flaw:
    """Say that an element breaks a rule."""
    return Flaw(rule, element, details)


def finding_of(flaw: Flaw, lines: array[int], language: Language) -> Finding:
    """Say where it is and what to do.

    Args:
        flaw: What a check saw.
        lines: As `read_tree` filled it.
        language: Of the message.
    """
    row = RULES[flaw.rule]
    details = {name: _shown(value, lines, language) for name, value in flaw.details.items()}
    value_set = flaw.details.get("value_set")
    if isinstance(value_set, ValueSet):
        details["nearest"] = _nearest(value_set, str(flaw.details.get("code", "")), language)
    return Finding(
        rule=row.rule,
        severity=row.severity,
        xpath=xpath_of(flaw.element),
        line=line_of(flaw.element, lines),
        message=(row.words_fr if language is Language.FR else row.words).format(**details),
    )


def message_of(rule: str, language: Language, **details: str) -> str:
    """The words of a rule about a document that has no tree."""
    row = RULES[rule]
    return (row.words_fr if language is Language.FR else row.words).format(**details)


def _shown(value: object, lines: array[int], language: Language) -> object:
    if iselement(value):
        return line_of(value, lines)
    if isinstance(value, ValueSet):
        return value.name
    return in_french(value) if language is Language.FR and isinstance(value, str) else value


def _nearest(value_set: ValueSet, code: str, language: Language) -> str:
    same = value_set.find(code)
    member = same or value_set.nearest(code) or value_set.members[0]
    what = "the nearest is" if same is None else "the set has"
    if language is Language.FR:
        what = "le plus proche est" if same is None else "le jeu a"
    return f"{what} {member} ({member.system})"
