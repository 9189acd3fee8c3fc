"""Writers of single attributes, made once from the attribute tables.

Element order is that of rim.xsd: Slot, Name, Description, VersionInfo, Classification, ExternalIdentifier. Everything
about an attribute that never changes is joined when its writer is made, so that writing an object is a matter of a few
string operations an attribute.

Source: IHE ITI TF-3 4.2.1 and 4.2.3; OASIS ebXML RegRep 3.0 rim.xsd.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from xds_adapter.datatypes import Coded
from xds_adapter.ebxml.text import escape
from xds_adapter.model import Author
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.ebrim import Attribute, Form, Kind

NewId = Callable[[], str]
Write = Callable[[Any, str, NewId], str]
"""Writes one attribute of an object: the object, its escaped id, ids for nested elements -> text, maybe empty."""

_END_OF_SLOT = "</rim:Value></rim:ValueList></rim:Slot>"
_TEXT_KINDS = frozenset({Kind.CX, Kind.CXI, Kind.XCN, Kind.DTM})


def encode_slot(name: str, values: Sequence[str]) -> str:
    """Write one rim:Slot."""
    inner = "</rim:Value><rim:Value>".join([escape(value) for value in values])
    value_list = f"<rim:Value>{inner}</rim:Value>" if values else ""
    return f'<rim:Slot name="{escape(name)}"><rim:ValueList>{value_list}</rim:ValueList></rim:Slot>'


def _slot_writer(attribute: Attribute) -> Write:
    read = attrgetter(attribute.field)
    head = f'<rim:Slot name="{attribute.key}"><rim:ValueList><rim:Value>'
    as_text: Callable[[Any], str] = attrgetter("text") if attribute.kind in _TEXT_KINDS else str

    def write_one(registry_object: Any, _parent: str, _new_id: NewId) -> str:
        value = read(registry_object)
        return "" if value is None else f"{head}{escape(as_text(value))}{_END_OF_SLOT}"

    def write_many(registry_object: Any, _parent: str, _new_id: NewId) -> str:
        values = read(registry_object)
        if not values:
            return ""
        inner = "</rim:Value><rim:Value>".join([escape(as_text(value)) for value in values])
        return f"{head}{inner}{_END_OF_SLOT}"

    return write_many if attribute.many else write_one


def _extra_slots(registry_object: Any, _parent: str, _new_id: NewId) -> str:
    return "".join([encode_slot(slot.name, slot.values) for slot in registry_object.extra_slots])


def _localized_writer(element: str, field: str) -> Write:
    read = attrgetter(field)

    def write(registry_object: Any, _parent: str, _new_id: NewId) -> str:
        value = read(registry_object)
        if value is None:
            return ""
        return f'<rim:{element}><rim:LocalizedString value="{escape(value)}"/></rim:{element}>'

    return write


def _version(registry_object: Any, _parent: str, _new_id: NewId) -> str:
    version = registry_object.version
    return "" if version is None else f'<rim:VersionInfo versionName="{escape(version)}"/>'


def _classification(key: str, parent: str, new_id: NewId) -> str:
    return (
        f'<rim:Classification id="{new_id()}" classifiedObject="{parent}"'
        f' objectType="{ebrim.OBJECT_TYPE_CLASSIFICATION}" {key}'
    )


@lru_cache(maxsize=4096)
def _code_parts(code: Coded) -> tuple[str, str]:
    """NodeRepresentation and content of a code's Classification; a site uses few codes again and again."""
    name = f'<rim:Name><rim:LocalizedString value="{escape(code.display)}"/></rim:Name>' if code.display else ""
    slot = f'<rim:Slot name="codingScheme"><rim:ValueList><rim:Value>{escape(code.scheme)}{_END_OF_SLOT}'
    return escape(code.code), f'">{slot}{name}</rim:Classification>'


def _code_writer(attribute: Attribute) -> Write:
    read = attrgetter(attribute.field)
    key = f'classificationScheme="{attribute.key}" nodeRepresentation="'

    def write_one(registry_object: Any, parent: str, new_id: NewId) -> str:
        code = read(registry_object)
        if code is None:
            return ""
        node, content = _code_parts(code)
        return f"{_classification(key, parent, new_id)}{node}{content}"

    def write_many(registry_object: Any, parent: str, new_id: NewId) -> str:
        parts = [_code_parts(code) for code in read(registry_object)]
        return "".join([f"{_classification(key, parent, new_id)}{node}{content}" for node, content in parts])

    return write_many if attribute.many else write_one


@lru_cache(maxsize=1024)
def _author_slots(author: Author) -> str:
    slots = []
    for slot_name, field in ebrim.AUTHOR_SLOTS:
        value = getattr(author, field)
        if value:
            slots.append(encode_slot(slot_name, value if isinstance(value, tuple) else (value.text,)))
    slots += [encode_slot(slot.name, slot.values) for slot in author.extra_slots]
    return "".join(slots)


def _author_writer(attribute: Attribute) -> Write:
    read = attrgetter(attribute.field)
    key = f'classificationScheme="{attribute.key}" nodeRepresentation="">'

    def write(registry_object: Any, parent: str, new_id: NewId) -> str:
        return "".join(
            [
                f"{_classification(key, parent, new_id)}{_author_slots(author)}</rim:Classification>"
                for author in read(registry_object)
            ]
        )

    return write


def _label_writer(node: str) -> Write:
    def write(_registry_object: Any, parent: str, new_id: NewId) -> str:
        return _classification(f'classificationNode="{node}"/>', parent, new_id)

    return write


def _flag_writer(attribute: Attribute) -> Write:
    read = attrgetter(attribute.field)
    label = _label_writer(attribute.key)

    def write(registry_object: Any, parent: str, new_id: NewId) -> str:
        return label(registry_object, parent, new_id) if read(registry_object) else ""

    return write


def _identifier_writer(attribute: Attribute, owner: str) -> Write:
    read = attrgetter(attribute.field)
    as_text: Callable[[Any], str] = attrgetter("text") if attribute.kind in _TEXT_KINDS else str
    object_type = f'objectType="{ebrim.OBJECT_TYPE_EXTERNAL_IDENTIFIER}" identificationScheme="{attribute.key}"'
    name = f'<rim:Name><rim:LocalizedString value="{owner}.{attribute.name}"/></rim:Name></rim:ExternalIdentifier>'

    def write(registry_object: Any, parent: str, new_id: NewId) -> str:
        value = read(registry_object)
        if value is None:
            return ""
        head = f'<rim:ExternalIdentifier id="{new_id()}" registryObject="{parent}" {object_type}'
        return f'{head} value="{escape(as_text(value))}">{name}'

    return write


def writers_of(owner: str, table: tuple[Attribute, ...], node: str) -> tuple[Write, ...]:
    """The writers of one kind of object, in the order of rim.xsd."""
    by_form = {form: [attribute for attribute in table if attribute.form is form] for form in Form}
    writers = [_slot_writer(attribute) for attribute in by_form[Form.SLOT]]
    writers.append(_extra_slots)
    writers += [_localized_writer("Name", attribute.field) for attribute in by_form[Form.NAME]]
    writers += [_localized_writer("Description", attribute.field) for attribute in by_form[Form.DESCRIPTION]]
    writers.append(_version)
    writers += [_author_writer(attribute) for attribute in by_form[Form.AUTHOR]]
    writers += [_code_writer(attribute) for attribute in by_form[Form.CODE]]
    if node:
        writers.append(_label_writer(node))
    writers += [_flag_writer(attribute) for attribute in by_form[Form.LABEL]]
    writers += [_identifier_writer(attribute, owner) for attribute in by_form[Form.IDENTIFIER]]
    return tuple(writers)
