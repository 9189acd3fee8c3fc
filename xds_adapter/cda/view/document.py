"""A CDA document as a plain value that a page shows.

    document (XML, any size)  --open_view-->  View

The reader is tolerant: a document of any kind, complete or not, has a view.

Source: HL7 CDA R2 sections 4.2 and 4.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from xds_adapter.cda.tree import first, get, name_of, read_tree
from xds_adapter.cda.view import facts
from xds_adapter.cda.view.images import ImageLink, image_links
from xds_adapter.cda.view.links import without_bidi
from xds_adapter.cda.view.media import Media, Sinks, index_media, media_of
from xds_adapter.cda.view.moments import moment
from xds_adapter.cda.view.people import display
from xds_adapter.cda.view.sections import TOP_LEVEL, Section, read_sections, title_text
from xds_adapter.cda.view.words import Lang, Words
from xds_adapter.errors import CdaInvalid
from xds_adapter.vocabulary.namespaces import CDA, qname
from xds_adapter.xmlio import Element


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a page shows of one document.

    Attributes:
        document_lang: BCP 47 tag of the document's own text; empty when it does not say.
        sections: All sections in the order of the document, sub-sections behind their section.
        body: The file that is the body of a level 1 document, or None.
        attachments: Files that no section shows at its place.
    """

    words: Words
    title: str
    kind: str
    date: str
    document_lang: str
    marks: tuple[facts.Mark, ...]
    patient: facts.PatientView
    summary: tuple[facts.Fact, ...]
    details: tuple[facts.Fact, ...]
    sections: tuple[Section, ...]
    images: tuple[ImageLink, ...]
    body: Media | None
    attachments: tuple[Media, ...]
    sinks: Sinks = field(repr=False)

    @property
    def lang(self) -> Lang:
        """The language of the page."""
        return self.words.lang

    @property
    def cards(self) -> tuple[tuple[Section, ...], ...]:
        """The sections of the top level, each with its sub-sections behind it."""
        cards: list[list[Section]] = []
        for section in self.sections:
            if section.level == TOP_LEVEL:
                cards.append([])
            cards[-1].append(section)
        return tuple(map(tuple, cards))

    @property
    def lead(self) -> tuple[Section, ...]:
        """The sections that are shown first: addenda and the conclusion, or what is requested."""
        return tuple(sorted((section for section in self.sections if section.lead), key=lambda lead: not lead.addendum))


@contextmanager
def open_view(chunks: Iterable[bytes], *, lang: Lang | None = None) -> Iterator[View]:
    """Read a document of any size; its files lie in temporary files until the context ends.

    Args:
        chunks: The document in pieces of any size.
        lang: Language of the page; None: that of the document when the page speaks it, otherwise French.

    Raises:
        Unreadable: Not well-formed, holds a DTD, or is larger than a document can be.
        CdaInvalid: The root element is not ClinicalDocument.
    """
    sinks = Sinks()
    try:
        root = read_tree(chunks, sink_for=sinks)
        if name_of(root) != "ClinicalDocument":
            raise CdaInvalid((f"/: the root element is {name_of(root)}, not ClinicalDocument of urn:hl7-org:v3",))
        yield _view(root, sinks, Words(lang or _language(root)))
    finally:
        sinks.close()


def _document_lang(root: Element) -> str:
    code = first(root, "languageCode")
    tag = get(code, "code") if code is not None else ""
    return tag if tag.replace("-", "").isalnum() and tag.isascii() and len(tag) <= 20 else ""


def _language(root: Element) -> Lang:
    return Lang.EN if _document_lang(root).lower().partition("-")[0] == Lang.EN else Lang.FR


def _view(root: Element, sinks: Sinks, words: Words) -> View:
    index = index_media(root, sinks, words)
    sections = read_sections(root, index, words)
    body = media_of(first(root, "component/nonXMLBody/text"), 1, sinks, words)
    if body is not None:
        body.shown = True
    kind = display(first(root, "code"))
    return View(
        words=words,
        title=title_text(first(root, "title")) or kind or words("body"),
        kind=kind,
        date=_date(root, words),
        document_lang=_document_lang(root),
        marks=tuple(
            facts.marks(root, words, urgent=_urgent(root), addendum=any(section.addendum for section in sections))
        ),
        patient=facts.patient(root, words),
        summary=facts.summary(root, words),
        details=facts.details(root, words),
        sections=sections,
        images=image_links(root),
        body=body,
        attachments=tuple(media for media in index.files if not media.shown),
        sinks=sinks,
    )


def _date(root: Element, words: Words) -> str:
    time = first(root, "effectiveTime")
    return without_bidi(moment(get(time, "value"), words)) if time is not None else ""


def _urgent(root: Element) -> bool:
    return any(get(priority, "code") == "UR" for priority in root.iter(qname(CDA, "priorityCode")))
