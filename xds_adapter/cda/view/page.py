"""A view written as one self-contained HTML page.

Three walls stand between a document and the reader's browser: the narrative is mapped element by element, the
template escapes every value, and the policy in the page forbids scripts, requests and frames whatever came through.

Source: W3C Content Security Policy Level 3; WCAG 2.2 level AA.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from xds_adapter.cda.view.document import View, open_view
from xds_adapter.cda.view.links import without_bidi
from xds_adapter.cda.view.media import size_text
from xds_adapter.cda.view.payloads import fill
from xds_adapter.cda.view.words import Lang
from xds_adapter.resources import data_folder


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(data_folder("cda_templates") / "view"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(size_text=size_text, without_bidi=without_bidi)
    return environment


@cache
def _style() -> str:
    return (data_folder("cda_templates") / "view" / "style.css").read_text(encoding="utf-8")


def policy(view: View) -> str:
    """Return the Content-Security-Policy of a page: nothing but our style, pictures and the PDF inside it."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    rules = ["default-src 'none'", f"style-src 'sha256-{digest}'", "img-src data:"]
    if view.body is not None and view.body.embeddable:
        # Browsers show a PDF by a viewer of their own, which counts as a frame.
        rules += ["object-src data:", "frame-src data:"]
    return "; ".join((*rules, "base-uri 'none'", "form-action 'none'"))


def page_text(view: View, *, on_paper: bool = False) -> str:
    """Return the page with a mark in the place of each file; on paper, files are named and not held."""
    template = _environment().get_template("page.html.j2")
    # The style is ours and holds no markup; escaped, its hash would differ.
    style = Markup(_style())  # noqa: S704
    return template.render(view=view, words=view.words, policy=policy(view), style=style, on_paper=on_paper)


def html(view: View) -> Iterator[bytes]:
    """Yield the page in UTF-8; files pass through in pieces, so that their size costs no memory."""
    return fill(page_text(view), view.sinks.payloads)


def render_html(chunks: Iterable[bytes], *, lang: Lang | None = None) -> Iterator[bytes]:
    """Yield the page of a document.

    Args:
        chunks: The document in pieces of any size.
        lang: Language of the page; None: that of the document when the page speaks it, otherwise French.

    Raises:
        Unreadable: Not well-formed, holds a DTD, or is larger than a document can be; before the first piece.
        CdaInvalid: The root element is not ClinicalDocument; before the first piece.
    """
    with open_view(chunks, lang=lang) as view:
        yield from html(view)
