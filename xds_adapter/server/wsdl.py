"""The WSDL that an endpoint returns: ours, with the endpoint's address filled in.

Source: IHE ITI TF-2 V.2 (names of services, ports and bindings).
"""

from __future__ import annotations

from functools import cache
from xml.sax.saxutils import escape

from xds_adapter.resources import data_folder

FILES = {
    "DocumentRecipient": "document_recipient.wsdl",
    "DocumentRegistry": "document_registry.wsdl",
    "DocumentRepository": "document_repository.wsdl",
}
_ADDRESS = "http://localhost/"


@cache
def _file(actor: str) -> str:
    return (data_folder("wsdl") / FILES[actor]).read_text(encoding="utf-8")


def service_description(actor: str, address: str) -> bytes:
    """Return the WSDL of an actor at `address`."""
    return _file(actor).replace(f'location="{_ADDRESS}"', f'location="{escape(address, {chr(34): "&quot;"})}"').encode()
