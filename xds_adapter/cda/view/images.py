"""Links to the images of an examination, so that they are one click away.

Source: ANS CI-SIS, volet IMG-CR-IMG, DICOM object catalogue; DICOM PS3.20.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.cda.view.links import safe_link, without_bidi
from xds_adapter.cda.view.sections import walk_sections
from xds_adapter.vocabulary.cda import DICOM_CATALOGUE_CODE
from xds_adapter.vocabulary.namespaces import CDA, qname
from xds_adapter.xmlio import Element

_MOST = 20
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class ImageLink:
    """The way to images.

    Attributes:
        href: What goes into the attribute, not escaped.
        host: The machine it leads to.
        name: What the narrative calls it; empty when it does not say, or at too great length.
    """

    href: str
    host: str
    name: str


def image_links(root: Element) -> tuple[ImageLink, ...]:
    """Return the web addresses of image viewers, each once, in the order of the document."""
    found: dict[str, ImageLink] = {}
    for address, name in _addresses(root):
        link = safe_link(address)
        if link is not None and link.host:
            found.setdefault(link.href, ImageLink(link.href, link.host, name))
    return tuple(found.values())[:_MOST]


def _addresses(root: Element) -> Iterator[tuple[str, str]]:
    """Yield the links of the catalogue's narrative with their words, then what entries refer to as DICOM."""
    for section, _ in walk_sections(root):
        code = first(section, "code")
        if code is not None and get(code, "code") == DICOM_CATALOGUE_CODE:
            for text in all_of(section, "text"):
                yield from ((get(link, "href"), _name(link)) for link in text.iter(qname(CDA, "linkHtml")))
    for observation in root.iter(qname(CDA, "observation")):
        for text in all_of(observation, "text"):
            if get(text, "mediaType") == "application/dicom":
                yield from ((get(reference, "value"), "") for reference in all_of(text, "reference"))


def _name(link: Element) -> str:
    name = without_bidi(" ".join("".join(str(part) for part in link.itertext()).split()))
    return name[:1].upper() + name[1:] if len(name) <= _LONGEST_NAME else ""
