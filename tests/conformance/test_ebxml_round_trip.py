"""Every official sample is written as it was read: encode(decode(message)) says what the message says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from tests.canonical import canonical
from tests.shared import shared_files, shared_path
from xds_adapter.ebxml import (
    decode_objects,
    decode_outcome,
    decode_query,
    decode_query_response,
    decode_submission,
    encode_leaf,
    encode_object_ref,
    encode_outcome,
    encode_query,
    encode_query_response,
    encode_submission,
    insert_status,
)
from xds_adapter.model import RegistryObject
from xds_adapter.vocabulary.namespaces import LCM, QUERY, RIM, RS, qname
from xds_adapter.xmlio import parse

pytestmark = pytest.mark.shared

SAMPLES = ("data", "xds", "samples")
HOSTILE = "ipf-iti18-find-documents-body.xml"


def _submission(message: etree._Element) -> str:
    return encode_submission(decode_submission(message)[0])


def _query(message: etree._Element) -> str:
    return encode_query(decode_query(message)[0])


def _outcome(message: etree._Element) -> str:
    return encode_outcome(decode_outcome(message))


def _stored(registry_object: RegistryObject) -> str:
    leaf, status = encode_leaf(registry_object), registry_object.availability_status
    return insert_status(leaf, status) if status else leaf


def _query_response(message: etree._Element) -> str:
    result = decode_query_response(message)
    objects = [
        *map(_stored, result.document_entries),
        *map(_stored, result.submission_sets),
        *map(_stored, result.folders),
        *map(_stored, result.associations),
        *map(encode_object_ref, result.object_refs),
    ]
    return "".join(encode_query_response(result.outcome, objects))


AGAIN: dict[str, Callable[[etree._Element], str]] = {
    qname(LCM, "SubmitObjectsRequest"): _submission,
    qname(QUERY, "AdhocQueryRequest"): _query,
    qname(QUERY, "AdhocQueryResponse"): _query_response,
    qname(RS, "RegistryResponse"): _outcome,
}


def _root_part(content: bytes) -> bytes:
    """The first part of a multipart body: from the first empty line to the boundary's next line."""
    boundary = content.split(b"\n", 1)[0].rstrip()
    return content.split(b"\n\n", 1)[1].split(b"\n" + boundary, 1)[0]


def _messages(path: Path) -> list[etree._Element]:
    content = path.read_bytes()
    root = parse(_root_part(content) if path.suffix == ".mime" else content)
    return list(root.iter(*AGAIN))


def _samples() -> list[Path]:
    files = shared_files(*SAMPLES, pattern="*.xml") + shared_files(*SAMPLES, pattern="*.mime")
    return [path for path in files if _messages(path)]


def test_the_samples_are_there() -> None:
    shared_path(*SAMPLES)
    assert 40 <= len(_samples())
    assert 3 == len([path for path in _samples() if path.suffix == ".mime"])


@pytest.mark.parametrize("path", [p for p in _samples() if p.name != HOSTILE], ids=lambda path: path.name)
def test_a_sample_is_written_as_it_was_read(path: Path) -> None:
    for message in _messages(path):
        again = parse(AGAIN[str(message.tag)](message).encode())
        assert canonical(message) == canonical(again)


def test_a_parameter_that_tries_to_inject_a_condition_is_refused() -> None:
    (message,) = _messages(shared_path(*SAMPLES, HOSTILE))
    query, errors = decode_query(message)
    assert [("SQ-004", "$XDSDocumentEntryPatientId")] == [(error.rule, error.attribute) for error in errors]
    assert "$XDSDocumentEntryPatientId" not in query.parameters


FAULTS: dict[str, list[tuple[str, str]]] = {}
"""What is wrong with the form of a sample: rule and attribute."""


@pytest.mark.parametrize("path", _samples(), ids=lambda path: path.name)
def test_only_known_faults_are_found_in_a_sample(path: Path) -> None:
    lists = [found for message in _messages(path) for found in message.iter(qname(RIM, "RegistryObjectList"))]
    errors = [(error.rule, error.attribute) for objects in lists for error in decode_objects(objects)[1]]
    assert FAULTS.get(path.name, []) == errors
