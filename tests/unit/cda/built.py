"""What the tests of building share: a look into a document, and the faults of a case."""

from __future__ import annotations

from typing import Any

import pytest

from xds_adapter import xmlio
from xds_adapter.cda.build import build
from xds_adapter.errors import CaseInvalid

NS = {"h": "urn:hl7-org:v3", "d": "urn:dicom-org:ps3-20", "xsi": "http://www.w3.org/2001/XMLSchema-instance"}


def found_in(document: bytes, path: str) -> list[Any]:
    """What an XPath with the prefixes of `NS` finds."""
    found = xmlio.parse(document).xpath(path, namespaces=NS)
    assert isinstance(found, list)
    return found


def refused(kind: str, case: dict[str, Any]) -> tuple[str, ...]:
    """The faults for which a case is refused."""
    with pytest.raises(CaseInvalid) as caught:
        build(kind, case)
    return caught.value.findings
