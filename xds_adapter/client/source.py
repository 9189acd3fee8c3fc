"""The Document Source: submits documents with their metadata (ITI-41).

Source: IHE ITI TF-2 3.41.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from xds_adapter.client.peer import SoapPeer
from xds_adapter.model import Outcome, Submission
from xds_adapter.transactions import iti41
from xds_adapter.vocabulary.transactions import ITI_41


class DocumentSource:
    """Submits to one repository. Thread-safe; a context manager.

    Args:
        repository: URL of the Document Repository.
        timeout_s: Seconds to wait for a connection, and for the next bytes of the answer.
        on_wire: Shown each envelope, with ``sent`` or ``received``; for diagnosis.

    Example::

        with DocumentSource("https://xds.region.example/repository") as source:
            outcome = source.submit(submission_from_cda("report.xml"))
    """

    def __init__(
        self, repository: str, *, timeout_s: float = 60.0, on_wire: Callable[[str, bytes], None] | None = None
    ) -> None:
        self._peer = SoapPeer("DocumentRepository", repository, timeout_s=timeout_s, on_wire=on_wire)

    def submit(self, submission: Submission) -> Outcome:
        """Submit documents and return once the repository has acknowledged them.

        Args:
            submission: Metadata and documents; documents are streamed.

        Returns:
            Success, possibly with warnings.

        Raises:
            RemoteRefusal: Nothing was stored; carries every RegistryError.
            TransportFailed: No answer; unless its `sent` is False the outcome is unknown, and the same submission
                may be sent again unchanged.
            RemoteFault: The peer answered with a SOAP fault, or with no SOAP at all.

        Source: IHE ITI TF-2 3.41.4.
        """
        envelope, message = self._peer.call(ITI_41, iti41.encode_request(submission))
        with message:
            outcome = iti41.decode_response(envelope.body)
        outcome.raise_for_status(self._peer.url)
        return outcome

    def close(self) -> None:
        """Close the connections."""
        self._peer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
