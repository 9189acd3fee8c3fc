"""What the elements of a signature hold, and how a check fails.

Source: W3C XML Signature 1.1, 4.
"""

from __future__ import annotations

import binascii
from base64 import b64decode

from xds_adapter import xmlio
from xds_adapter.signature.report import CheckName
from xds_adapter.xmlio import Element


class Refused(Exception):
    """A check failed, and nothing after it can be said."""

    def __init__(self, name: CheckName, words: str) -> None:
        super().__init__(words)
        self.name = name
        self.words = words


def text_of(element: Element | None) -> str:
    """The text of an element without surrounding blanks; empty when there is none."""
    return "" if element is None else "".join(map(str, element.itertext())).strip()


def decoded(element: Element | None, name: CheckName) -> bytes:
    """The octets that an element holds in base64.

    Raises:
        Refused: It is not base64; `name` is the check that fails.
    """
    try:
        return b64decode("".join(text_of(element).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        what = "DigestValue" if element is None else xmlio.local_name(element)
        raise Refused(name, f"{what} is not base64") from error


def algorithm_of(element: Element | None) -> str:
    """The algorithm that an element names; empty when there is none."""
    return "" if element is None else element.get("Algorithm") or ""
