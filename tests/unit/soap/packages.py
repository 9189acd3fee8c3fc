"""Valid-by-default MIME packages and envelopes, written independently of the package's own writer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from xds_adapter.soap import Limits, MessageReceiver, ReceivedMessage
from xds_adapter.soap.limits import DEFAULT_LIMITS

BOUNDARY = "uuid:376733a6-a6a5+id=17"
CONTENT_TYPE = f'multipart/related; type="application/xop+xml"; boundary="{BOUNDARY}"'
SOAP_NS = "http://www.w3.org/2003/05/soap-envelope"
WSA_NS = "http://www.w3.org/2005/08/addressing"
XOP_NS = "http://www.w3.org/2004/08/xop/include"
ROOT_HEADERS = ("Content-Type: application/xop+xml; charset=UTF-8", "Content-ID: <root@x>")


def make_part(content: bytes, *headers: str) -> bytes:
    return b"".join(f"{header}\r\n".encode() for header in headers) + b"\r\n" + content


def make_body(*parts: bytes, preamble: bytes = b"", epilogue: bytes = b"\r\n") -> bytes:
    delimiter = f"--{BOUNDARY}".encode()
    return preamble + b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in parts) + delimiter + b"--" + epilogue


def make_envelope(payload: str = "<p/>", header: str | None = None, body: str | None = None) -> bytes:
    head = '<w:Action s:mustUnderstand="1"> urn:a </w:Action>' if header is None else header
    return (
        f'<s:Envelope xmlns:s="{SOAP_NS}" xmlns:w="{WSA_NS}"><s:Header>{head}</s:Header>'
        f"{body if body is not None else f'<s:Body>{payload}</s:Body>'}</s:Envelope>"
    ).encode()


def make_document(content: str) -> str:
    return f'<x:Document xmlns:x="urn:ihe:iti:xds-b:2007" id="d">{content}</x:Document>'


def make_include(href: str) -> str:
    return f'<i:Include xmlns:i="{XOP_NS}" href="{href}"/>'


def cut(body: bytes, size: int) -> Iterable[bytes]:
    return (body[begin : begin + size] for begin in range(0, len(body), size))


def receive(
    body: bytes,
    content_type: str = CONTENT_TYPE,
    *,
    size: int = 65536,
    limits: Limits = DEFAULT_LIMITS,
    folder: Path | None = None,
) -> ReceivedMessage:
    receiver = MessageReceiver(content_type, limits=limits, folder=folder)
    for chunk in cut(body, size):
        receiver.feed(chunk)
    return receiver.finish()
