"""One message from its bytes to its answer, in a worker thread: the only place where an exception becomes a reply.

Source: SOAP 1.2 part 1 section 5.4 and part 2 section 7.5.2; WS-Addressing 1.0 SOAP binding section 6.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from xds_adapter.errors import MalformedMessage, MustUnderstand, StorageUnavailable, VersionMismatch
from xds_adapter.model import Outcome, RegistryError
from xds_adapter.server.posting import Address
from xds_adapter.server.replies import Pending, Replies
from xds_adapter.server.service import Act, Answer, Service
from xds_adapter.soap import (
    Envelope,
    FaultCode,
    LongEnvelope,
    MessageReceiver,
    MtomMessage,
    ReceivedMessage,
    SpooledBody,
    fault_http_status,
    new_message_id,
    read_envelope,
    write_envelope,
    write_fault,
)
from xds_adapter.transactions import Body
from xds_adapter.vocabulary.error_codes import XdsErrorCode
from xds_adapter.vocabulary.namespaces import WSA_ANONYMOUS, WSA_NONE
from xds_adapter.xmlio import Element

LOG = logging.getLogger("xds_adapter.server")

_SOAP = "application/soap+xml; charset=UTF-8"
_IN_DOUBT = "whether it was stored is not known: ask for it, or submit it again and take a duplicate for success"


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer; `chunks` is read once, in a worker thread when it is long.

    Attributes:
        elsewhere: It does not go back on the connection of its request, but where that asked for.
        in_memory: Reading `chunks` waits for nothing.
    """

    status: int
    content_type: str
    content_length: int
    chunks: Iterator[bytes]
    elsewhere: bool = False
    in_memory: bool = False


class _NotRefusable(Exception):
    """What happened to a message whose transaction knows no answer for it: a SOAP fault says it."""

    def __init__(self, error: Exception) -> None:
        self.error = error


@dataclass(slots=True)
class Exchange:
    """One exchange: `open` its message, `prepare` and `answer` it; whatever cannot be done gives a `Reply` instead.

    Attributes:
        log: Takes a word on what was done and the facts of the exchange.
        replies: Posts answers that go elsewhere.
        exchange_id: Our own name of the exchange: in the log, in the answer's header X-Exchange-Id, and in faults.
        ends: Which stage of the exchange ended when.
        outcome: Last word of the status that was answered, or ``fault``.
        codes: The error codes that were answered.
        message: The message, once it is open; `close` closes its documents, after the reply has been sent.
        service: What the message asks for, once that is known.
        pending: The place of an answer that goes elsewhere; what `keep` puts there is posted after `close`.
    """

    path: str
    services: Mapping[str, Service]
    log: Callable[[str, Mapping[str, object]], None]
    replies: Replies
    started: float = field(default_factory=time.perf_counter)
    exchange_id: str = field(default_factory=lambda: os.urandom(6).hex())
    ends: list[tuple[str, float]] = field(default_factory=list)
    outcome: str = ""
    codes: frozenset[str] = frozenset()
    action: str = ""
    message_id: str | None = None
    mtom: bool = False
    message: ReceivedMessage | None = None
    service: Service | None = None
    pending: Pending | None = None
    _reply_to: Address | None = None
    _fault_to: Address | None = None
    _reply_parameters: bytes = b""
    _fault_parameters: bytes = b""
    _body: Element | None = None
    _act: Act | None = None
    _spooled: SpooledBody | None = None

    def mark(self, stage: str) -> None:
        """Say that a stage has ended."""
        self.ends.append((stage, time.perf_counter()))

    def open(self, receiver: MessageReceiver) -> Reply | None:
        """Find out what a message that has arrived completely asks for; only that, so that it can still be refused.

        Returns:
            None when it can be acted upon, or what it gets instead: a fault, or an answer that nothing was done.
        """
        try:
            self.message = receiver.finish()
            self.mtom = self.message.is_mtom
            envelope = self._read(self.message.envelope)
            crowded = not self._reserve()
            self.service = self._service(envelope)
            if crowded:
                return self._crowded(self.service)
            self._body = envelope.body
        except Exception as error:  # noqa: BLE001 - every exception becomes a fault here
            return self.fault(error)
        return None

    def prepare(self) -> Reply | None:
        """Read the body of an open message; returns what the message gets if that cannot be done."""
        if self.service is None or self.message is None or self._body is None:
            raise ValueError("the exchange is not open")
        try:
            self._act = self._prepared(self.service, self._body, self.message)
        except Exception as error:  # noqa: BLE001 - every exception becomes a fault here
            return self.fault(error)
        self.mark("read")
        return None

    def answer(self) -> Reply:
        """Have a prepared message processed; it may be called again when the first answer could not be kept."""
        self.mark("wait")
        return self._acted()

    def _acted(self) -> Reply:
        if self.service is None or self._act is None:
            raise ValueError("the exchange is not prepared")
        try:
            answer = self._answer(self.service, self._act)
        except _NotRefusable as error:
            return self.fault(error.error)
        self._log(answer.outcome)
        reply = self._encoded(self.service, answer.body)
        self.mark("act")
        return reply

    def work(self) -> Reply:
        """Prepare and answer an open message."""
        self.mark("wait")
        return self.prepare() or self._acted()

    def turned_away(self, receiver: MessageReceiver | None, error: Exception) -> Reply:
        """Reply to a message that is not read to its end: what it asked for, as far as that has come, is not done."""
        root = receiver.root() if receiver is not None and isinstance(error, StorageUnavailable) else None
        if receiver is None or root is None:
            return self.fault(error)
        try:
            self.mtom = receiver.is_mtom
            self.service = self._service(self._read(root))
        except Exception as unreadable:  # noqa: BLE001 - every exception becomes a fault here
            error = unreadable
        # Wherever an answer was wanted: this one is about the connection.
        self._reply_to = self._fault_to = None
        return self.failed(error)

    def failed(self, error: Exception) -> Reply:
        """Reply when a message was not acted upon, or its answer could not be kept: what was to be written is not."""
        if self.service is None or self.service.refuse is None or not isinstance(error, StorageUnavailable):
            return self.fault(error)
        answer = self._unavailable(self.service, error)
        self._log(answer.outcome)
        return self._encoded(self.service, answer.body)

    def _read(self, root: Element) -> Envelope:
        envelope = read_envelope(root)
        self.action = envelope.action
        self.message_id = envelope.message_id
        reply_to = self._address(envelope.reply_to, "wsa:ReplyTo")
        # A fault that nobody wants to hear of (the address "none") does no harm on the connection.
        wanted = None if envelope.fault_to == WSA_NONE else envelope.fault_to
        fault_to = self._address(wanted, "wsa:FaultTo") if wanted is not None else reply_to
        if (reply_to or fault_to) and not envelope.message_id:
            reason = "an answer to another address needs wsa:MessageID, or nobody can tell what it answers"
            raise MalformedMessage(reason, subcode="MessageAddressingHeaderRequired")
        self._reply_to, self._fault_to = reply_to, fault_to
        self._reply_parameters = envelope.reply_parameters
        self._fault_parameters = envelope.reply_parameters if wanted is None else envelope.fault_parameters
        return envelope

    def _address(self, text: str | None, header: str) -> Address | None:
        """Read where an answer is wanted; None is the connection of the request."""
        if text in (None, WSA_ANONYMOUS):
            return None
        address = self.replies.admitted(text or "")
        if address is None:
            reason = f"{header} names an address to which this server may not send answers"
            words = "they go to the anonymous address and to the hosts of registry.async_reply_hosts"
            raise MalformedMessage(f"{reason}; {words}", subcode="OnlyAnonymousAddressSupported")
        return address

    def _reserve(self) -> bool:
        """Take a place for an answer that goes elsewhere, before anything is done; False when there is none."""
        address = self._reply_to or self._fault_to
        if address is None:
            return True
        self.pending = self.replies.reserve(address)
        if self.pending is None:
            self._reply_to = self._fault_to = None
        return self.pending is not None

    def _crowded(self, service: Service) -> Reply:
        words = "too many asynchronous answers wait for their receivers; nothing was done, try again later"
        if service.refuse is None:
            return self.fault(StorageUnavailable(words))
        answer = _refused(service, service.busy, words)
        self._log(answer.outcome)
        return self._encoded(service, answer.body)

    def _service(self, envelope: Envelope) -> Service:
        service = self.services.get(envelope.action)
        if service is None:
            known = ", ".join(sorted(self.services))
            reason = f"wsa:Action {envelope.action[:200]!r} is not offered at {self.path}; offered are {known}"
            raise MalformedMessage(reason, subcode="ActionNotSupported")
        return service

    def _prepared(self, service: Service, body: Element, message: ReceivedMessage) -> Act:
        try:
            return service.read(body, message)
        except MalformedMessage as error:
            if service.refuse is None:
                raise
            refused = _refused(service, _metadata_error(service), error.reason)
            return lambda: refused

    def _answer(self, service: Service, act: Act) -> Answer:
        try:
            return act()
        except Exception as error:
            if service.refuse is None:
                raise _NotRefusable(error) from error
            if isinstance(error, StorageUnavailable):
                return self._unavailable(service, error)
            if isinstance(error, MalformedMessage):
                return _refused(service, _metadata_error(service), error.reason)
            LOG.exception("unplanned failure (%s)", type(error).__name__, extra=self._ids())
            return _refused(service, service.failed, f"internal failure, reference {self.exchange_id}")

    def _unavailable(self, service: Service, error: StorageUnavailable) -> Answer:
        LOG.warning("storage unavailable: %s", error, extra=self._ids(), exc_info=_trace(error))
        stored = "nothing was stored, try again later" if error.nothing_written else _IN_DOUBT
        return _refused(service, service.busy, f"{error.reason}; {stored}")

    def _encoded(self, service: Service, body: Body) -> Reply:
        transaction = service.transaction
        envelope = self._envelope(body, transaction.response_action)
        elsewhere = self._reply_to is not None
        if self.mtom or body.attachments or transaction.mtom_answer:
            attachments = [(a.cid, a.mime_type, a.content) for a in body.attachments]
            sent = MtomMessage(envelope, attachments, action=transaction.response_action)
            return Reply(200, sent.content_type, sent.content_length, iter(sent.chunks()), elsewhere)
        if isinstance(envelope, bytes):
            return Reply(200, _SOAP, len(envelope), iter((envelope,)), elsewhere, in_memory=True)
        return Reply(200, _SOAP, len(envelope), envelope.chunks(), elsewhere)

    def _envelope(self, body: Body, action: str) -> bytes | LongEnvelope:
        message_id, to = self._headers(self._reply_to)
        xml = body.xml if body.spooled is None else LongEnvelope.PLACE
        frame = write_envelope(
            xml,
            action=action,
            relates_to=self.message_id,
            message_id=message_id,
            to=to,
            header_xml=self._reply_parameters,
        )
        if body.spooled is None:
            return frame
        self._spooled = body.spooled
        return LongEnvelope(frame, body.spooled)

    def _headers(self, address: Address | None) -> tuple[str | None, str | None]:
        """MessageID and To of an answer that goes elsewhere; neither for the connection of the request."""
        if self.pending is None or address is None:
            return None, None
        self.pending.address = address
        return new_message_id(), address.text

    def keep(self, reply: Reply) -> Reply:
        """Keep an answer that goes elsewhere, to be posted after `close`; called in a worker thread.

        Returns:
            What the connection of the request gets: word that the message is dealt with, or a fault.
        """
        if self.pending is None:
            raise ValueError("the answer has no place to wait")
        try:
            self.pending.fill(reply.content_type, reply.chunks, self.message_id)
        except Exception as error:  # noqa: BLE001 - every exception becomes a fault here
            self.pending.settle()
            self.pending = None
            return self.fault(error)
        return Reply(202, "", 0, iter(()))

    def fault(self, error: Exception) -> Reply:
        """Turn an exception into a SOAP fault; a failure of ours carries a number and nothing else."""
        code: FaultCode = "Sender"
        reason, subcode = str(error), None
        if isinstance(error, MustUnderstand):
            code = "MustUnderstand"
        elif isinstance(error, VersionMismatch):
            code = "VersionMismatch"
        elif isinstance(error, MalformedMessage):
            subcode = error.subcode
        elif isinstance(error, StorageUnavailable):
            LOG.warning("storage unavailable: %s", error, exc_info=_trace(error), extra=self._ids())
            code, reason = "Receiver", f"{error.reason}; try again later"
        else:
            LOG.error("unplanned failure (%s)", type(error).__name__, exc_info=error, extra=self._ids())
            code, reason = "Receiver", f"internal failure, reference {self.exchange_id}"
        self.outcome, self.codes = "fault", frozenset()
        self.log("fault", self._facts() | {"fault": code})
        message_id, to = self._headers(self._fault_to)
        envelope = write_fault(
            code,
            reason,
            subcode=subcode,
            relates_to=self.message_id,
            message_id=message_id,
            to=to,
            header_xml=self._fault_parameters,
        )
        status = fault_http_status(code)
        if self.mtom:
            sent = MtomMessage(envelope, (), action=None)
            return Reply(status, sent.content_type, sent.content_length, iter(sent.chunks()), to is not None)
        return Reply(status, _SOAP, len(envelope), iter((envelope,)), to is not None)

    def close(self) -> None:
        """Remove what was spooled, and have the answer posted that was kept for another address."""
        if self.message is not None:
            self.message.close()
        if self._spooled is not None:
            self._spooled.close()
        if self.pending is not None:
            self.pending.settle()

    def _ids(self) -> dict[str, str | None]:
        return {"exchange": self.exchange_id, "message_id": self.message_id}

    def _facts(self) -> dict[str, object]:
        elapsed = round((time.perf_counter() - self.started) * 1000, 1)
        return {"path": self.path, "action": self.action, **self._ids(), "ms": elapsed}

    def _log(self, outcome: Outcome) -> None:
        self.outcome = outcome.status.word
        self.codes = frozenset(error.code for error in outcome.errors if error.is_error)
        facts = self._facts() | {"status": outcome.status.word}
        if outcome.errors:
            facts["rules"] = sorted({error.rule or error.code for error in outcome.errors})
        self.log("answered", facts)


def _refused(service: Service, code: XdsErrorCode, words: str) -> Answer:
    outcome = Outcome.of((RegistryError(code=code, code_context=words),))
    if service.refuse is None:
        raise ValueError(f"{service.transaction.number} has no answer that refuses")
    return Answer(outcome, service.refuse(outcome))


def _trace(error: StorageUnavailable) -> Exception | None:
    """What the log shows beside the words: nothing of a refusal for want of room, which may come by thousands."""
    return error if error.__cause__ is not None else None


_MALFORMED = {
    XdsErrorCode.REPOSITORY_ERROR: XdsErrorCode.REPOSITORY_METADATA_ERROR,
    # A message without metadata.
    XdsErrorCode.REMOVE_DOCUMENTS_ERROR: XdsErrorCode.REMOVE_DOCUMENTS_ERROR,
}


def _metadata_error(service: Service) -> XdsErrorCode:
    return _MALFORMED.get(service.failed, XdsErrorCode.REGISTRY_METADATA_ERROR)
