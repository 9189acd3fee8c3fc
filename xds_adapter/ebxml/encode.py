"""Write registry objects as ebRIM, as strings.

The store keeps what `encode_leaf` returns: the complete LeafClass form but for ``status``, which lives in a column
and is put in by `insert_status` when an answer is joined. The prefix ``rim`` is bound by the enclosing message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from operator import attrgetter
from typing import Any

from xds_adapter.datatypes import new_uuid_urn
from xds_adapter.ebxml.text import escape
from xds_adapter.ebxml.writers import NewId, Write, encode_slot, writers_of
from xds_adapter.model import Association, DocumentEntry, Folder, RegistryObject, Slot, Submission, SubmissionSet
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.ebrim import Attribute, Form
from xds_adapter.vocabulary.namespaces import LCM, RIM, RS


@dataclass(frozen=True, slots=True)
class _Element:
    """How one kind of object is written: its element, what never changes in the opening tag, its writers."""

    tag: str
    fixed: str
    xml_attributes: tuple[tuple[str, Callable[[Any], Any]], ...]
    writers: tuple[Write, ...]

    @classmethod
    def of(cls, tag: str, owner: str, table: tuple[Attribute, ...], *, fixed: str = "", node: str = "") -> _Element:
        attributes = [attribute for attribute in table if attribute.form is Form.XML_ATTRIBUTE]
        return cls(
            tag,
            f' objectType="{fixed}"' if fixed else "",
            tuple((attribute.key, attrgetter(attribute.field)) for attribute in attributes),
            writers_of(owner, table, node),
        )


_PACKAGE = ebrim.OBJECT_TYPE_PACKAGE
_ELEMENTS: dict[type, _Element] = {
    DocumentEntry: _Element.of("rim:ExtrinsicObject", "XDSDocumentEntry", ebrim.DOCUMENT_ENTRY),
    SubmissionSet: _Element.of(
        "rim:RegistryPackage",
        "XDSSubmissionSet",
        ebrim.SUBMISSION_SET,
        fixed=_PACKAGE,
        node=ebrim.SUBMISSION_SET_NODE,
    ),
    Folder: _Element.of("rim:RegistryPackage", "XDSFolder", ebrim.FOLDER, fixed=_PACKAGE, node=ebrim.FOLDER_NODE),
    Association: _Element.of(
        "rim:Association", "XDSAssociation", ebrim.ASSOCIATION, fixed=ebrim.OBJECT_TYPE_ASSOCIATION
    ),
}


def _symbols(prefix: str) -> NewId:
    """Ids of nested elements in a message: symbols are enough."""
    numbers = count(1)
    return lambda: f"{prefix}.{next(numbers)}"


def _uuids() -> NewId:
    """Ids of nested elements in the store: UUIDs that differ in their last digits only."""
    stem = new_uuid_urn()[:-6]
    numbers = count()
    return lambda: f"{stem}{next(numbers):06x}"


def _encode(registry_object: RegistryObject, new_id: NewId, *, with_status: bool) -> str:
    element = _ELEMENTS[type(registry_object)]
    attributes = "".join(
        [
            f' {key}="{escape(value)}"'
            for key, read in element.xml_attributes
            if (value := read(registry_object)) is not None and (with_status or key != "status")
        ]
    )
    parent = escape(registry_object.entry_uuid or "")
    children = "".join([write(registry_object, parent, new_id) for write in element.writers])
    return f"<{element.tag}{attributes}{element.fixed}>{children}</{element.tag}>"


def encode_leaf(registry_object: RegistryObject) -> str:
    """Write an object as the store keeps it: complete, nested ids as UUIDs, without ``status``."""
    return _encode(registry_object, _uuids(), with_status=False)


def insert_status(leaf: str, status: str) -> str:
    """Put ``status`` into the opening tag of a stored leaf."""
    end_of_name = leaf.index(" ")
    return f'{leaf[:end_of_name]} status="{status}"{leaf[end_of_name:]}'


def _request_slots(slots: tuple[Slot, ...]) -> str:
    inner = "".join(encode_slot(slot.name, slot.values) for slot in slots)
    return f"<rs:RequestSlotList>{inner}</rs:RequestSlotList>" if slots else ""


def encode_submission(submission: Submission) -> str:
    """Write lcm:SubmitObjectsRequest; its namespaces are declared on it."""
    objects = [
        _encode(registry_object, _symbols(f"n{number}"), with_status=True)
        for number, registry_object in enumerate(submission.objects(), 1)
    ]
    return (
        f'<lcm:SubmitObjectsRequest xmlns:lcm="{LCM}" xmlns:rim="{RIM}" xmlns:rs="{RS}">'
        f"{_request_slots(submission.request_slots)}"
        f"<rim:RegistryObjectList>{''.join(objects)}</rim:RegistryObjectList></lcm:SubmitObjectsRequest>"
    )
