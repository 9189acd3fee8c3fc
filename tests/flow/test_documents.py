"""Whatever the bytes of a document, they come back."""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flow.running import Site, post
from tests.flow.submissions import inline, mtom, numbered, unique_id
from xds_adapter.client import DocumentConsumer

NUMBERS = itertools.count(1)

EDGES = (b"", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\0", b"\x1a", b" ", b"--", b"\r\n--", b"\xef\xbb\xbf")
LOOK_ALIKES = (
    b"\r\n--MIMEBoundary_",
    b"--MIMEBoundary_0123456789abcdef--\r\n",
    b"\r\n--MIMEBoundary_0123456789abcdef\r\nContent-ID: <x>\r\n\r\n",
    b"<xop:Include href='cid:x'/>",
    b"]]>",
    b"<!DOCTYPE a>",
    b"=\r\n=3D",
)


def _filled(size: int) -> bytes:
    return random.Random(size).randbytes(size)


PIECES = st.one_of(
    st.sampled_from(EDGES + LOOK_ALIKES),
    st.binary(max_size=300),
    # Around the sizes where a document leaves the chunk, memory, or the database.
    st.sampled_from([4_096, 65_535, 65_536, 131_071, 131_072, 131_073, 200_000]).map(_filled),
    st.integers(0, 200_000).map(_filled),
)
DOCUMENTS = st.lists(PIECES, max_size=5).map(b"".join).filter(lambda octets: len(octets) <= 300_000)


@pytest.fixture(scope="module")
def consumer(shared_site: Site) -> Iterator[DocumentConsumer]:
    with DocumentConsumer(shared_site.registry, shared_site.repository) as consumer:
        yield consumer


@settings(max_examples=60, suppress_health_check=list(HealthCheck), derandomize=True)
@given(content=DOCUMENTS, as_mtom=st.booleans())
def test_a_document_comes_back(shared_site: Site, consumer: DocumentConsumer, content: bytes, as_mtom: bool) -> None:
    _comes_back(shared_site, consumer, content, as_mtom=as_mtom)


@pytest.mark.parametrize("as_mtom", [True, False])
@pytest.mark.parametrize("edge", [*EDGES, *LOOK_ALIKES])
def test_an_edge_comes_back_alone_and_at_both_ends(
    shared_site: Site, consumer: DocumentConsumer, edge: bytes, as_mtom: bool
) -> None:
    _comes_back(shared_site, consumer, edge, as_mtom=as_mtom)
    _comes_back(shared_site, consumer, edge + b"x" + edge, as_mtom=as_mtom)


@pytest.mark.parametrize("edge", [*EDGES, *LOOK_ALIKES])
def test_an_edge_comes_back_at_both_ends_of_a_file(shared_site: Site, consumer: DocumentConsumer, edge: bytes) -> None:
    for as_mtom in (True, False):
        _comes_back(shared_site, consumer, edge + _filled(150_000) + edge, as_mtom=as_mtom)


def _comes_back(site: Site, consumer: DocumentConsumer, content: bytes, *, as_mtom: bool) -> None:
    number = next(NUMBERS)
    answer = post(site.repository, *(mtom if as_mtom else inline)(numbered(number, content)))
    assert ("Success", []) == (answer.status_word, answer.errors)
    (entry,) = consumer.get_documents([unique_id(number)])
    assert (hashlib.sha1(content).hexdigest(), len(content)) == (entry.hash, entry.size)
    with consumer.retrieve([entry]) as documents:
        assert content == b"".join(documents[0].content.chunks())
