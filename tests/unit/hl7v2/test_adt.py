"""ADT messages: what they announce, what they lack, and how they are acknowledged."""

from __future__ import annotations

import re

import pytest

from xds_adapter.datatypes import CX
from xds_adapter.hl7v2 import AdtRequest, Fault, decode_adt, encode_ack, parse
from xds_adapter.vocabulary.hl7v2 import AckCode, ErrorCondition
from xds_adapter.vocabulary.identity_feed import FeedEvent

MSH = "MSH|^~\\&|APP|FAC|REG|XDS|20260101||ADT^A01^ADT_A01|4711|P|2.3.1"
PID = "PID|1||A^^^NS&1.2.3&ISO~B^^^OTHER"
A40 = (MSH.replace("A01^ADT_A01", "A40^ADT_A39"), "EVN|A40", PID, "MRG|C^^^&1.2.3&ISO")


def request(*segments: str) -> AdtRequest:
    octets = "\r".join(segments).encode()
    return decode_adt(parse(octets), octets)


@pytest.mark.parametrize("trigger", ["A01", "A04", "A05"])
def test_a_new_patient(trigger: str) -> None:
    read = request(MSH.replace("A01^ADT_A01", trigger), "EVN|x", PID, "PV1|1")
    (change,) = read.message.changes
    assert (FeedEvent.ADD, (CX("A^^^NS&1.2.3&ISO"), CX("B^^^OTHER")), ()) == (
        change.event,
        change.patient_ids,
        read.faults,
    )


def test_an_update_changes_nothing_in_a_registry() -> None:
    read = request(MSH.replace("A01^", "A08^"), PID)
    assert ((), ()) == (read.message.changes, read.faults)


def test_a_merge() -> None:
    read = request(*A40)
    (change,) = read.message.changes
    assert (FeedEvent.MERGE, (CX("C^^^&1.2.3&ISO"),), ()) == (change.event, change.subsumed_ids, read.faults)


def test_a_message_is_told_by_sender_and_control_id() -> None:
    assert "ITI-8|APP|FAC|4711" == request(MSH, PID).message.message_key
    assert request(MSH, PID).message.content_hash == request(MSH, PID).message.content_hash
    assert request(MSH, PID).message.content_hash != request(MSH, PID + "~D").message.content_hash


REJECT, ERROR = AckCode.REJECT, AckCode.ERROR
E = ErrorCondition


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ((MSH.replace("ADT^", "ORU^"), PID), (REJECT, E.MESSAGE_TYPE, "MSH^1^9^1^1")),
        ((MSH.replace("A01^ADT_A01", "A28"), PID), (REJECT, E.EVENT, "MSH^1^9^1^2")),
        ((MSH.replace("^ADT_A01", "^ADT_A39"), PID), (REJECT, E.MESSAGE_TYPE, "MSH^1^9^1^3")),
        ((MSH.replace("2.3.1", "2.2"), PID), (REJECT, E.VERSION, "MSH^1^12")),
        ((MSH.replace("2.3.1", "2.9"), PID), (REJECT, E.VERSION, "MSH^1^12")),
        ((MSH.replace("|P|", "|X|"), PID), (REJECT, E.PROCESSING_ID, "MSH^1^11")),
        ((MSH.replace("4711", ""), PID), (ERROR, E.REQUIRED_FIELD, "MSH^1^10")),
        ((MSH, "EVN|A01"), (ERROR, E.SEGMENT_SEQUENCE, "PID^1")),
        ((MSH, "PID|1||"), (ERROR, E.REQUIRED_FIELD, "PID^1^3")),
        (A40[:3], (ERROR, E.SEGMENT_SEQUENCE, "MRG^1")),
        ((*A40[:3], "MRG|"), (ERROR, E.REQUIRED_FIELD, "MRG^1^1")),
        ((MSH.replace("4711", "47\x0011"), PID), (ERROR, E.DATA_TYPE, "MSH^1^10")),
        ((MSH, PID.replace("B^", "B\x00^")), (ERROR, E.DATA_TYPE, "PID^1^3")),
        ((MSH, PID.replace("B^", "B\\X01\\^")), (ERROR, E.DATA_TYPE, "PID^1^3")),
        ((MSH, PID.replace("B^", "B" * 250 + "^")), (ERROR, E.DATA_TYPE, "PID^1^3")),
        ((*A40[:3], "MRG|C\uffff^^^&1.2.3&ISO"), (ERROR, E.DATA_TYPE, "MRG^1^1")),
    ],
)
def test_one_broken_thing_yields_one_fault(segments: tuple[str, ...], expected: tuple[AckCode, E, str]) -> None:
    (fault,) = request(*segments).faults
    assert expected == (fault.code, fault.condition, fault.location)


@pytest.mark.parametrize("version", ["2.3", "2.3.1", "2.5", "2.5.1^FRA", "2.8"])
def test_other_versions_are_read(version: str) -> None:
    assert () == request(MSH.replace("2.3.1", version), PID).faults


def test_an_acknowledgement_goes_back_to_the_sender() -> None:
    answer = encode_ack(parse(MSH.encode()), AckCode.ACCEPT).decode()
    assert re.fullmatch(
        r"MSH\|\^~\\&\|REG\|XDS\|APP\|FAC\|\d{14}\|\|ACK\^A01\^ACK\|\w+\|P\|2\.3\.1\rMSA\|AA\|4711\r", answer
    )


def test_each_fault_is_a_segment_and_its_words_are_escaped() -> None:
    fault = Fault(AckCode.ERROR, ErrorCondition.UNKNOWN_KEY, "PID^1^3", "a|b\rc^d\\e")
    answer = encode_ack(parse(MSH.encode()), AckCode.ERROR, (fault, fault)).decode()
    segment = "ERR||PID^1^3|204^Unknown key identifier^HL70357|E||||a\\F\\b c\\S\\d\\E\\e"
    assert ["MSA|AE|4711", segment, segment, ""] == answer.split("\r")[1:]
    read = parse(answer.encode())
    assert "a|b c^d\\e" == read.field("ERR", 8).value()


def test_hostile_headers_cannot_add_segments() -> None:
    octets = b"MSH|^~\\&|A\\X0D\\MSA\\F\\AA|F|R|X|1||ADT^A01|1\\X0D\\2|P|2.3.1\r"
    answer = encode_ack(parse(octets), AckCode.REJECT).decode()
    assert ["MSH", "MSA", ""] == [segment[:3] for segment in answer.split("\r")]
