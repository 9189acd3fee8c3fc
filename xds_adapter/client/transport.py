"""A zeep transport that streams MTOM both ways.

zeep sends documents as base64 in the envelope and damages those it receives in MTOM (it strips line ends at both ends
of a part); nothing of a document passes through zeep here.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
import zeep
from lxml import etree
from requests.adapters import HTTPAdapter

from xds_adapter import __version__
from xds_adapter.client.errors import network_errors
from xds_adapter.errors import MalformedMessage, RemoteFault
from xds_adapter.soap import Limits, MessageReceiver, MtomMessage, ReceivedMessage
from xds_adapter.transactions import Attachment
from xds_adapter.vocabulary.transactions import Transaction

_CHUNK = 1 << 18
_CONNECTIONS = 32


@dataclass(slots=True)
class Call:
    """One call while it is under way in this thread."""

    transaction: Transaction
    attachments: tuple[Attachment, ...] = ()
    message_id: str = field(default_factory=lambda: uuid.uuid4().urn)


class _Stream:
    """A body of known length in pieces; requests sends it with Content-Length instead of chunked."""

    def __init__(self, message: MtomMessage) -> None:
        self._message = message

    def __len__(self) -> int:
        return self._message.content_length

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._message.chunks())


class MtomTransport(zeep.Transport):
    """Posts envelopes with their documents and receives answers with theirs, never holding one in memory.

    Args:
        timeout_s: Seconds to wait for a connection, and for the next bytes of an answer.
        limits: Bounds on answers.
        spool: Folder for documents that are too large for memory.
        on_wire: Shown each envelope, with a word on which way it goes.
    """

    def __init__(
        self, *, timeout_s: float, limits: Limits, spool: Path, on_wire: Callable[[str, bytes], None] | None = None
    ) -> None:
        session = requests.Session()
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_connections=4, pool_maxsize=_CONNECTIONS)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        super().__init__(session=session, operation_timeout=timeout_s)  # type: ignore[no-untyped-call]
        session.headers["User-Agent"] = f"xds-adapter/{__version__}"
        self._limits = limits
        self._spool = spool
        self._on_wire = on_wire or (lambda _way, _envelope: None)
        self._thread = threading.local()

    @contextmanager
    def calling(self, call: Call) -> Iterator[None]:
        """Say what the next post of this thread sends beside its envelope."""
        self._thread.call = call
        try:
            yield
        finally:
            del self._thread.call

    @property
    def call(self) -> Call:
        """The call under way in this thread."""
        call: Call = self._thread.call
        return call

    def post_xml(self, address: str, envelope: etree._Element, _headers: dict[str, str]) -> ReceivedMessage:
        """Post an envelope and receive the answer.

        Raises:
            TransportFailed: The message did not get through, or no answer came.
            RemoteFault: What came is no SOAP 1.2.
        """
        content = etree.tostring(envelope, encoding="UTF-8", xml_declaration=False)
        self._on_wire("sent", content)
        sent = {"Accept": "multipart/related, application/soap+xml", "Accept-Encoding": "identity"}
        body: Any = content
        if self.call.transaction.mtom:
            attachments = [(a.cid, a.mime_type, a.content) for a in self.call.attachments]
            message = MtomMessage(content, attachments, action=self.call.transaction.request_action)
            sent["Content-Type"] = message.content_type
            body = _Stream(message)
        else:
            action = self.call.transaction.request_action
            sent["Content-Type"] = f'application/soap+xml; charset=UTF-8; action="{action}"'
        with (
            network_errors(address),
            self.session.post(
                address,
                data=body,
                headers=sent,
                timeout=self.operation_timeout,
                stream=True,
                allow_redirects=False,
            ) as response,
        ):
            return self._receive(address, response)

    def _receive(self, address: str, response: requests.Response) -> ReceivedMessage:
        content_type = response.headers.get("Content-Type", "")
        try:
            receiver = MessageReceiver(content_type, limits=self._limits, folder=self._spool)
            try:
                for chunk in response.raw.stream(_CHUNK, decode_content=True):
                    receiver.feed(chunk)
                message = receiver.finish()
            except BaseException:
                receiver.close()
                raise
            self._on_wire("received", etree.tostring(message.envelope, encoding="UTF-8"))
            return message
        except MalformedMessage as error:
            what = f"HTTP {response.status_code} with {content_type or 'no content type'}"
            raise RemoteFault(f"{address} answered {what}, which is no usable SOAP 1.2: {error}") from error
