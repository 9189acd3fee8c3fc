"""A Document Registry elsewhere, as our repository and our consumer use it: ITI-42 and ITI-18."""

from __future__ import annotations

from collections.abc import Callable

from xds_adapter.client.peer import SoapPeer
from xds_adapter.model import Outcome, QueryResult, StoredQuery, Submission
from xds_adapter.transactions import iti18, iti42
from xds_adapter.vocabulary.transactions import ITI_18, ITI_42


class RemoteRegistry:
    """Implements `xds_adapter.ports.RegistryPort` over SOAP.

    Args:
        url: The registry's endpoint.
        timeout_s: Seconds to wait for a connection, and for the next bytes of an answer.
        on_wire: Shown each envelope, with ``sent`` or ``received``.
    """

    def __init__(
        self, url: str, *, timeout_s: float = 60.0, on_wire: Callable[[str, bytes], None] | None = None
    ) -> None:
        self._peer = SoapPeer("DocumentRegistry", url, timeout_s=timeout_s, on_wire=on_wire)

    @property
    def url(self) -> str:
        """The registry's endpoint."""
        return self._peer.url

    def register(self, submission: Submission) -> Outcome:
        """Register by ITI-42.

        Raises:
            TransportFailed: The outcome is unknown, unless its `sent` is False.
            RemoteFault: The peer answered, but not with a registry response.
        """
        envelope, message = self._peer.call(ITI_42, iti42.encode_request(submission))
        with message:
            return iti42.decode_response(envelope.body)

    def query(self, query: StoredQuery) -> QueryResult:
        """Ask by ITI-18.

        Raises:
            TransportFailed: No answer.
            RemoteFault: The peer answered, but not with a query response.
        """
        envelope, message = self._peer.call(ITI_18, iti18.encode_request(query))
        with message:
            return iti18.decode_response(envelope.body)

    def close(self) -> None:
        """Close the connections."""
        self._peer.close()
