"""Write registry objects as ebRIM, as strings.

The store keeps what `encode_leaf` returns: the complete LeafClass form but for ``status``, which lives in a column
and is put in by `insert_status` when an answer is joined.

The prefix ``rim`` is bound by the enclosing message. Element order is that of rim.xsd: Slot, Name, Description,
VersionInfo, Classification, ExternalIdentifier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from xds_adapter.datatypes import Coded, new_uuid_urn
from xds_adapter.ebxml.text import escape
from xds_adapter.model import Author, DocumentEntry, Folder, RegistryObject, Slot, Submission, SubmissionSet
from xds_adapter.model.metadata import Association
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.ebrim import Attribute, Form
from xds_adapter.vocabulary.namespaces import LCM, RIM, RS

_ELEMENTS: dict[type, tuple[str, str, tuple[Attribute, ...], str]] = {
    DocumentEntry: ("rim:ExtrinsicObject", "XDSDocumentEntry", ebrim.DOCUMENT_ENTRY, ""),
    SubmissionSet: ("rim:RegistryPackage", "XDSSubmissionSet", ebrim.SUBMISSION_SET, ebrim.SUBMISSION_SET_NODE),
    Folder: ("rim:RegistryPackage", "XDSFolder", ebrim.FOLDER, ebrim.FOLDER_NODE),
    Association: ("rim:Association", "XDSAssociation", ebrim.ASSOCIATION, ""),
}
_OBJECT_TYPES = {
    SubmissionSet: ebrim.OBJECT_TYPE_PACKAGE,
    Folder: ebrim.OBJECT_TYPE_PACKAGE,
    Association: ebrim.OBJECT_TYPE_ASSOCIATION,
}
_BY_FORM = {
    kind: {form: tuple(a for a in row[2] if a.form is form) for form in Form} for kind, row in _ELEMENTS.items()
}


def encode_slot(name: str, values: Iterable[object]) -> str:
    """Write one rim:Slot."""
    inner = "".join([f"<rim:Value>{escape(str(value))}</rim:Value>" for value in values])
    return f'<rim:Slot name="{escape(name)}"><rim:ValueList>{inner}</rim:ValueList></rim:Slot>'


def _identities(prefix: str) -> Callable[[], str]:
    """Ids of nested elements: in the store they are UUIDs, in a message symbols are enough."""
    if not prefix:
        return new_uuid_urn
    counter = iter(range(1, 1_000_000))
    return lambda: f"{prefix}.{next(counter)}"


def _nested(element: str, parent: str, key: str, inner: str, new_id: Callable[[], str]) -> str:
    if element == "Classification":
        head = f'classifiedObject="{parent}" objectType="{ebrim.OBJECT_TYPE_CLASSIFICATION}"'
    else:
        head = f'registryObject="{parent}" objectType="{ebrim.OBJECT_TYPE_EXTERNAL_IDENTIFIER}"'
    return f'<rim:{element} id="{new_id()}" {head} {key}{inner}</rim:{element}>'


def _encode_code(code: Coded, scheme: str, parent: str, new_id: Callable[[], str]) -> str:
    name = f'<rim:Name><rim:LocalizedString value="{escape(code.display)}"/></rim:Name>' if code.display else ""
    inner = f">{encode_slot('codingScheme', (code.scheme,))}{name}"
    key = f'classificationScheme="{scheme}" nodeRepresentation="{escape(code.code)}"'
    return _nested("Classification", parent, key, inner, new_id)


def _encode_author(author: Author, scheme: str, parent: str, new_id: Callable[[], str]) -> str:
    slots = []
    for slot_name, field in ebrim.AUTHOR_SLOTS:
        value = getattr(author, field)
        if value:
            slots.append(encode_slot(slot_name, value if isinstance(value, tuple) else (value,)))
    slots += [encode_slot(slot.name, slot.values) for slot in author.extra_slots]
    key = f'classificationScheme="{scheme}" nodeRepresentation=""'
    return _nested("Classification", parent, key, ">" + "".join(slots), new_id)


def _encode_identifier(value: object, attribute: Attribute, owner: str, parent: str, new_id: Callable[[], str]) -> str:
    key = f'identificationScheme="{attribute.key}" value="{escape(str(value))}"'
    name = f'><rim:Name><rim:LocalizedString value="{owner}.{attribute.name}"/></rim:Name>'
    return _nested("ExternalIdentifier", parent, key, name, new_id)


def _values(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _xml_attributes(registry_object: RegistryObject, *, with_status: bool) -> Iterator[str]:
    kind = type(registry_object)
    for attribute in _BY_FORM[kind][Form.XML_ATTRIBUTE]:
        value = getattr(registry_object, attribute.field)
        if value is not None and (with_status or attribute.key != "status"):
            yield f' {attribute.key}="{escape(str(value))}"'
    if kind in _OBJECT_TYPES:
        yield f' objectType="{_OBJECT_TYPES[kind]}"'


def _slots(registry_object: RegistryObject) -> Iterator[str]:
    for attribute in _BY_FORM[type(registry_object)][Form.SLOT]:
        value = getattr(registry_object, attribute.field)
        if value is not None and value != ():
            yield encode_slot(attribute.key, _values(value))
    for slot in registry_object.extra_slots:
        yield encode_slot(slot.name, slot.values)


def _texts(registry_object: RegistryObject) -> Iterator[str]:
    for element, field in (("Name", "title"), ("Description", "comments")):
        value = getattr(registry_object, field, None)
        if value is not None:
            yield f'<rim:{element}><rim:LocalizedString value="{escape(value)}"/></rim:{element}>'
    if registry_object.version is not None:
        yield f'<rim:VersionInfo versionName="{escape(registry_object.version)}"/>'


def _classifications(registry_object: RegistryObject, parent: str, new_id: Callable[[], str]) -> Iterator[str]:
    kind = type(registry_object)
    forms = _BY_FORM[kind]
    for attribute in forms[Form.AUTHOR]:
        for author in getattr(registry_object, attribute.field):
            yield _encode_author(author, attribute.key, parent, new_id)
    for attribute in forms[Form.CODE]:
        value = getattr(registry_object, attribute.field)
        for code in _values(value) if value is not None else ():
            yield _encode_code(code, attribute.key, parent, new_id)
    node = _ELEMENTS[kind][3]
    if node:
        yield _nested("Classification", parent, f'classificationNode="{node}"', ">", new_id)


def _identifiers(registry_object: RegistryObject, parent: str, new_id: Callable[[], str]) -> Iterator[str]:
    kind = type(registry_object)
    for attribute in _BY_FORM[kind][Form.IDENTIFIER]:
        value = getattr(registry_object, attribute.field)
        if value is not None:
            yield _encode_identifier(value, attribute, _ELEMENTS[kind][1], parent, new_id)


def _encode(registry_object: RegistryObject, prefix: str, *, with_status: bool) -> str:
    tag = _ELEMENTS[type(registry_object)][0]
    parent = escape(registry_object.entry_uuid or "")
    new_id = _identities(prefix)
    attributes = "".join(_xml_attributes(registry_object, with_status=with_status))
    children = (
        *_slots(registry_object),
        *_texts(registry_object),
        *_classifications(registry_object, parent, new_id),
        *_identifiers(registry_object, parent, new_id),
    )
    return f"<{tag}{attributes}>{''.join(children)}</{tag}>"


def encode_leaf(registry_object: RegistryObject) -> str:
    """Write an object as the store keeps it: complete, nested ids as UUIDs, without ``status``."""
    return _encode(registry_object, "", with_status=False)


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
        _encode(registry_object, f"n{number}", with_status=True)
        for number, registry_object in enumerate(submission.objects(), 1)
    ]
    return (
        f'<lcm:SubmitObjectsRequest xmlns:lcm="{LCM}" xmlns:rim="{RIM}" xmlns:rs="{RS}">'
        f"{_request_slots(submission.request_slots)}"
        f"<rim:RegistryObjectList>{''.join(objects)}</rim:RegistryObjectList></lcm:SubmitObjectsRequest>"
    )
