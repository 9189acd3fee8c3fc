"""The files of a document and whether each may be shown, offered or neither.

Source: HL7 CDA R2 section 4.3.6.4 (observationMedia), 4.3.6.9 (regionOfInterest); HL7 v3 data types R1, ED.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from xds_adapter.cda.tree import first, get
from xds_adapter.cda.view.links import Link, safe_link
from xds_adapter.cda.view.payloads import EXTENSIONS, IMAGES, PDF, TEXT, Payload, Store
from xds_adapter.cda.view.words import Lang, Words
from xds_adapter.vocabulary.namespaces import CDA, qname
from xds_adapter.xmlio import Element

EMBEDDABLE_PDF = 1_500_000
"""Octets of a PDF that browsers still show from a data: URL; Chromium stops at 2 MiB of URL."""
SHOWN_TEXT = 1_000_000
"""Octets of a plain text that are put on the page."""


@dataclass(slots=True, kw_only=True)
class Media:
    """A file of the document.

    Attributes:
        number: Its place among the files of the document, from 1.
        media_type: As declared, in lower case, without parameters.
        refusal: Why it is not shown, in words for the reader; None when it may be.
        text: What a plain text file says, or None.
        elsewhere: Where the content is kept when the document only refers to it.
        shown: True once the page has shown it at a place of its own.
    """

    number: int
    media_type: str
    payload: Payload | None = None
    refusal: str | None = None
    text: str | None = None
    elsewhere: Link | None = None
    shown: bool = False

    @property
    def is_image(self) -> bool:
        """True when the page may hold it as a picture."""
        return self.refusal is None and self.payload is not None and self.media_type in IMAGES

    @property
    def is_pdf(self) -> bool:
        """True when it may be offered as a PDF."""
        return self.refusal is None and self.payload is not None and self.media_type == PDF

    @property
    def embeddable(self) -> bool:
        """True for a PDF that a browser can show inside the page."""
        return self.is_pdf and self.size <= EMBEDDABLE_PDF

    @property
    def size(self) -> int:
        """Octets."""
        return self.payload.body.size if self.payload else len((self.text or "").encode())

    @property
    def kind(self) -> str:
        """What it is, in the letters of its usual file name."""
        return EXTENSIONS.get(self.media_type, "").upper()

    @property
    def data_url(self) -> str | None:
        """The address that holds the content itself; None when it may not be offered."""
        if self.refusal is not None or self.payload is None:
            return None
        return f"data:{self.media_type};base64,{self.payload.mark}"

    @property
    def file_name(self) -> str:
        """A name to save it under; nothing of the document is in it."""
        return f"document-{self.number}.{EXTENSIONS.get(self.media_type, 'bin')}"

    @property
    def anchor(self) -> str:
        """The id of its place on the page."""
        return f"file-{self.number}"


def size_text(size: int, lang: Lang) -> str:
    """Write a size for a reader."""
    units = ("o", "ko", "Mo") if lang is Lang.FR else ("bytes", "kB", "MB")
    if size < 1000:
        return f"{size} {units[0]}"
    if size < 1_000_000:
        return f"{round(size / 1000)} {units[1]}"
    number = f"{size / 1_000_000:.1f}"
    return f"{number.replace('.', ',') if lang is Lang.FR else number} {units[2]}"


@dataclass(slots=True)
class MediaIndex:
    """The files of a document by the ID under which the narrative calls them."""

    files: list[Media] = field(default_factory=list)
    by_id: dict[str, Media] = field(default_factory=dict)

    def resolve(self, references: str) -> Iterator[Media | None]:
        """Yield the file of each ID of an IDREFS value; None for an ID that names no file."""
        for reference in references.split():
            yield self.by_id.get(reference)


@dataclass(slots=True)
class Sinks:
    """The payloads of a document, in its order, with the elements they came from."""

    payloads: list[Payload] = field(default_factory=list)
    by_element: dict[Element, Payload] = field(default_factory=dict)
    store: Store = field(default_factory=Store)

    def __call__(self, element: Element) -> Payload:
        """Make the payload of an element; the element is kept, so that it stays the same object."""
        payload = Payload(len(self.payloads), self.store)
        self.payloads.append(payload)
        self.by_element[element] = payload
        return payload

    def close(self) -> None:
        """Forget all content."""
        self.store.close()


def media_of(element: Element | None, number: int, sinks: Sinks, words: Words) -> Media | None:
    """Judge an ED element: the value of an observationMedia or the text of a body; None when there is none."""
    if element is None:
        return None
    media_type = get(element, "mediaType").lower().partition(";")[0].strip() or TEXT
    media = Media(number=number, media_type=media_type, payload=sinks.by_element.get(element))
    if media.payload is not None:
        media.payload.body.close()
        media.refusal = _refusal(element, media, words)
        _read_text(media)
        return media
    reference = first(element, "reference")
    if reference is not None:
        media.elsewhere = safe_link(get(reference, "value"))
        media.refusal = words("elsewhere")
    elif media_type == TEXT:
        media.text = element.text or ""
    else:
        media.refusal = words("refused_type", media_type=_printable(media_type))
    return media


def _printable(media_type: str) -> str:
    return "".join(char for char in media_type if char.isprintable())[:60]


def _refusal(element: Element, media: Media, words: Words) -> str | None:
    """Say why the content of a base64 element is not shown, or None."""
    payload = media.payload
    if payload is None:  # pragma: no cover - asked for elements with a payload only
        return None
    compression = get(element, "compression")
    if compression:
        return words("refused_compressed", compression=_printable(compression))
    if media.media_type not in EXTENSIONS:
        return words("refused_type", media_type=_printable(media.media_type))
    if payload.body.fault is not None:
        return words("refused_base64")
    if payload.body.media_type_fault(media.media_type):
        return words("refused_content", media_type=media.media_type)
    return None


def _read_text(media: Media) -> None:
    if media.refusal is None and media.payload and media.media_type == TEXT and media.size <= SHOWN_TEXT:
        text = media.payload.decoded().decode("utf-8", "replace")
        # Control characters mean nothing to a reader, and one of them marks the places of files on the page.
        media.text = "".join(char for char in text if char.isprintable() or char in "\n\t")


def index_media(root: Element, sinks: Sinks, words: Words) -> MediaIndex:
    """Number the files of the body and note the IDs of observationMedia and of the regions of interest on them."""
    index = MediaIndex()
    by_element: dict[Element, Media] = {}
    for element in root.iter(qname(CDA, "observationMedia")):
        media = media_of(first(element, "value"), len(index.files) + 1, sinks, words)
        if media is not None:
            index.files.append(media)
            by_element[element] = media
            index.by_id.setdefault(element.get("ID", ""), media)
    for region in root.iter(qname(CDA, "regionOfInterest")):
        inner = next(region.iter(qname(CDA, "observationMedia")), None)
        if inner is not None and inner in by_element:
            index.by_id.setdefault(region.get("ID", ""), by_element[inner])
    return index
