"""The sections of a structured body, in their order, with what is shown first marked.

Source: HL7 CDA R2 section 4.3.1; ANS CI-SIS, volets IMG-DA-IMG and IMG-CR-IMG.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.cda.view.media import MediaIndex
from xds_adapter.cda.view.narrative import Narrative
from xds_adapter.cda.view.people import all_words, display, person_name
from xds_adapter.cda.view.words import Words
from xds_adapter.vocabulary.cda import ADDENDUM_TEMPLATES, CONCLUSION_CODES, REQUESTED_ACTS_CODE
from xds_adapter.vocabulary.namespaces import CDA, qname
from xds_adapter.xmlio import Element

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,120}", re.ASCII)
TOP_LEVEL = 2
MAX_LEVEL = 6
"""The deepest heading of HTML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section without its sub-sections, which follow it.

    Attributes:
        anchor: The id of its place on the page.
        level: Of its heading, 2 to 6.
        html: What it says.
        note: What the page says when it says nothing, or nothing more.
        authors: Who wrote it, when that differs from the document.
        addendum: True for what was added to a finished report.
        lead: True when it is shown at the top of the page.
    """

    anchor: str
    title: str
    level: int
    html: Markup
    note: str
    authors: tuple[str, ...]
    addendum: bool
    lead: bool


def read_sections(root: Element, media: MediaIndex, words: Words) -> tuple[Section, ...]:
    """Return all sections of the body."""
    found = list(walk_sections(root))
    narrative = Narrative(media, words, _anchors(element for element, _ in found))
    return tuple(
        _section(element, level, number, narrative, words) for number, (element, level) in enumerate(found, start=1)
    )


def walk_sections(root: Element) -> Iterator[tuple[Element, int]]:
    """Yield sections with their levels, each before its sub-sections."""
    pending = [(section, TOP_LEVEL) for section in reversed(all_of(root, "component/structuredBody/component/section"))]
    while pending:
        section, level = pending.pop()
        yield section, level
        below = min(level + 1, MAX_LEVEL)
        pending.extend((child, below) for child in reversed(all_of(section, "component/section")))


def _anchors(sections: Iterable[Element]) -> frozenset[str]:
    """Collect the IDs to which links of a narrative may lead."""
    names = (
        name
        for section in sections
        for text in section.iterchildren(qname(CDA, "text"))
        for element in text.iterdescendants()
        if (name := element.get("ID")) and _ID.fullmatch(name)
    )
    return frozenset(names)


def _section(element: Element, level: int, number: int, narrative: Narrative, words: Words) -> Section:
    text = first(element, "text")
    html = narrative.write(text) if text is not None else Markup()
    addendum = _is_addendum(element)
    return Section(
        anchor=f"section-{number}",
        title=title_text(first(element, "title")) or display(first(element, "code")) or words("untitled"),
        level=level,
        html=html,
        note=_note(element, html, words),
        authors=tuple(filter(None, map(person_name, all_of(element, "author/assignedAuthor/assignedPerson/name")))),
        addendum=addendum,
        lead=addendum or _is_lead(element),
    )


def title_text(title: Element | None) -> str:
    """Return the words of a title, blanks collapsed; empty when there is none."""
    return all_words(title) if title is not None else ""


def _note(element: Element, html: Markup, words: Words) -> str:
    if html or first(element, "component") is not None:
        return ""
    return words("coded_only") if first(element, "entry") is not None else words("no_text")


def _is_lead(element: Element) -> bool:
    code = first(element, "code")
    return code is not None and get(code, "code") in {*CONCLUSION_CODES, REQUESTED_ACTS_CODE}


def _is_addendum(element: Element) -> bool:
    return any(get(template, "root") in ADDENDUM_TEMPLATES for template in all_of(element, "templateId"))
