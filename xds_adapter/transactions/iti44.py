"""ITI-44 Patient Identity Feed HL7 v3: three messages, one acknowledgement.

::

    PRPA_IN201301UV02  new patient   --decode_request-->   FeedRequest (message, wrapper, faults)
    PRPA_IN201302UV02  revision      <--encode_request--
    PRPA_IN201304UV02  merge
    MCCI_IN000002UV01  answer        encode_response, decode_response

Source: IHE ITI TF-2 3.44.4, O.1.1, O.1.2, O.2.1.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from lxml import etree

from xds_adapter.datatypes import CX, DTM
from xds_adapter.ebxml.text import escape
from xds_adapter.errors import MalformedMessage, RemoteFault
from xds_adapter.model import IdentityChange, IdentityMessage, InstanceIdentifier, TransmissionWrapper
from xds_adapter.transactions.body import Body
from xds_adapter.vocabulary.identity_feed import (
    ACKNOWLEDGEMENT,
    DETAIL_CODES,
    INTERACTIONS,
    INTERACTIONS_OF_FEED,
    AcknowledgementCode,
    DetailCode,
    FeedEvent,
    Interaction,
)
from xds_adapter.vocabulary.namespaces import HL7_V3, qname
from xds_adapter.xmlio import local_name

_BY_ROOT = {qname(HL7_V3, interaction.name): interaction for interaction in INTERACTIONS_OF_FEED}
_BY_EVENT = {interaction.event: interaction for interaction in INTERACTIONS_OF_FEED}
_EVENT = "controlActProcess/subject/registrationEvent"
_PATIENT = "subject1/patient"
_PRIOR = "replacementOf/priorRegistration"
_PRIOR_ID = f"{_PRIOR}/subject1/priorRegisteredRole/id"
_PROCESSING_CODES = ("P", "T", "D")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRequest:
    """A message as read.

    Attributes:
        faults: What its content lacks, each with its place; with any of them the message is not acted upon.
    """

    message: IdentityMessage
    wrapper: TransmissionWrapper
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """An answer as read.

    Attributes:
        target: Id of the message that is answered.
        details: Texts for people.
    """

    code: str
    target: InstanceIdentifier
    details: tuple[str, ...] = ()


def _path(path: str) -> str:
    return "/".join(qname(HL7_V3, step) for step in path.split("/"))


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    return element.findall(_path(path))


def _attribute(element: etree._Element, path: str, name: str) -> str:
    found = element.find(_path(path))
    return "" if found is None else (found.get(name) or "").strip()


def _ids(elements: Iterable[etree._Element]) -> Iterator[InstanceIdentifier]:
    """The identifiers that are some: without nullFlavor, with a root."""
    for element in elements:
        root = (element.get("root") or "").strip()
        if root and element.get("nullFlavor") is None:
            yield InstanceIdentifier(root, element.get("extension"))


def _patient_ids(elements: Iterable[etree._Element]) -> tuple[CX, ...]:
    found = (CX.of(ii.extension.strip(), ii.root) for ii in _ids(elements) if ii.extension and ii.extension.strip())
    return tuple(dict.fromkeys(found))


def decode_request(element: etree._Element, interaction: Interaction) -> FeedRequest:
    """Read a message of the feed.

    Args:
        element: The content of soap:Body.
        interaction: What wsa:Action announces.

    Raises:
        MalformedMessage: The body is another message, or says not even which one it is.
    """
    if _BY_ROOT.get(element.tag) is not interaction:
        raise MalformedMessage(f"wsa:Action asks for {interaction.name}, the body is {local_name(element)}")
    message_id = next(_ids(_all(element, "id")), None)
    if message_id is None:
        raise MalformedMessage(f"{interaction.name} has no id, so that no acknowledgement could name it")
    wrapper = TransmissionWrapper(
        message_id=message_id,
        sender=tuple(_ids(_all(element, "sender/device/id"))),
        receiver=tuple(_ids(_all(element, "receiver/device/id"))),
        processing_code=_attribute(element, "processingCode", "code"),
    )
    events = _all(element, _EVENT)
    sender = wrapper.sender[0].root if wrapper.sender else ""
    message = IdentityMessage(
        message_key="|".join(("ITI-44", sender, message_id.root, message_id.extension or "")),
        content_hash=sha256(etree.tostring(element, method="c14n")).hexdigest(),
        changes=tuple(_change(event, interaction) for event in events),
    )
    return FeedRequest(message=message, wrapper=wrapper, faults=tuple(_faults(element, interaction, events, wrapper)))


def _change(event: etree._Element, interaction: Interaction) -> IdentityChange:
    # Identifiers in any role of the person are patient identifiers (TF-2 E.2).
    ids = [*_all(event, f"{_PATIENT}/id"), *_all(event, f"{_PATIENT}/patientPerson/asOtherIDs/id")]
    subsumed = _patient_ids(_all(event, _PRIOR_ID)) if interaction.event is FeedEvent.MERGE else ()
    return IdentityChange(event=interaction.event, patient_ids=_patient_ids(ids), subsumed_ids=subsumed)


def _faults(
    element: etree._Element, interaction: Interaction, events: Sequence[etree._Element], wrapper: TransmissionWrapper
) -> Iterator[str]:
    wanted = (
        ("interactionId", "root", INTERACTIONS),
        ("interactionId", "extension", interaction.name),
        ("processingModeCode", "code", "T"),
        ("acceptAckCode", "code", "AL"),
        ("controlActProcess/code", "code", interaction.trigger),
    )
    for path, name, value in wanted:
        yield from _different(element, path, name, value)
    if wrapper.processing_code not in _PROCESSING_CODES:
        yield "processingCode/@code is not P, T or D"
    for name, ids in (("sender", wrapper.sender), ("receiver", wrapper.receiver)):
        if not ids:
            yield f"{name}/device/id is missing"
    if not events:
        yield f"{_EVENT} is missing"
    for position, event in enumerate(events, 1):
        for fault in _event_faults(event, interaction):
            yield f"registrationEvent {position}: {fault}"


def _different(element: etree._Element, path: str, name: str, value: str) -> Iterator[str]:
    if _attribute(element, path, name) != value:
        yield f"{path}/@{name} is not {value}"


def _event_faults(event: etree._Element, interaction: Interaction) -> Iterator[str]:
    yield from _different(event, "statusCode", "code", "active")
    yield from _different(event, f"{_PATIENT}/statusCode", "code", "active")
    if not _all(event, f"{_PATIENT}/id"):
        yield f"{_PATIENT}/id is missing"
    priors = _all(event, _PRIOR_ID)
    if interaction.event is not FeedEvent.MERGE:
        if _all(event, _PRIOR):
            yield f"{_PRIOR} belongs into a merge"
    elif len(priors) != 1:
        yield f"{_PRIOR_ID} stands {len(priors)} times, once is needed"
    else:
        yield from _different(event, f"{_PRIOR}/statusCode", "code", "obsolete")


def _ii(name: str, identifier: InstanceIdentifier) -> str:
    extension = "" if identifier.extension is None else f' extension="{escape(identifier.extension)}"'
    return f'<{name} root="{escape(identifier.root)}"{extension}/>'


def _device(name: str, code: str, ids: Iterable[InstanceIdentifier]) -> str:
    inner = "".join(_ii("id", InstanceIdentifier(ii.root)) for ii in ids)
    return f'<{name} typeCode="{code}"><device classCode="DEV" determinerCode="INSTANCE">{inner}</device></{name}>'


def _wrapper(
    name: str, message_id: InstanceIdentifier, processing_code: str, accept: str, devices: tuple[str, str]
) -> str:
    return (
        f'<{name} xmlns="{HL7_V3}" ITSVersion="XML_1.0">{_ii("id", message_id)}'
        f'<creationTime value="{DTM.now()}+0000"/><interactionId root="{INTERACTIONS}" extension="{name}"/>'
        f'<processingCode code="{escape(processing_code)}"/><processingModeCode code="T"/>'
        f'<acceptAckCode code="{accept}"/>{"".join(devices)}'
    )


def encode_request(message: IdentityMessage, wrapper: TransmissionWrapper) -> Body:
    """Write one message of the feed; all changes of `message` are of one event.

    Args:
        message: What it announces.
        wrapper: Who sends it to whom.

    Raises:
        ValueError: The changes are of several events, or there is none.
    """
    events = {change.event for change in message.changes}
    if len(events) != 1:
        raise ValueError("one message announces one kind of change")
    interaction = _BY_EVENT[events.pop()]
    devices = (_device("receiver", "RCV", wrapper.receiver), _device("sender", "SND", wrapper.sender))
    head = _wrapper(interaction.name, wrapper.message_id, wrapper.processing_code, "AL", devices)
    subjects = "".join(_subject(change, wrapper.sender) for change in message.changes)
    act = (
        '<controlActProcess classCode="CACT" moodCode="EVN">'
        f'<code code="{interaction.trigger}" codeSystem="{INTERACTIONS}"/>{subjects}</controlActProcess>'
    )
    return Body((f"{head}{act}</{interaction.name}>",))


def _subject(change: IdentityChange, custodian: Iterable[InstanceIdentifier]) -> str:
    ids = "".join(_ii("id", InstanceIdentifier(cx.authority, cx.id_number)) for cx in change.patient_ids)
    prior = "".join(
        '<replacementOf typeCode="RPLC"><priorRegistration classCode="REG" moodCode="EVN">'
        '<statusCode code="obsolete"/><subject1 typeCode="SBJ"><priorRegisteredRole classCode="PAT">'
        f"{_ii('id', InstanceIdentifier(cx.authority, cx.id_number))}"
        "</priorRegisteredRole></subject1></priorRegistration></replacementOf>"
        for cx in change.subsumed_ids
    )
    assigned = "".join(_ii("id", InstanceIdentifier(ii.root)) for ii in custodian)
    return (
        '<subject typeCode="SUBJ"><registrationEvent classCode="REG" moodCode="EVN"><id nullFlavor="NA"/>'
        '<statusCode code="active"/><subject1 typeCode="SBJ"><patient classCode="PAT">'
        f'{ids}<statusCode code="active"/><patientPerson classCode="PSN" determinerCode="INSTANCE">'
        '<name nullFlavor="MSK"/></patientPerson>'
        f'<providerOrganization classCode="ORG" determinerCode="INSTANCE">{_authorities(change)}'
        '<contactParty classCode="CON"/></providerOrganization></patient></subject1>'
        f'<custodian typeCode="CST"><assignedEntity classCode="ASSIGNED">{assigned}</assignedEntity></custodian>'
        f"{prior}</registrationEvent></subject>"
    )


def _authorities(change: IdentityChange) -> str:
    """The organisations that assigned the identifiers: a root only, equal to theirs (TF-2 O.1.1)."""
    roots = dict.fromkeys(cx.authority for cx in change.patient_ids)
    return "".join(_ii("id", InstanceIdentifier(root)) for root in roots)


def encode_response(
    wrapper: TransmissionWrapper,
    code: AcknowledgementCode,
    details: Iterable[str] = (),
    *,
    detail_code: DetailCode = DetailCode.INTERNAL,
) -> str:
    """Write MCCI_IN000002UV01.

    Args:
        wrapper: Of the message that is answered.
        code: Whether it was taken.
        details: Texts for people, without any identifier.
        detail_code: What kind of fault they are.
    """
    devices = (_device("receiver", "RCV", wrapper.sender), _device("sender", "SND", wrapper.receiver))
    processing = wrapper.processing_code if wrapper.processing_code in _PROCESSING_CODES else "P"
    head = _wrapper(ACKNOWLEDGEMENT, InstanceIdentifier(str(uuid.uuid4())), processing, "NE", devices)
    inner = "".join(
        f'<acknowledgementDetail typeCode="E"><code code="{detail_code}" codeSystem="{DETAIL_CODES}"/>'
        f"<text>{escape(text)}</text></acknowledgementDetail>"
        for text in details
    )
    return (
        f'{head}<acknowledgement><typeCode code="{code}"/>'
        f"<targetMessage>{_ii('id', wrapper.message_id)}</targetMessage>{inner}"
        f"</acknowledgement></{ACKNOWLEDGEMENT}>"
    )


def decode_response(element: etree._Element) -> Acknowledgement:
    """Read MCCI_IN000002UV01; an application code counts as the accept code of the same kind.

    Raises:
        RemoteFault: The body is another message, or does not say what it answers.
    """
    target = next(_ids(_all(element, "acknowledgement/targetMessage/id")), None)
    if element.tag != qname(HL7_V3, ACKNOWLEDGEMENT) or target is None:
        raise RemoteFault(f"the answer is no {ACKNOWLEDGEMENT} with acknowledgement and targetMessage")
    code = _attribute(element, "acknowledgement/typeCode", "code")
    details = _all(element, "acknowledgement/acknowledgementDetail/text")
    return Acknowledgement(
        code=code.replace("A", "C", 1) if code in ("AA", "AE", "AR") else code,
        target=target,
        details=tuple("".join(str(text) for text in detail.itertext()).strip() for detail in details),
    )
