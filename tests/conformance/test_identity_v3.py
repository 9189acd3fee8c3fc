"""Official messages of the HL7 v3 feed through the registry; our messages and answers against the official schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.flow.running import HttpAnswer, Site, post, request, running
from tests.flow.submissions import mtom, numbered
from tests.shared import shared_path
from xds_adapter.app import PIX_PATH, REGISTRY_PATH
from xds_adapter.config import RegistrySettings, Settings
from xds_adapter.datatypes import CX, HD
from xds_adapter.model import IdentityChange, IdentityMessage, InstanceIdentifier, TransmissionWrapper
from xds_adapter.soap import SIMPLE_CONTENT_TYPE, new_message_id, write_envelope
from xds_adapter.transactions import iti44
from xds_adapter.vocabulary.identity_feed import FeedEvent
from xds_adapter.xmlio import parse

pytestmark = pytest.mark.shared

OURS = "1.2.3.4.5.1000"
NUMBERS = iter(range(1, 1000))


def sample(name: str) -> str:
    text = shared_path("data", "pix", "v3", f"{name}.xml").read_text(encoding="utf-8")
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"))


def schema(name: str) -> etree.XMLSchema:
    path = shared_path("data", "pix", "wsdl", "schema", "HL7V3", "NE2008", "multicacheschemas", f"{name}.xsd")
    return etree.XMLSchema(etree.parse(str(path)))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    settings = Settings(registry=RegistrySettings(assigning_authority=HD(f"&{OURS}&ISO")))
    with running(tmp_path / "data", settings, patients=()) as site:
        yield site


def send(site: Site, xml: str, path: str = PIX_PATH, action: str = "") -> HttpAnswer:
    name = etree.QName(parse(xml.encode())).localname
    envelope = write_envelope(
        xml, action=action or f"urn:hl7-org:v3:{name}", message_id=new_message_id(), to="http://127.0.0.1/"
    )
    return post(site.url + path, SIMPLE_CONTENT_TYPE, envelope)


def acknowledged(answer: HttpAnswer) -> tuple[str, tuple[str, ...]]:
    assert (200, "urn:hl7-org:v3:MCCI_IN000002UV01") == (answer.status, answer.envelope.action)
    body = parse(etree.tostring(answer.envelope.body))
    schema("MCCI_IN000002UV01").assertValid(body)
    found = iti44.decode_response(body)
    return found.code, found.details


def message(event: FeedEvent, *patient_ids: CX, subsumed: CX | None = None) -> str:
    change = IdentityChange(event=event, patient_ids=patient_ids, subsumed_ids=(subsumed,) if subsumed else ())
    wrapper = TransmissionWrapper(
        message_id=InstanceIdentifier("1.2.3", str(next(NUMBERS))),
        sender=(InstanceIdentifier("1.2.4"),),
        receiver=(InstanceIdentifier("1.2.5"),),
    )
    body = iti44.encode_request(IdentityMessage(message_key="", content_hash="", changes=(change,)), wrapper)
    return "".join(body.xml)


@pytest.mark.parametrize("event", FeedEvent)
def test_our_messages_follow_the_official_schema(event: FeedEvent) -> None:
    subsumed = CX.of("B", OURS) if event is FeedEvent.MERGE else None
    root = parse(message(event, CX.of("A", OURS), subsumed=subsumed).encode())
    schema(etree.QName(root).localname).assertValid(root)


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("a01-translated", "CA", ""),
        ("a04-translated", "CA", ""),
        ("a08-translated", "CA", ""),
        ("reg-max-request", "CA", ""),
        ("rev-max-request", "CA", ""),
        ("multipatient-request", "CA", ""),
        # The subsumed identifier of both is of another assigning authority.
        ("merge-max-request", "CE", "the subsumed identifier is not of this affinity domain's assigning authority"),
        ("a40-translated", "CE", "the subsumed identifier is not of this affinity domain's assigning authority"),
    ],
)
def test_an_official_message(site: Site, name: str, code: str, words: str) -> None:
    found, details = acknowledged(send(site, sample(name)))
    assert (code, bool(words)) == (found, bool(details))
    assert not words or words in details[0]


def test_a_message_that_comes_again_is_answered_as_before(site: Site) -> None:
    xml = message(FeedEvent.ADD, CX.of("A", OURS))
    first, second = send(site, xml), send(site, xml)
    assert etree.tostring(first.envelope.body) == etree.tostring(second.envelope.body)


@pytest.mark.parametrize("path", [PIX_PATH, REGISTRY_PATH])
def test_a_patient_becomes_known_is_merged_and_is_unknown_afterwards(site: Site, path: str) -> None:
    old, new = CX.of("old", OURS), CX.of("new", OURS)
    numbers = iter(range(100))

    def submit(patient: CX) -> list[str]:
        number = next(numbers)
        content_type, body = mtom(numbered(number, b"x", patient_id=patient))
        return post(site.repository, content_type, body).codes

    assert ["XDSUnknownPatientId"] * len(codes := submit(old)) == codes
    for patient in (old, new):
        assert ("CA", ()) == acknowledged(send(site, message(FeedEvent.ADD, patient), path))
    assert [] == submit(old)
    assert ("CA", ()) == acknowledged(send(site, message(FeedEvent.MERGE, new, subsumed=old), path))
    assert {"XDSUnknownPatientId"} == set(submit(old))
    assert [] == submit(new)
    code, details = acknowledged(send(site, message(FeedEvent.MERGE, new, subsumed=old), path))
    assert ("CE", ("the subsumed identifier was merged into another already",)) == (code, details)


def test_a_message_that_lacks_something_is_not_acted_upon(site: Site) -> None:
    xml = message(FeedEvent.ADD, CX.of("A", OURS)).replace('acceptAckCode code="AL"', 'acceptAckCode code="NE"')
    code, details = acknowledged(send(site, xml))
    assert ("CE", ("acceptAckCode/@code is not AL",)) == (code, details)
    with site.installation.database.reading() as transaction:
        assert set() == transaction.registry.known_patients([CX.of("A", OURS).key])


@pytest.mark.parametrize("name", ["PRPA_IN201302UV02", "PRPA_IN201304UV02"])
def test_another_message_than_the_action_says_gets_a_fault(site: Site, name: str) -> None:
    answer = send(site, message(FeedEvent.ADD, CX.of("A", OURS)), action=f"urn:hl7-org:v3:{name}")
    assert answer.fault is not None
    assert f"asks for {name}, the body is PRPA_IN201301UV02" in answer.fault[1]


def test_the_pix_manager_describes_itself(site: Site) -> None:
    answer = request("GET", f"{site.url}{PIX_PATH}?wsdl")
    assert (200, True) == (answer.status, b"PIXManager_PRPA_IN201304UV02" in answer.content)
