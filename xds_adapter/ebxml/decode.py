"""Read ebRIM into registry objects: tolerant, in one pass, and every fault becomes a finding.

A value that cannot be kept is left out of the object and reported; a value that is merely ill-formed is kept as text,
and the rules report it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from xds_adapter.datatypes import CX, DTM, XCN, Coded, CXi
from xds_adapter.ebxml.package import Labels
from xds_adapter.errors import MalformedMessage
from xds_adapter.model import (
    Association,
    Author,
    DocumentEntry,
    Folder,
    RegistryError,
    RegistryObject,
    Slot,
    Submission,
    SubmissionSet,
    finding,
    label,
)
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.ebrim import Attribute, Form, Kind
from xds_adapter.vocabulary.namespaces import LCM, RIM, RS, qname
from xds_adapter.xmlio import local_name, parse

SLOT = qname(RIM, "Slot")
_NAME = qname(RIM, "Name")
_DESCRIPTION = qname(RIM, "Description")
_VERSION_INFO = qname(RIM, "VersionInfo")
_CLASSIFICATION = qname(RIM, "Classification")
_EXTERNAL_IDENTIFIER = qname(RIM, "ExternalIdentifier")
_EXTRINSIC_OBJECT = qname(RIM, "ExtrinsicObject")
_REGISTRY_PACKAGE = qname(RIM, "RegistryPackage")
_ASSOCIATION = qname(RIM, "Association")
_OBJECT_REF = qname(RIM, "ObjectRef")
_CONTENT_VERSION_INFO = qname(RIM, "ContentVersionInfo")
_OBJECT_LIST = qname(RIM, "RegistryObjectList")
_SUBMIT_OBJECTS = qname(LCM, "SubmitObjectsRequest")
_REQUEST_SLOT_LIST = qname(RS, "RequestSlotList")

_AUTHOR_FIELDS = dict(ebrim.AUTHOR_SLOTS)
_PLACES = {
    SLOT: 0,
    _NAME: 1,
    _DESCRIPTION: 2,
    _VERSION_INFO: 3,
    _CLASSIFICATION: 4,
    _EXTERNAL_IDENTIFIER: 5,
    _CONTENT_VERSION_INFO: 6,
    _OBJECT_LIST: 6,
}
"""The order of an object's children in rim.xsd."""
_NODE = "classificationNode"
_VALUE_LENGTH = 256
_TEXT_LENGTH = 1024

Fault = tuple[str, str, str, str]
"""Rule id, attribute, value and words; the object's name is added when the object is complete."""


def slot_values(slot: etree._Element) -> tuple[str, ...]:
    """The values of a rim:Slot; blanks around them are formatting, empty ones are none."""
    # By the schema a Slot holds nothing but ValueList, and that nothing but Value: no need to look at names. Most hold
    # one value, and going there by index takes half the time of a loop.
    if len(slot) == 1 and len(slot[0]) == 1:
        only = slot[0][0].text
        only = only.strip() if only else ""
        return (only,) if only else ()
    found = [text for value_list in slot for value in value_list if (text := value.text)]
    return tuple([stripped for text in found if (stripped := text.strip())])


def _localized(element: etree._Element) -> str | None:
    if len(element) == 1:
        return element[0].get("value") or None
    for child in element:
        text = child.get("value")
        if text:
            return text
    return None


def _joined(scheme: str) -> str:
    """A UUID that a pretty-printer broke over two lines, in one piece."""
    return "".join(scheme.split())


def _integer(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


_READ: dict[Kind, Callable[[str], Any]] = {
    Kind.CX: CX,
    Kind.CXI: CXi,
    Kind.XCN: XCN,
    Kind.DTM: DTM,
    Kind.INTEGER: _integer,
}


@dataclass(slots=True)
class _Reading:
    """One object while it is read."""

    object_id: str
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    extra_slots: list[Slot] = field(default_factory=list)

    def fault(self, rule: str, words: str, *, attribute: str = "", value: str = "") -> None:
        self.faults.append((rule, attribute, value, words))

    def keep(self, attribute: Attribute, texts: tuple[str, ...]) -> None:
        """Store the texts of a slot, identifier, XML attribute or version under their field."""
        read = _READ.get(attribute.kind, str)
        if attribute.many:
            self.values[attribute.field] = tuple([read(text) for text in texts])
            return
        if len(texts) > 1:
            words = f"has {len(texts)} values, one is allowed"
            self.fault("META-005", words, attribute=attribute.name, value=texts[1])
        if not texts:
            return
        value = self.values[attribute.field] = read(texts[0])
        if value is None:
            self.fault("META-021", "is no number", attribute=attribute.name, value=texts[0])

    def add(self, attribute: Attribute, value: object) -> None:
        """Store a classification's value; a second one of a single-valued attribute is a fault."""
        if attribute.many:
            self.values.setdefault(attribute.field, []).append(value)
        elif attribute.field in self.values:
            self.fault("META-005", "stands more than once", attribute=attribute.name, value=str(value))
        else:
            self.values[attribute.field] = value


class _ObjectDecoder:
    """Reads the elements of one kind of object, driven by the attribute table."""

    def __init__(
        self, kind: Callable[..., RegistryObject], table: tuple[Attribute, ...], *, owner: str = "", node: str = ""
    ) -> None:
        self._kind = kind
        self._xml = [(a.key, a) for a in table if a.form is Form.XML_ATTRIBUTE]
        self._slots = {a.key: a for a in table if a.form is Form.SLOT}
        self._schemes = {a.key: a for a in table if a.form in {Form.CODE, Form.AUTHOR}}
        self._identifiers = {a.key: a for a in table if a.form is Form.IDENTIFIER}
        self._labels = {a.key: a for a in table if a.form is Form.LABEL}
        self._fields = {a.field for a in table}
        self._identifier_names = {a.field: f"{owner}.{a.name}" for a in self._identifiers.values()}
        self._node = node
        self._version = next(a for a in table if a.form is Form.VERSION)
        self._lists = [a.field for a in table if a.form in {Form.CODE, Form.AUTHOR} and a.many]

    def decode(self, element: etree._Element, labels: Labels, errors: list[RegistryError]) -> RegistryObject:
        """Read one object and add what is wrong with it to `errors`."""
        reading = _Reading(element.get("id", ""))
        for key, attribute in self._xml:
            # None too: the values' own defaults are for those who make objects, not for what a message leaves out.
            reading.values[attribute.field] = element.get(key) or None
        self._children(element, reading)
        for node in labels.beside(reading.object_id):
            self._label_beside(node, reading)
        for name in self._lists:
            if name in reading.values:
                reading.values[name] = tuple(reading.values[name])
        decoded = self._kind(**reading.values, extra_slots=tuple(reading.extra_slots))
        if reading.faults:
            name = label(decoded)
            errors += [finding(r, w, object_id=name, attribute=a, value=v) for r, a, v, w in reading.faults]
        return decoded

    def _children(self, element: etree._Element, reading: _Reading) -> None:
        seen: set[str] = set()
        last = 0
        for child in element:
            tag = child.tag
            place = _PLACES.get(tag, -1)
            if place < last:
                _displaced(child, reading)
            else:
                last = place
            if tag == SLOT:
                self._slot(child, reading, seen)
            elif tag == _CLASSIFICATION:
                self._classification(child, reading)
            elif tag == _EXTERNAL_IDENTIFIER:
                self._identifier(child, reading)
            elif tag == _NAME and "title" in self._fields:
                reading.values["title"] = _text(child, reading, "title")
            elif tag == _DESCRIPTION and "comments" in self._fields:
                reading.values["comments"] = _text(child, reading, "comments")
            elif tag == _VERSION_INFO:
                version = child.get("versionName")
                reading.keep(self._version, (version,) if version else ())

    def _slot(self, slot: etree._Element, reading: _Reading, seen: set[str]) -> None:
        name = slot.get("name", "")
        values = slot_values(slot)
        if name in seen:
            reading.fault("META-004", "stands more than once", attribute=name)
            return
        seen.add(name)
        attribute = self._slots.get(name)
        if len(values) != 1 or len(values[0]) > _VALUE_LENGTH:
            _check_lengths(name, values, reading)
        if attribute is not None:
            reading.keep(attribute, values)
        elif name.startswith("urn:ihe:"):
            reading.fault("META-009", "is a slot name that IHE does not define", attribute=name)
        elif name.startswith("urn:"):
            reading.extra_slots.append(Slot(name, values))
        else:
            words = "is a slot name that XDS does not define and no URN"
            reading.fault("META-003", words, attribute=name or "Slot")

    def _classification(self, child: etree._Element, reading: _Reading) -> None:
        scheme = child.get("classificationScheme", "")
        if not scheme and (node := child.get("classificationNode")):
            self._label(child, node, reading)
            return
        attribute = self._schemes.get(scheme) or self._schemes.get(_joined(scheme))
        if attribute is None:
            words = "is no classification scheme of this object"
            reading.fault("META-006", words, attribute="Classification", value=scheme or "(none)")
            return
        if child.get("classifiedObject") != reading.object_id:
            _misplaced(child, "classifiedObject", reading, attribute.name)
        if attribute.form is Form.AUTHOR:
            reading.add(attribute, _author(child, reading))
        else:
            reading.add(attribute, _coded(child, attribute, reading))

    def _label(self, child: etree._Element, node: str, reading: _Reading) -> None:
        """A Classification by node says what kind of object this is, or that it has limited metadata."""
        mark = self._labels.get(node)
        if mark is None and node != self._node:
            words = "is no classification node of this object"
            reading.fault("META-006", words, attribute="Classification", value=node)
        elif child.get("classifiedObject") != reading.object_id:
            _misplaced(child, "classifiedObject", reading, "Classification")
        if mark is not None:
            reading.values[mark.field] = True

    def _label_beside(self, node: str, reading: _Reading) -> None:
        if mark := self._labels.get(node):
            reading.values[mark.field] = True
        elif node in ebrim.LIMITED_METADATA_NODES:
            words = "is no classification node of this object"
            reading.fault("META-006", words, attribute="Classification", value=node)

    def _identifier(self, child: etree._Element, reading: _Reading) -> None:
        scheme = child.get("identificationScheme", "")
        attribute = self._identifiers.get(scheme) or self._identifiers.get(_joined(scheme))
        if attribute is None:
            words = "is no identification scheme of this object"
            reading.fault("META-007", words, attribute="ExternalIdentifier", value=scheme or "(none)")
            return
        if child.get("registryObject") != reading.object_id:
            _misplaced(child, "registryObject", reading, attribute.name)
        name = next((found for part in child if part.tag == _NAME and (found := _localized(part))), "")
        if name != (expected := self._identifier_names[attribute.field]):
            reading.fault("META-015", f"is not {expected}", attribute=f"{attribute.name}/Name", value=name)
        value = (child.get("value") or "").strip()
        if attribute.field in reading.values:
            reading.fault("META-005", "stands more than once", attribute=attribute.name, value=value)
        elif value:
            reading.keep(attribute, (value,))


def _displaced(child: etree._Element, reading: _Reading) -> None:
    name = local_name(child)
    words = "stands behind what it should precede" if child.tag in _PLACES else "is no child of this object"
    reading.fault("META-013", words, attribute=name)


def _check_lengths(name: str, values: tuple[str, ...], reading: _Reading, limit: int = _VALUE_LENGTH) -> None:
    for value in values:
        if len(value) > limit:
            reading.fault("META-014", f"has {len(value)} characters, {limit} are allowed", attribute=name, value=value)


def _text(element: etree._Element, reading: _Reading, attribute: str) -> str | None:
    """The text of a Name or Description."""
    text = _localized(element)
    if text is not None and len(text) > _TEXT_LENGTH:
        _check_lengths(attribute, (text,), reading, _TEXT_LENGTH)
    return text


def _misplaced(child: etree._Element, key: str, reading: _Reading, attribute: str) -> None:
    words = f"is not the id of the object that holds it ({reading.object_id})"
    reading.fault("META-008", words, attribute=f"{attribute}/@{key}", value=child.get(key) or "")


def _author(element: etree._Element, reading: _Reading) -> Author:
    values: dict[str, Any] = {}
    extra: list[Slot] = []
    seen: set[str] = set()
    for slot in element:
        if slot.tag != SLOT:
            continue
        name = slot.get("name", "")
        texts = slot_values(slot)
        author_field = _AUTHOR_FIELDS.get(name)
        if name in seen:
            reading.fault("META-004", "stands more than once", attribute=f"author/{name}")
            continue
        seen.add(name)
        _check_lengths(f"author/{name}", texts, reading)
        if author_field is None:
            extra.append(Slot(name, texts))
        elif author_field != "person":
            values[author_field] = texts
        elif texts:
            values["person"] = XCN(texts[0])
            if len(texts) > 1:
                words = "has several values; repeat the author instead"
                reading.fault("META-005", words, attribute="author/authorPerson", value=texts[1])
    return Author(**values, extra_slots=tuple(extra))


def _coded(element: etree._Element, attribute: Attribute, reading: _Reading) -> Coded:
    scheme: tuple[str, ...] = ()
    display = ""
    for child in element:
        tag = child.tag
        if tag == SLOT and child.get("name") == "codingScheme":
            scheme = slot_values(child)
        elif tag == _NAME:
            display = _localized(child) or ""
    if len(scheme) > 1:
        words = f"has {len(scheme)} coding schemes, one is allowed"
        reading.fault("META-005", words, attribute=attribute.name, value=scheme[1])
    return Coded(element.get("nodeRepresentation", ""), scheme[0] if scheme else "", display)


_DOCUMENT_ENTRY = _ObjectDecoder(DocumentEntry, ebrim.DOCUMENT_ENTRY, owner="XDSDocumentEntry")
_SUBMISSION_SET = _ObjectDecoder(
    SubmissionSet, ebrim.SUBMISSION_SET, owner="XDSSubmissionSet", node=ebrim.SUBMISSION_SET_NODE
)
_FOLDER = _ObjectDecoder(Folder, ebrim.FOLDER, owner="XDSFolder", node=ebrim.FOLDER_NODE)
_ASSOCIATIONS = _ObjectDecoder(Association, ebrim.ASSOCIATION)
_IGNORED = frozenset({_CLASSIFICATION, _OBJECT_REF})


def _decoders(
    objects: etree._Element, labels: Labels, errors: list[RegistryError]
) -> Iterator[tuple[etree._Element, _ObjectDecoder]]:
    packages = {ebrim.SUBMISSION_SET_NODE: _SUBMISSION_SET, ebrim.FOLDER_NODE: _FOLDER}
    for element in objects:
        if element.tag == _EXTRINSIC_OBJECT:
            yield element, _DOCUMENT_ENTRY
        elif element.tag == _ASSOCIATION:
            yield element, _ASSOCIATIONS
        elif element.tag == _REGISTRY_PACKAGE:
            node = labels.node(element)
            if node is not None:
                yield element, packages[node]
            else:
                name = f"RegistryPackage {element.get('id', '(no id)')}"
                errors.append(finding("META-002", "is labelled neither SubmissionSet nor Folder", object_id=name))
        elif element.tag not in _IGNORED:
            local = local_name(element)
            errors.append(finding("META-010", "is no object that XDS defines", value=local))


def _check_labels(objects: etree._Element, errors: list[RegistryError]) -> None:
    """Look at the Classifications that stand beside the objects which they label."""
    labels = list(objects.iterchildren(_CLASSIFICATION))
    packages = {package.get("id", "") for package in objects.iterchildren(_REGISTRY_PACKAGE)} if labels else set()
    entries = {entry.get("id", "") for entry in objects.iterchildren(_EXTRINSIC_OBJECT)} if labels else set()
    for found in labels:
        node, labelled = found.get(_NODE, ""), found.get("classifiedObject", "")
        name = f"Classification {found.get('id', '(no id)')}"
        if node in ebrim.LIMITED_METADATA_NODES:
            if labelled not in packages | entries:
                words = "is no object of the submission"
                errors.append(finding("META-016", words, object_id=name, attribute="classifiedObject", value=labelled))
        elif node not in (ebrim.SUBMISSION_SET_NODE, ebrim.FOLDER_NODE):
            words = "is no classification node that XDS defines"
            errors.append(finding("META-006", words, object_id=name, attribute=_NODE, value=node or "(none)"))
        elif labelled not in packages:
            words = "is no RegistryPackage of the submission"
            errors.append(finding("META-016", words, object_id=name, attribute="classifiedObject", value=labelled))


def decode_objects(objects: etree._Element) -> tuple[list[RegistryObject], list[RegistryError]]:
    """Read rim:RegistryObjectList.

    Returns:
        The objects in document order, and what is wrong with them.
    """
    errors: list[RegistryError] = []
    labels = Labels(objects)
    found = [decoder.decode(element, labels, errors) for element, decoder in _decoders(objects, labels, errors)]
    _check_labels(objects, errors)
    return found, errors


def decode_leaf(leaf: str) -> RegistryObject:
    """Read the stored form of an object, as `encode_leaf` wrote it; it has no availabilityStatus.

    Raises:
        MalformedMessage: The text is no stored form.
    """
    root = parse(f'<rim:RegistryObjectList xmlns:rim="{RIM}">{leaf}</rim:RegistryObjectList>'.encode())
    found, _ = decode_objects(root)
    if len(found) != 1:
        raise MalformedMessage(f"the stored form holds {len(found)} objects, not one")
    return found[0]


def decode_submission(request: etree._Element) -> tuple[Submission, list[RegistryError]]:
    """Read lcm:SubmitObjectsRequest.

    Returns:
        The submission (its `submission_set` is the first one found, or None), and the faults of its form.

    Raises:
        MalformedMessage: The element is another, or has no RegistryObjectList.
    """
    objects = request.find(_OBJECT_LIST)
    if request.tag != _SUBMIT_OBJECTS or objects is None:
        raise MalformedMessage("the message needs lcm:SubmitObjectsRequest with rim:RegistryObjectList")
    found, errors = decode_objects(objects)
    sets = [o for o in found if isinstance(o, SubmissionSet)]
    if len(sets) != 1:
        errors.append(finding("META-001", f"{len(sets)} SubmissionSets in the submission, one is needed"))
    slots = request.find(_REQUEST_SLOT_LIST)
    return (
        Submission(
            submission_set=sets[0] if sets else None,
            document_entries=tuple(o for o in found if isinstance(o, DocumentEntry)),
            folders=tuple(o for o in found if isinstance(o, Folder)),
            associations=tuple(o for o in found if isinstance(o, Association)),
            request_slots=()
            if slots is None
            else tuple(Slot(slot.get("name", ""), slot_values(slot)) for slot in slots.iterchildren(SLOT)),
        ),
        errors,
    )
