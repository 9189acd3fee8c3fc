"""Messages for benchmarks and scripts: a realistic ITI-41 of about 15 kB of metadata and any document."""

from __future__ import annotations

import base64
from collections.abc import Callable

from xds_adapter.datatypes import CX, DTM, XCN, Coded, CXi
from xds_adapter.model import Association, Author, DocumentEntry, Submission, SubmissionSet, SubmittedDocument
from xds_adapter.soap import SIMPLE_CONTENT_TYPE, BytesContent, MtomMessage, new_message_id, write_envelope
from xds_adapter.transactions import iti41
from xds_adapter.vocabulary.transactions import ITI_41

PATIENT = "BENCH-1^^^&1.2.250.1.999.1.1.100&ISO"
SAMPLE_UNIQUE_IDS = (b"1.2.250.1.999.7.1.1.1000000000", b"1.2.250.1.999.7.1.2.1000000000")

_SCHEME = "2.16.840.1.113883.6.1"


def _code(code: str, display: str) -> Coded:
    return Coded(code, _SCHEME, display)


def _author(family: str) -> Author:
    return Author(
        person=XCN(f"801234560801^{family}^HUGO^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"),
        institutions=("Centre hospitalier du Bocage^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1920008059",),
        roles=("Radiologue",),
        specialties=("G15_10/SM44^Radio-diagnostic^1.2.250.1.213.1.1.4.5",),
    )


def submission(unique_id: str, submission_id: str, document: bytes) -> Submission:
    """A submission of one document with the metadata of an imaging report."""
    entry = DocumentEntry(
        entry_uuid="Document01",
        mime_type="text/xml",
        creation_time=DTM("20260106095800"),
        language_code="fr-FR",
        legal_authenticator=XCN("801234560801^MARTEL^HUGO^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"),
        reference_id_list=(
            CXi("ACN-101^^^&1.2.250.1.999.1.3.27&ISO^urn:ihe:iti:xds:2013:accession"),
            CXi("OPN-101^^^&1.2.250.1.999.1.2.12&ISO^urn:ihe:iti:xds:2013:order"),
        ),
        service_start_time=DTM("20260106090000"),
        service_stop_time=DTM("20260106091500"),
        source_patient_id=CX("IPP-0001^^^&1.2.250.1.999.1.1.100&ISO^PI"),
        source_patient_info=("PID-5|PAT-TROIS^DOMINIQUE^^^^^L", "PID-7|19790328", "PID-8|F"),
        title="CR d'imagerie médicale",
        comments="Angioscanner thoracique",
        authors=(_author("MARTEL"), _author("LEROUX")),
        class_code=_code("10", "Compte rendu"),
        confidentiality_codes=(_code("N", "Normal"),),
        event_code_list=(_code("24627-2", "Scanner du thorax"), _code("CT", "Scanner"), _code("51185008", "Thorax")),
        format_code=_code("urn:ihe:rad:CDA:ImagingReportStructuredHeadings:2013", "Imagerie"),
        healthcare_facility_type_code=_code("SA01", "Etablissement public de santé"),
        practice_setting_code=_code("ETABLISSEMENT", "Etablissement de santé"),
        type_code=_code("18748-4", "CR d'imagerie médicale"),
        patient_id=CX(PATIENT),
        unique_id=unique_id,
    )
    submission_set = SubmissionSet(
        entry_uuid="SubmissionSet01",
        submission_time=DTM("20260106100000"),
        authors=(_author("MARTEL"),),
        content_type_code=_code("07", "Externe"),
        patient_id=CX(PATIENT),
        source_id="1.2.250.1.999.7",
        unique_id=submission_id,
    )
    member = Association(
        entry_uuid="as01", source_object="SubmissionSet01", target_object="Document01", submission_set_status="Original"
    )
    return Submission(
        submission_set=submission_set,
        document_entries=(entry,),
        associations=(member,),
        documents=(SubmittedDocument(document_id="Document01", content=BytesContent(document)),),
    )


def mtom(submitted: Submission, change: Callable[[str], str] = str) -> tuple[str, bytes]:
    """Content-Type and body of an ITI-41 as MTOM; `change` edits the XML of its body."""
    body = iti41.encode_request(submitted)
    attachments = [(a.cid, a.mime_type, a.content) for a in body.attachments]
    message = MtomMessage(_envelope(change("".join(body.xml))), attachments, ITI_41.request_action)
    return message.content_type, b"".join(message.chunks())


def inline(submitted: Submission, change: Callable[[str], str] = str) -> tuple[str, bytes]:
    """Content-Type and body of an ITI-41 as plain SOAP, documents as base64 text in it."""
    body = iti41.encode_request(submitted)
    xml = change("".join(body.xml))
    for attachment in body.attachments:
        xml = xml.replace(attachment.include, base64.b64encode(b"".join(attachment.content.chunks())).decode())
    return SIMPLE_CONTENT_TYPE, _envelope(xml)


def _envelope(xml: str) -> bytes:
    to = "http://127.0.0.1/xds/repository"
    return write_envelope(xml, action=ITI_41.request_action, message_id=new_message_id(), to=to)


def provide_and_register(document: bytes) -> tuple[str, bytes]:
    """Content-Type and body of an ITI-41 whose two uniqueIds are `SAMPLE_UNIQUE_IDS`."""
    return mtom(submission(SAMPLE_UNIQUE_IDS[0].decode(), SAMPLE_UNIQUE_IDS[1].decode(), document))
