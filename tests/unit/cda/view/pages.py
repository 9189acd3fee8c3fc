"""What the tests of the view share: a page and what is in it."""

from __future__ import annotations

from typing import Any

from lxml import html
from lxml.html import HtmlElement

from tests.hostile_cda import document, section
from xds_adapter.cda.build import example
from xds_adapter.cda.view.document import open_view
from xds_adapter.cda.view.page import render_html
from xds_adapter.cda.view.payloads import fill
from xds_adapter.cda.view.words import Lang


def page_of(content: bytes, lang: Lang | None = None) -> HtmlElement:
    """Render a document and read the page."""
    return html.document_fromstring(b"".join(render_html([content], lang=lang)).decode())


def narrative_of(text: str, *, entries: str = "") -> str:
    """Render one section and return the HTML of what it says."""
    with open_view([document(section(text, entries=entries))]) as view:
        return b"".join(fill(view.sections[0].html, view.sinks.payloads)).decode()


def texts(page: HtmlElement, path: str) -> list[str]:
    """Return the words of the elements at an XPath, blanks collapsed."""
    return [" ".join(element.text_content().split()) for element in page.xpath(path)]


def facts(page: HtmlElement, part: str) -> dict[str, list[str]]:
    """Return the facts of a part of the page, by label."""
    rows = page.xpath(f"//{part}//dl/div")
    return {row.findtext("dt"): [" ".join(dd.text_content().split()) for dd in row.findall("dd")] for row in rows}


def ordinary_case(kind: str) -> dict[str, Any]:
    """The example without what ordinary documents do not have: files, devices, remarks, key images."""
    case = example(kind)
    for rare in ("attached_documents", "medical_devices", "comment"):
        case["sections"].pop(rare, None)
    for act in case["sections"].get("imaging_acts", ()):
        act["dicom_catalogue"].pop("key_images", None)
    return case
