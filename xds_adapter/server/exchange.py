"""One message from its bytes to its answer, in a worker thread: the only place where an exception becomes a reply.

Source: SOAP 1.2 part 1 section 5.4 and part 2 section 7.5.2; WS-Addressing 1.0 SOAP binding section 6.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from xds_adapter.errors import MalformedMessage, MustUnderstand, StorageUnavailable, VersionMismatch
from xds_adapter.model import Outcome, RegistryError
from xds_adapter.server.service import Act, Answer, Service
from xds_adapter.soap import (
    Envelope,
    FaultCode,
    MessageReceiver,
    MtomMessage,
    ReceivedMessage,
    fault_http_status,
    read_envelope,
    write_envelope,
    write_fault,
)
from xds_adapter.transactions import Body
from xds_adapter.vocabulary.error_codes import XdsErrorCode
from xds_adapter.vocabulary.namespaces import WSA_ANONYMOUS
from xds_adapter.xmlio import Element

LOG = logging.getLogger("xds_adapter.server")

_SOAP = "application/soap+xml; charset=UTF-8"
_IN_DOUBT = "whether it was stored is not known: ask for it, or submit it again and take a duplicate for success"


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer; `chunks` is read once, in a worker thread when it is long."""

    status: int
    content_type: str
    content_length: int
    chunks: Iterator[bytes]


@dataclass(slots=True)
class Exchange:
    """One exchange: `open` its message, then `answer` it; either way it gives a `Reply`.

    Attributes:
        log: Takes a word on what was done and the facts of the exchange.
        message: The message, once it is open; its documents are closed after the reply has been sent.
        service: What the message asks for, once that is known.
    """

    path: str
    services: Mapping[str, Service]
    log: Callable[[str, Mapping[str, object]], None]
    started: float = field(default_factory=time.perf_counter)
    action: str = ""
    message_id: str | None = None
    mtom: bool = False
    message: ReceivedMessage | None = None
    service: Service | None = None
    _act: Act | None = None

    def open(self, receiver: MessageReceiver) -> Reply | None:
        """Read a message that has arrived completely.

        Returns:
            None when it can be answered, or the fault that it gets.
        """
        try:
            self.message = receiver.finish()
            self.mtom = self.message.is_mtom
            envelope = self._read(self.message)
            self.service = self._service(envelope)
            self._act = self._prepared(self.service, envelope.body, self.message)
        except Exception as error:  # noqa: BLE001 - every exception becomes a fault here
            return self.fault(error)
        return None

    def answer(self) -> Reply:
        """Have an open message processed; it may be called again when the first answer could not be kept."""
        if self.service is None or self._act is None:
            raise ValueError("the exchange is not open")
        answer = self._answer(self.service, self._act)
        self._log(answer.outcome)
        return self._encoded(self.service, answer.body)

    def reply(self, receiver: MessageReceiver) -> Reply:
        """Read and answer a message."""
        return self.open(receiver) or self.answer()

    def failed(self, error: Exception) -> Reply:
        """Reply when an answer could not be kept: what was to be written is not."""
        if self.service is None or not isinstance(error, StorageUnavailable):
            return self.fault(error)
        answer = self._unavailable(self.service, error)
        self._log(answer.outcome)
        return self._encoded(self.service, answer.body)

    def _read(self, message: ReceivedMessage) -> Envelope:
        envelope = read_envelope(message.envelope)
        self.action = envelope.action
        self.message_id = envelope.message_id
        if envelope.reply_to not in (None, WSA_ANONYMOUS):
            reason = "answers go to the anonymous address only; wsa:ReplyTo names another"
            raise MalformedMessage(reason, subcode="OnlyAnonymousAddressSupported")
        return envelope

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
            refused = _refused(service, _metadata_error(service), error.reason)
            return lambda: refused

    def _answer(self, service: Service, act: Act) -> Answer:
        try:
            return act()
        except StorageUnavailable as error:
            return self._unavailable(service, error)
        except MalformedMessage as error:
            return _refused(service, _metadata_error(service), error.reason)
        except Exception as error:
            number = uuid.uuid4().hex[:12]
            LOG.exception("unplanned failure %s (%s)", number, type(error).__name__)
            return _refused(service, service.failed, f"internal failure, reference {number}")

    def _unavailable(self, service: Service, error: StorageUnavailable) -> Answer:
        LOG.warning("storage unavailable: %s", error, extra={"message_id": self.message_id}, exc_info=error)
        stored = "nothing was stored, try again later" if error.nothing_written else _IN_DOUBT
        return _refused(service, service.busy, f"{error}; {stored}")

    def _encoded(self, service: Service, body: Body) -> Reply:
        transaction = service.transaction
        envelope = write_envelope(body.xml, action=transaction.response_action, relates_to=self.message_id)
        if self.mtom or body.attachments or transaction.mtom_answer:
            attachments = [(a.cid, a.mime_type, a.content) for a in body.attachments]
            sent = MtomMessage(envelope, attachments, action=transaction.response_action)
            return Reply(200, sent.content_type, sent.content_length, iter(sent.chunks()))
        return Reply(200, _SOAP, len(envelope), iter((envelope,)))

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
            LOG.warning("storage unavailable: %s", error, exc_info=error)
            code, reason = "Receiver", f"{error}; try again later"
        else:
            number = uuid.uuid4().hex[:12]
            LOG.error("unplanned failure %s (%s)", number, type(error).__name__, exc_info=error)
            code, reason = "Receiver", f"internal failure, reference {number}"
        self.log("fault", self._facts() | {"fault": code})
        envelope = write_fault(code, reason, subcode=subcode, relates_to=self.message_id)
        status = fault_http_status(code)
        if self.mtom:
            sent = MtomMessage(envelope, (), action=None)
            return Reply(status, sent.content_type, sent.content_length, iter(sent.chunks()))
        return Reply(status, _SOAP, len(envelope), iter((envelope,)))

    def _facts(self) -> dict[str, object]:
        elapsed = round((time.perf_counter() - self.started) * 1000, 1)
        return {"path": self.path, "action": self.action, "message_id": self.message_id, "ms": elapsed}

    def _log(self, outcome: Outcome) -> None:
        facts = self._facts() | {"status": outcome.status.word}
        if outcome.errors:
            facts["rules"] = sorted({error.rule or error.code for error in outcome.errors})
        self.log("answered", facts)


def _refused(service: Service, code: XdsErrorCode, words: str) -> Answer:
    outcome = Outcome.of((RegistryError(code=code, code_context=words),))
    return Answer(outcome, service.refuse(outcome))


def _metadata_error(service: Service) -> XdsErrorCode:
    if service.failed is XdsErrorCode.REPOSITORY_ERROR:
        return XdsErrorCode.REPOSITORY_METADATA_ERROR
    return XdsErrorCode.REGISTRY_METADATA_ERROR
