"""ITI-42 Register Document Set-b.

Source: IHE ITI TF-2 3.42.4.
"""

from __future__ import annotations

from lxml import etree

from xds_adapter.ebxml import decode_outcome, decode_submission, encode_outcome, encode_submission
from xds_adapter.errors import RemoteFault
from xds_adapter.model import Outcome, RegistryError, Submission
from xds_adapter.transactions.body import Body
from xds_adapter.vocabulary.namespaces import RS, qname

_RESPONSE = qname(RS, "RegistryResponse")


def encode_request(submission: Submission) -> Body:
    """Write lcm:SubmitObjectsRequest."""
    return Body((encode_submission(submission),))


def decode_request(element: etree._Element) -> tuple[Submission, list[RegistryError]]:
    """Read lcm:SubmitObjectsRequest.

    Returns:
        The submission, and what is wrong with its form.

    Raises:
        MalformedMessage: The body is another message.
    """
    return decode_submission(element)


def encode_response(outcome: Outcome) -> Body:
    """Write rs:RegistryResponse."""
    return Body((encode_outcome(outcome),))


def decode_response(element: etree._Element) -> Outcome:
    """Read rs:RegistryResponse.

    Raises:
        RemoteFault: The body is another message, or its status is unknown.
    """
    if element.tag != _RESPONSE:
        raise RemoteFault("the answer is no rs:RegistryResponse")
    return decode_outcome(element)
