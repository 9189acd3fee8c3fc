"""Answers that go to another address than the connection of their request.

::

    admitted  the address of a request is one that the configuration allows
    Pending   one answer: its place is taken before the request is acted upon, its octets are spooled after
    Replies   the queue and the threads that post

An answer is posted again until its receiver takes it (HTTP 2xx), refuses it (4xx, 3xx) or the time is over. Nothing of
it survives the process: what a request did is durable before its 202, and its sender can ask again.

Source: IHE ITI TF-2 V.5; WS-Addressing 1.0 SOAP Binding section 5.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xds_adapter.errors import StorageUnavailable, TransportFailed
from xds_adapter.server.posting import Address, Posting
from xds_adapter.soap.spool import Spool
from xds_adapter.soap.spool_folder import Folder

LOG = logging.getLogger("xds_adapter.server")

_MEMORY_BYTES = 64 * 1024
_WAITING = 512
_WAITING_OF_ONE_HOST = 128
_WAITING_BYTES = 4 << 30
_THREADS = 8
_THREADS_OF_ONE_HOST = 2
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0


class Pending:
    """A place in the queue, and later the answer that takes it."""

    def __init__(self, replies: Replies, address: Address) -> None:
        self._replies = replies
        self.address = address
        self.message_id: str | None = None
        self.content_type = ""
        self.spool: Spool | None = None
        self.until = 0.0
        self.due = 0.0
        self.pause_s = _FIRST_PAUSE_S
        self._filled = False
        self._settled = False

    @property
    def size(self) -> int:
        """Octets of the answer, once it is filled in."""
        return 0 if self.spool is None else self.spool.size

    def fill(self, content_type: str, chunks: Iterable[bytes], message_id: str | None) -> None:
        """Take the answer; it is kept in a file when it is large, so that it can be posted again.

        Args:
            content_type: HTTP Content-Type.
            chunks: The octets of the answer.
            message_id: MessageID of the request, for the log.

        Raises:
            StorageUnavailable: The disk refuses, or the answer cannot be read.
        """
        self.message_id, self.content_type = message_id, content_type
        self.spool = Spool(self._replies.folder, memory_bytes=_MEMORY_BYTES)
        for chunk in chunks:
            self.spool.write(chunk)
        self.spool.finish()
        self._filled = True

    def chunks(self) -> Iterator[bytes]:
        """The octets of the answer; may be called again."""
        return iter(()) if self.spool is None else self.spool.chunks(_MEMORY_BYTES)

    def settle(self) -> None:
        """Have the answer posted if it is filled in, else give its place back; may be called again."""
        if self._settled:
            return
        self._settled = True
        if self._filled:
            self._replies.queue(self)
        else:
            self._replies.release(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long is waited for a receiver, in seconds.

    Attributes:
        step_s: For a connection, for the next octets to be taken, for an answer.
        limit_s: From the first attempt at an answer to the last.
    """

    step_s: float = 15.0
    limit_s: float = 300.0


class Replies:
    """Posts answers to the hosts that the configuration names.

    Args:
        hosts: Each ``host`` or ``host:port``, as `registry.async_reply_hosts` has them.
        folder: Where large answers wait; None: the system's folder for temporary files.
        patience: How long is waited for receivers.
        waiting: So many answers may wait at the same time.
    """

    def __init__(
        self,
        hosts: Iterable[str] = (),
        *,
        folder: Folder = None,
        patience: Patience | None = None,
        waiting: int = _WAITING,
    ) -> None:
        self.folder = folder
        self._hosts = frozenset(host.lower() for host in hosts)
        self._patience = patience or Patience()
        self._places = waiting
        self._changed = threading.Condition()
        self._taken: Counter[str] = Counter()
        self._bytes = 0
        self._queue: list[Pending] = []
        self._posting: dict[Pending, Posting] = {}
        self._threads: list[threading.Thread] = []
        self._closing = False

    def admitted(self, text: str) -> Address | None:
        """Read an address; None when answers may not be sent there."""
        address = Address.read(text)
        return address if address is not None and address.is_one_of(self._hosts) else None

    def reserve(self, address: Address) -> Pending | None:
        """Take a place for an answer to come; None when too much is waiting, there or altogether."""
        with self._changed:
            of_host = self._taken[address.host]
            full = self._taken.total() >= self._places or of_host >= _WAITING_OF_ONE_HOST
            if self._closing or full or self._bytes >= _WAITING_BYTES:
                return None
            self._taken[address.host] += 1
        return Pending(self, address)

    @property
    def waiting(self) -> int:
        """Places that are taken."""
        return self._taken.total()

    def release(self, pending: Pending) -> None:
        """Give a place back and forget its answer."""
        with self._changed:
            self._taken[pending.address.host] -= 1
        if pending.spool is not None:
            pending.spool.close()

    def queue(self, pending: Pending) -> None:
        """Have an answer posted as soon as a thread is free."""
        now = time.monotonic()
        pending.due, pending.until = now, now + self._patience.limit_s
        with self._changed:
            self._bytes += pending.size
            if not self._closing:
                self._queue.append(pending)
                if len(self._threads) < _THREADS:
                    thread = threading.Thread(target=self._work, name="reply", daemon=True)
                    self._threads.append(thread)
                    thread.start()
                self._changed.notify_all()
                return
        self._give_up(pending, "the server stops")

    def close(self, grace_s: float = 1.0) -> None:
        """Try once more what waits, then log what is undelivered, each answer by the MessageID of its request.

        Args:
            grace_s: Seconds for it.
        """
        until = time.monotonic() + grace_s
        with self._changed:
            self._closing = True
            for pending in self._queue:
                pending.due = 0.0
            self._changed.notify_all()
            while (self._queue or self._posting) and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            rest = [*self._queue, *self._posting]
            for posting in self._posting.values():
                posting.cut()
            self._queue.clear()
            self._posting.clear()
            self._changed.notify_all()
        for pending in rest:
            self._give_up(pending, "the server stops")

    def _work(self) -> None:
        while (taken := self._next()) is not None:
            pending, posting = taken
            failure, again = self._attempt(pending, posting)
            with self._changed:
                if self._posting.pop(pending, None) is None:
                    return  # `close` has given it up.
                # Within the lock, so that `close` does not return before the log says what became of it.
                if failure is None:
                    self._delivered(pending)
                elif not again or not self._postpone(pending):
                    self._give_up(pending, failure)
                self._changed.notify_all()

    def _next(self) -> tuple[Pending, Posting] | None:
        """Wait for an answer that is due; None when there is nothing left to wait for.

        It leaves the queue and is being posted within one hold of the lock: `close` must find it in one of the two.
        """
        with self._changed:
            while True:
                now = time.monotonic()
                busy = Counter(pending.address.host for pending in self._posting)
                free = [p for p in self._queue if busy[p.address.host] < _THREADS_OF_ONE_HOST]
                if due := next((p for p in free if p.due <= now), None):
                    self._queue.remove(due)
                    posting = self._posting[due] = Posting(due.address, self._patience.step_s)
                    return due, posting
                if self._closing and not self._queue:
                    return None
                self._changed.wait(min((p.due for p in free), default=now + _LONGEST_PAUSE_S) - now)

    def _attempt(self, pending: Pending, posting: Posting) -> tuple[str | None, bool]:
        """Post once: why it failed, if it did, and whether another attempt makes sense."""
        try:
            left = max(0.1, pending.until - time.monotonic())
            status = posting.post(pending.content_type, pending.size, pending.chunks(), within_s=left)
        except (TransportFailed, StorageUnavailable) as error:
            return str(error), True
        except Exception as error:
            LOG.exception("unplanned failure (%s)", type(error).__name__, extra={"message_id": pending.message_id})
            return "internal failure", False
        if 200 <= status < 300:
            return None, False
        return f"HTTP {status}", status >= 500 or status in (408, 429)

    def _postpone(self, pending: Pending) -> bool:
        now = time.monotonic()
        pending.due, pending.pause_s = now + pending.pause_s, min(2 * pending.pause_s, _LONGEST_PAUSE_S)
        if self._closing or pending.due >= pending.until:
            return False
        self._queue.append(pending)
        return True

    def _delivered(self, pending: Pending) -> None:
        LOG.info("answer delivered to %s", pending.address.host, extra={"message_id": pending.message_id})
        self._finish(pending)

    def _give_up(self, pending: Pending, reason: str) -> None:
        words = "answer undelivered to %s: %s"
        LOG.error(words, pending.address.host, reason, extra={"message_id": pending.message_id})
        self._finish(pending)

    def _finish(self, pending: Pending) -> None:
        with self._changed:
            self._bytes -= pending.size
        self.release(pending)
