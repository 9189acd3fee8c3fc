"""What nobody has read: every fact of a document that the case does not hold becomes a note.

Template ids and the ids that a built document makes anew are not facts of the case; they are told in one note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from xds_adapter.cda.identifiers import entry_ids, is_uuid
from xds_adapter.cda.parsing.narrative import words_of
from xds_adapter.cda.parsing.notes import NoteKind
from xds_adapter.cda.parsing.reader import Reader
from xds_adapter.cda.tree import get, name_of
from xds_adapter.xmlio import Element, local_name

_STRUCTURE = frozenset(
    {
        "classCode",
        "moodCode",
        "typeCode",
        "determinerCode",
        "contextControlCode",
        "contextConductionInd",
        "inversionInd",
        "negationInd",
        "independentInd",
        "type",
        "schemaLocation",
        "codeSystemName",
        "ID",
        "operator",
    }
)
_READ = _STRUCTURE | {
    "code",
    "codeSystem",
    "codeSystemVersion",
    "displayName",
    "root",
    "extension",
    "value",
    "unit",
    "use",
    "nullFlavor",
    "qualifier",
    "mediaType",
    "representation",
    "compression",
}
_WITHOUT_FACTS = frozenset({"templateId", "typeId", "realmCode", "statusCode"})


def remainder(reader: Reader, document_id: str) -> None:
    """Note what has not been seen.

    Args:
        reader: The document, read.
        document_id: The document's own id, from which a built document makes the ids of its entries.
    """
    touched = _touched(reader)
    _renew(reader, document_id)
    pending = [reader.root]
    while pending:
        element = pending.pop()
        if name_of(element) == "text" and element in reader.seen and name_of(_parent(element)) == "section":
            continue
        if element not in touched:
            if facts := " ".join(_facts(reader, element)):
                reader.lost(element, f"the case form has no place for {facts}")
            continue
        if element in reader.seen:
            _unread(reader, element)
        elif own := _own_facts(reader, element):
            reader.lost(element, f"the case form has no place for {own}")
        pending.extend(reversed(element))


def _touched(reader: Reader) -> set[Element]:
    """The elements that were seen, and those that hold one."""
    touched = set(reader.seen)
    for element in reader.seen:
        parent = element.getparent()
        while parent is not None and parent not in touched:
            touched.add(parent)
            parent = parent.getparent()
    return touched


def _unread(reader: Reader, element: Element) -> None:
    """Note attributes that no part of the parser reads."""
    if _READ.issuperset(element.keys()):
        return
    for name, value in _attributes(element):
        if name not in _READ:
            reader.lost(element, f'the case form has no place for {name}="{value}"')


def _parent(element: Element) -> Element:
    parent = element.getparent()
    return element if parent is None else parent


def _renew(reader: Reader, document_id: str) -> None:
    """Mark the UUIDs of sections and entries; say once that they are made anew, unless they already are so made."""
    found = [
        element
        for element in reader.root.iter(f"{{{reader.root.tag[1:].partition('}')[0]}}}id")
        if element not in reader.seen and is_uuid(get(element, "root")) and not get(element, "extension")
    ]
    reader.see(*found)
    new_id = entry_ids(document_id)
    made = {new_id() for _ in found}
    foreign = [element for element in found if get(element, "root") not in made]
    if foreign:
        reader.note(
            NoteKind.RENEWED,
            foreign[0],
            f"a built document gives sections and entries new ids; this one and {len(foreign) - 1} more are left out",
        )


def _own_facts(reader: Reader, element: Element) -> str:
    if name_of(element) in _WITHOUT_FACTS or _is_link(element):
        return ""
    attributes = [f'{name}="{value}"' for name, value in _attributes(element) if name not in _STRUCTURE]
    text = (element.text or "").strip()
    if size := reader.binary_size(element):
        text = f"a file of {size} base64 characters"
    words = [f"<{name_of(element)}", *attributes]
    return "" if not attributes and not text else " ".join(words) + ("/>" if not text else f">{text}")


def _is_link(element: Element) -> bool:
    """Tell whether an element is a link into the narrative, with or without its #."""
    return name_of(element) == "reference" and ":" not in get(element, "value")


def _attributes(element: Element) -> Iterator[tuple[str, str]]:
    """Yield attributes by their names without namespace."""
    for name, value in cast("Mapping[str, str]", element.attrib).items():
        yield name.rpartition("}")[2], value


def _facts(reader: Reader, element: Element) -> Iterator[str]:
    """Yield all facts of an element that nobody has looked at; the narrative of a section as its words."""
    if name_of(element) == "text" and local_name(_parent(element)) == "section":
        if words := words_of(element):
            yield repr(words)
        return
    if element not in reader.seen and (own := _own_facts(reader, element)):
        yield own
    for child in element:
        yield from _facts(reader, child)
