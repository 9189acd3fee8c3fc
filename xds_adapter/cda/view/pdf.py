"""A document as PDF: the page as it is printed, or the PDF that a level 1 document holds.

The body of a level 1 document comes out byte for byte: it is what its author validated, and a copy put together
anew would be another document. Every other document is laid out from its page; its attached files are attached to the
PDF.

Source: ISO 14289-1 (PDF/UA-1).
"""

from __future__ import annotations

import binascii
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from xds_adapter.cda.view.document import View, open_view
from xds_adapter.cda.view.media import Media
from xds_adapter.cda.view.page import page_text
from xds_adapter.cda.view.payloads import fill
from xds_adapter.cda.view.words import Lang
from xds_adapter.errors import CdaInvalid, ConfigError

MAX_PAGE = 500_000
"""Characters of a page, its files apart, that are laid out."""
MAX_ELEMENTS = 10_000
"""Tags of a page that are laid out; each takes a millisecond or two, and an ordinary report has a few hundred."""
MAX_FILES = 100_000_000
"""Octets of attached files; they are held in memory while the PDF is written."""


def render_pdf(chunks: Iterable[bytes], *, lang: Lang | None = None) -> Iterator[bytes]:
    """Yield a document as PDF.

    Args:
        chunks: The document in pieces of any size.
        lang: As in `render_html`; a PDF that comes out unchanged has the language it has.

    Raises:
        Unreadable: Not well-formed, holds a DTD, or is larger than a document can be.
        CdaInvalid: The root element is not ClinicalDocument, or there is more to lay out than `MAX_PAGE`,
            `MAX_ELEMENTS` and `MAX_FILES` allow.
        ConfigError: The extra ``pdf`` or a library it needs is missing.
    """
    with open_view(chunks, lang=lang) as view:
        if view.body is not None and view.body.is_pdf and view.body.payload is not None:
            for piece in view.body.payload.pieces():
                yield binascii.a2b_base64(piece)
        else:
            yield _laid_out(view)


def _library() -> Any:
    try:
        import weasyprint  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise ConfigError("needs the extra \"pdf\": pip install 'xds-adapter[pdf]'") from error
    except OSError as error:
        raise ConfigError(
            f'the extra "pdf" needs Pango (on Debian: apt-get install libpangoft2-1.0-0): {error}'
        ) from error
    return weasyprint


def available() -> bool:
    """Tell whether documents can be laid out as PDF here."""
    try:
        _library()
    except ConfigError:
        return False
    return True


def _laid_out(view: View) -> bytes:
    weasyprint = _library()
    page = page_text(view, on_paper=True)
    files = [media for media in view.attachments if media.data_url and not media.is_image]
    if findings := tuple(_too_much(page, files)):
        raise CdaInvalid(findings)
    # It warns of each rule of the style that is for screens.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    attachments = [
        weasyprint.Attachment(string=media.payload.decoded(), name=media.file_name, description=media.file_name)
        for media in files
        if media.payload is not None
    ]
    html = b"".join(fill(page, view.sinks.payloads)).decode()
    document = weasyprint.HTML(string=html, url_fetcher=fetcher(weasyprint))
    return bytes(document.write_pdf(pdf_variant="pdf/ua-1", attachments=attachments))


def _too_much(page: str, files: list[Media]) -> Iterator[str]:
    """Say what is more than can be laid out in reasonable time and memory."""
    advice = "render it as HTML and print that"
    tags = page.count("<")
    if len(page) > MAX_PAGE:
        yield f"/: the page has {len(page)} characters; a PDF is made of {MAX_PAGE} at most: {advice}"
    if tags > MAX_ELEMENTS:
        yield f"/: the page has {tags} tags; a PDF is made of {MAX_ELEMENTS} at most: {advice}"
    if (size := sum(media.size for media in files)) > MAX_FILES:
        yield f"/: the attached files have {size} octets; a PDF holds {MAX_FILES} at most: {advice}"


def fetcher(weasyprint: Any) -> Any:
    """Make what loads the pictures of a page: from the page itself, never from anywhere else."""
    return weasyprint.urls.URLFetcher(allowed_protocols=("data",), allow_redirects=False)
