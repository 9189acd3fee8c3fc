"""The HL7 v3 feed in both directions: what is read, what lacks, and what is answered."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xds_adapter.datatypes import CX
from xds_adapter.errors import MalformedMessage, RemoteFault
from xds_adapter.model import IdentityChange, IdentityMessage, InstanceIdentifier, TransmissionWrapper
from xds_adapter.transactions import iti44
from xds_adapter.vocabulary.identity_feed import (
    INTERACTIONS_OF_FEED,
    AcknowledgementCode,
    DetailCode,
    FeedEvent,
    Interaction,
)
from xds_adapter.xmlio import Element, parse

OURS = "1.2.250.1.999.1"
WRAPPER = TransmissionWrapper(
    message_id=InstanceIdentifier("1.2.3", "4711"),
    sender=(InstanceIdentifier("1.2.4"), InstanceIdentifier("1.2.4.1")),
    receiver=(InstanceIdentifier("1.2.5"),),
)
A, B = CX.of("A", OURS), CX.of("B & <C>", OURS)


def interaction_of(event: FeedEvent) -> Interaction:
    return next(interaction for interaction in INTERACTIONS_OF_FEED if interaction.event is event)


def written(*changes: IdentityChange) -> str:
    message = IdentityMessage(message_key="", content_hash="", changes=changes)
    return "".join(iti44.encode_request(message, WRAPPER).xml)


def change(event: FeedEvent = FeedEvent.ADD, *patient_ids: CX, subsumed: CX | None = None) -> IdentityChange:
    ended = () if subsumed is None else (subsumed,)
    return IdentityChange(event=event, patient_ids=patient_ids or (A,), subsumed_ids=ended)


def read(xml: str, event: FeedEvent = FeedEvent.ADD) -> iti44.FeedRequest:
    return iti44.decode_request(parse(xml.encode()), interaction_of(event))


NAMES = st.text(alphabet="abcXYZ019-&<é", min_size=1, max_size=12).map(lambda text: CX.of(text, OURS))


@given(changes=st.lists(st.lists(NAMES, min_size=1, max_size=3, unique=True), min_size=1, max_size=3))
def test_what_is_written_can_be_read(changes: list[list[CX]]) -> None:
    given_changes = tuple(change(FeedEvent.REVISE, *ids) for ids in changes)
    request = read(written(*given_changes), FeedEvent.REVISE)
    assert (given_changes, WRAPPER, ()) == (request.message.changes, request.wrapper, request.faults)


def test_a_merge_names_the_surviving_and_the_subsumed_identifier() -> None:
    merge = change(FeedEvent.MERGE, A, subsumed=B)
    request = read(written(merge), FeedEvent.MERGE)
    assert ((merge,), ()) == (request.message.changes, request.faults)


def test_a_message_is_told_by_its_sender_and_its_id_and_a_repeat_by_its_content() -> None:
    request = read(written(change()))
    assert "ITI-44|1.2.4|1.2.3|4711" == request.message.message_key
    time = re.compile(r'creationTime value="[^"]*"')
    fixed = time.sub('creationTime value="2026"', written(change()))
    assert read(fixed).message.content_hash == read(fixed).message.content_hash
    assert read(fixed).message.content_hash != read(fixed.replace('"A"', '"C"')).message.content_hash


def test_identifiers_that_are_none_are_left_out() -> None:
    xml = written(change()).replace(
        '<statusCode code="active"/><patientPerson classCode="PSN" determinerCode="INSTANCE">',
        '<id nullFlavor="UNK"/><id extension="x"/><id root="1.2.3"/><statusCode code="active"/>'
        '<patientPerson classCode="PSN" determinerCode="INSTANCE">',
    )
    assert (A,) == read(xml).message.changes[0].patient_ids


def test_identifiers_in_other_roles_count() -> None:
    other = '<asOtherIDs classCode="PAT"><id root="1.2.9" extension="O"/></asOtherIDs></patientPerson>'
    xml = written(change()).replace("</patientPerson>", other)
    assert (A, CX.of("O", "1.2.9")) == read(xml).message.changes[0].patient_ids


BROKEN = [
    (FeedEvent.ADD, 'extension="PRPA_IN201301UV02"', 'extension="PRPA_IN201302UV02"', "interactionId/@extension"),
    (FeedEvent.ADD, '<interactionId root="2.16.840.1.113883.1.6"', '<interactionId root="1.2"', "interactionId/@root"),
    (FeedEvent.ADD, 'processingCode code="P"', 'processingCode code="X"', "processingCode/@code"),
    (FeedEvent.ADD, 'processingModeCode code="T"', 'processingModeCode code="A"', "processingModeCode/@code"),
    (FeedEvent.ADD, 'acceptAckCode code="AL"', 'acceptAckCode code="NE"', "acceptAckCode/@code"),
    (FeedEvent.ADD, 'code="PRPA_TE201301UV02"', 'code="PRPA_TE201304UV02"', "controlActProcess/code/@code"),
    (FeedEvent.ADD, '<id root="1.2.5"/>', "", "receiver/device/id is missing"),
    (FeedEvent.ADD, 'root="1.2.4', 'nullFlavor="NI" root="1.2.4', "sender/device/id is missing"),
    (FeedEvent.ADD, '<id nullFlavor="NA"/><statusCode code="active"/>', '<id nullFlavor="NA"/>', "1: statusCode/@code"),
    (FeedEvent.ADD, '"A"/><statusCode code="active"/>', '"A"/>', "subject1/patient/statusCode/@code"),
    (FeedEvent.ADD, '<id root="1.2.250.1.999.1" extension="A"/>', "", "subject1/patient/id is missing"),
    (FeedEvent.ADD, "registrationEvent", "registrationRequest", "registrationEvent is missing"),
    (FeedEvent.MERGE, 'code="obsolete"', 'code="active"', "priorRegistration/statusCode/@code"),
    (FeedEvent.MERGE, '<id root="1.2.250.1.999.1" extension="B &amp; &lt;C&gt;"/>', "", "stands 0 times"),
]


@pytest.mark.parametrize(("event", "right", "wrong", "words"), BROKEN, ids=[row[3] for row in BROKEN])
def test_one_broken_thing_yields_one_fault(event: FeedEvent, right: str, wrong: str, words: str) -> None:
    xml = written(change(event, A, subsumed=B if event is FeedEvent.MERGE else None))
    assert right in xml
    (fault,) = read(xml.replace(right, wrong), event).faults
    assert words in fault


def test_a_replacement_outside_a_merge_is_a_fault() -> None:
    merge = written(change(FeedEvent.MERGE, A, subsumed=B))
    (fault,) = read(merge.replace("201304", "201301")).faults
    assert "belongs into a merge" in fault


@pytest.mark.parametrize("xml", [written(change()), "<a/>", '<PRPA_IN201302UV02 xmlns="urn:hl7-org:v3"/>'])
def test_another_message_than_the_action_says_is_malformed(xml: str) -> None:
    with pytest.raises(MalformedMessage):
        read(xml, FeedEvent.REVISE)


def test_several_kinds_of_change_are_several_messages() -> None:
    with pytest.raises(ValueError, match="one kind"):
        written(change(), change(FeedEvent.MERGE, A, subsumed=B))


def answered(code: AcknowledgementCode, *details: str) -> Element:
    return parse(iti44.encode_response(WRAPPER, code, details, detail_code=DetailCode.CONTENT).encode())


@pytest.mark.parametrize("code", AcknowledgementCode)
def test_an_answer_names_what_it_answers(code: AcknowledgementCode) -> None:
    found = iti44.decode_response(answered(code, "a < b", "c"))
    assert (code, WRAPPER.message_id, ("a < b", "c")) == (found.code, found.target, found.details)


def test_sender_and_receiver_change_places() -> None:
    root = answered(AcknowledgementCode.ACCEPT)
    space = {"h": "urn:hl7-org:v3"}
    roots = [[e.get("root") for e in root.findall(f"h:{name}/h:device/h:id", space)] for name in ("receiver", "sender")]
    assert [["1.2.4", "1.2.4.1"], ["1.2.5"]] == roots


def test_application_codes_are_read_as_accept_codes() -> None:
    xml = iti44.encode_response(WRAPPER, AcknowledgementCode.ERROR).replace('"CE"', '"AE"')
    assert "CE" == iti44.decode_response(parse(xml.encode())).code


def test_any_other_answer_is_a_fault_of_the_peer() -> None:
    with pytest.raises(RemoteFault):
        iti44.decode_response(parse(b"<a/>"))
