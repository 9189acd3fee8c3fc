"""Links to the images of an examination, so that they are one click away.

Source: ANS CI-SIS, volet IMG-CR-IMG, DICOM object catalogue; DICOM PS3.20.
"""

from __future__ import annotations

from collections.abc import Iterator

from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.cda.view.links import Link, safe_link
from xds_adapter.cda.view.sections import walk_sections
from xds_adapter.vocabulary.cda import DICOM_CATALOGUE_CODE
from xds_adapter.vocabulary.namespaces import CDA, qname
from xds_adapter.xmlio import Element

ImageLink = Link
_MOST = 20


def image_links(root: Element) -> tuple[ImageLink, ...]:
    """Return the web addresses of image viewers, each once, in the order of the document."""
    found = dict.fromkeys(link for address in _addresses(root) if (link := safe_link(address)) and link.host)
    return tuple(found)[:_MOST]


def _addresses(root: Element) -> Iterator[str]:
    """Yield the links of the catalogue's narrative, then what entries refer to as DICOM."""
    for section, _ in walk_sections(root):
        code = first(section, "code")
        if code is not None and get(code, "code") == DICOM_CATALOGUE_CODE:
            for text in all_of(section, "text"):
                yield from (get(link, "href") for link in text.iter(qname(CDA, "linkHtml")))
    for observation in root.iter(qname(CDA, "observation")):
        for text in all_of(observation, "text"):
            if get(text, "mediaType") == "application/dicom":
                yield from (get(reference, "value") for reference in all_of(text, "reference"))
