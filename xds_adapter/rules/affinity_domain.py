"""The codes, MIME types and assigning authorities that an affinity domain admits.

Source: `codes.xml` of the NIST XDS Toolkit (CodeType, Code, AssigningAuthority); IHE ITI TF-3 4.2.3.1.2.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xds_adapter import xmlio
from xds_adapter.datatypes import Coded
from xds_adapter.errors import ConfigError, MalformedMessage

_LONGEST_CODE = 128
_COMPARED = 500
"""So many codes are compared for the nearest one: a hostile message must not cost seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AffinityDomain:
    """What codes a domain admits; an empty value admits everything.

    Attributes:
        codes: Classification scheme UUID to its admitted codes, each ``code^^scheme`` to its display name.
        mime_types: Admitted MIME types; empty admits all.
    """

    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    mime_types: frozenset[str] = frozenset()

    def code_fault(self, scheme: str, name: str, code: Coded, *, suggest: bool = True) -> str | None:
        """Say why `code` is not admitted for the attribute `name`, with the nearest codes, or None.

        Args:
            scheme: Classification scheme UUID of the attribute.
            name: IHE name of the attribute.
            code: The code submitted.
            suggest: Look for near codes, which takes milliseconds in a long list.
        """
        admitted = self.codes.get(scheme)
        if admitted is None or code.key in admitted:
            return None
        words = f"is not in the affinity domain's list {name}"
        if not suggest or len(code.key) > _LONGEST_CODE:
            return words
        near = difflib.get_close_matches(code.key, _candidates(code.key, admitted), n=2, cutoff=0.5)
        return f"{words}; nearest: {' or '.join(f'{key} {admitted[key]}' for key in near)}" if near else words

    def admits_mime_type(self, mime_type: str) -> bool:
        """Tell whether `mime_type` is admitted."""
        return not self.mime_types or mime_type in self.mime_types


def _candidates(key: str, admitted: Mapping[str, str]) -> list[str]:
    """Those of a long list that begin alike, all of a short one."""
    if len(admitted) <= _COMPARED:
        return list(admitted)
    return [candidate for candidate in admitted if candidate[:2] == key[:2]][:_COMPARED]


def read_codes_file(path: Path) -> AffinityDomain:
    """Read a code file in the `codes.xml` form of the NIST XDS Toolkit.

    Raises:
        ConfigError: The file cannot be read or is no such file.
    """
    try:
        root = xmlio.parse(path.read_bytes())
    except (OSError, MalformedMessage) as error:
        raise ConfigError(f"the code file {path} cannot be read: {error}") from error
    codes: dict[str, dict[str, str]] = {}
    mime_types: set[str] = set()
    for code_type in root.iter("CodeType"):
        rows = list(code_type.iter("Code"))
        if code_type.get("name") == "mimeType":
            mime_types.update(row.get("code", "") for row in rows)
        else:
            admitted = codes.setdefault(code_type.get("classScheme", ""), {})
            for row in rows:
                key = Coded(row.get("code", ""), row.get("codingScheme", "")).key
                admitted[key] = row.get("display", "")
    if not codes and not mime_types:
        raise ConfigError(f"the code file {path} holds no CodeType with Code elements")
    return AffinityDomain(codes=codes, mime_types=frozenset(mime_types))
