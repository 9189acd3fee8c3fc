"""Attached files, and the body of a document that is nothing else.

Source: ANS CI-SIS, section FR-Documents-ajoutes (1.2.250.1.213.1.1.2.37), entry FR-Document-attache
(1.2.250.1.213.1.1.3.18); IHE ITI TF-3 5.4 (scanned documents).
"""

from __future__ import annotations

from xds_adapter.cda.parsing.clinical import open_observation
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.parsing.sections import beside_entries, entries, open_entry, open_section
from xds_adapter.cda.parsing.times import start
from xds_adapter.cda.parsing.values import code
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.xmlio import Element


def attached_documents(reader: Reader, section: Element) -> list[Case]:
    """Return the files of the section."""
    open_section(reader, section, "Documents joints")
    found = [_document(reader, organizer) for organizer in entries(section, "organizer")]
    beside_entries(reader, section, [{**one, "content": ""} for one in found])
    return found


def _document(reader: Reader, organizer: Element) -> Case:
    open_entry(reader, organizer)
    reader.constant(organizer, "code", "55107-7")
    reader.all(organizer, "component")
    title, found = "", {}
    for observation in all_of(organizer, "component/observation")[:1]:
        open_observation(reader, observation)
        title = " ".join(reader.linked(observation, labelled=False).split("\n"))
        value = first(observation, "value")
        found = present(code=code(reader, value), effective_time=start(reader, first(observation, "effectiveTime")))
        if value is not None:
            title = title or " ".join(reader.linked(value, "originalText", labelled=False).split("\n"))
            reader.see_all(first(value, "originalText"))
    for media in all_of(organizer, "component/observationMedia")[:1]:
        reader.see(media)
        content = reader.first(media, "value")
        if content is not None:
            found |= file(reader, content)
    return present(title=title) | found


def pdf_copy(reader: Reader, section: Element) -> Case:
    """Return the PDF that shows the whole document; its title is the document's."""
    open_section(reader, section, "Copie du document")
    found = [_document(reader, organizer) for organizer in entries(section, "organizer")[:1]]
    if not found or "content" not in found[0]:
        return {}
    if (media_type := found[0].get("media_type")) != "application/pdf":
        reader.lost(section, f"a copy is an application/pdf, not {media_type!r}")
    return {"content": found[0]["content"]}


def file(reader: Reader, element: Element) -> Case:
    """Return an embedded file: media type and base64 text."""
    reader.see(element)
    if get(element, "compression"):
        reader.lost(element, f"the file is compressed ({get(element, 'compression')}); the case form cannot say so")
    return present(media_type=get(element, "mediaType"), content=reader.binary(element))


def unstructured_body(reader: Reader) -> Case | None:
    """Return the file that is the whole body of a level 1 document."""
    for path in ("component", "component/nonXMLBody"):
        reader.first(reader.root, path)
    element = first(reader.root, "component/nonXMLBody/text")
    return None if element is None else file(reader, element)
