"""The codes, MIME types and assigning authorities that an affinity domain admits.

Source: IHE ITI TF-3 4.2.3.1.2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from xds_adapter.datatypes import Coded
from xds_adapter.vocabulary.coding_schemes import CODING_SCHEME_NAMES

ANY_CODE = "*"
_LONGEST_CODE = 128
_COMPARED = 500
"""So many codes are compared for the nearest one: a hostile message must not cost seconds."""
_SHOWN = 2
_ALIKE_CODE = 0.5
_ALIKE_DISPLAY = 0.6

_LISTS = {
    "associationDocumentation": "association documentation codes",
    "classCode": "class codes",
    "codeList": "folder codes",
    "confidentialityCode": "confidentiality codes",
    "contentTypeCode": "content type codes",
    "eventCodeList": "event codes",
    "formatCode": "format codes",
    "healthcareFacilityTypeCode": "healthcare facility type codes",
    "practiceSettingCode": "practice setting codes",
    "typeCode": "type codes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AffinityDomain:
    """What codes a domain admits; an empty value admits everything.

    Attributes:
        codes: Classification scheme UUID to its admitted codes, each ``code^^scheme`` to its display name; the code
            ``*`` stands for every code of its coding scheme.
        mime_types: Admitted MIME types; empty admits all.
        assigning_authorities: OIDs of those who assign the domain's patient identifiers; empty: any.
    """

    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    mime_types: frozenset[str] = frozenset()
    assigning_authorities: frozenset[str] = frozenset()

    def code_fault(self, scheme: str, name: str, code: Coded, *, suggest: bool = True) -> str | None:
        """Say why `code` is not admitted for the attribute `name`, with the nearest codes, or None.

        Args:
            scheme: Classification scheme UUID of the attribute.
            name: IHE name of the attribute.
            code: The code submitted.
            suggest: Look for near codes, which takes milliseconds in a long list.
        """
        admitted = self.codes.get(scheme)
        if admitted is None or code.key in admitted or Coded(ANY_CODE, code.scheme).key in admitted:
            return None
        scheme_name = CODING_SCHEME_NAMES.get(code.scheme)
        words = f"is not in the affinity domain's list of {_LISTS.get(name, name)}"
        words = f"({scheme_name}) {words}" if scheme_name else words
        if not suggest or len(code.key) > _LONGEST_CODE:
            return words
        near = [_shown(key, admitted[key], code.scheme) for key in _nearest(code, admitted)]
        return f"{words}; nearest: {' or '.join(near)}" if near else words

    def admits_mime_type(self, mime_type: str) -> bool:
        """Tell whether `mime_type` is admitted."""
        return not self.mime_types or mime_type in self.mime_types


def _shown(key: str, display: str, scheme: str) -> str:
    """A code without its coding scheme, unless it is in the scheme that the submitted one lacks."""
    return " ".join(part for part in (key.removesuffix(f"^^{scheme}"), display) if part)


def _nearest(code: Coded, admitted: Mapping[str, str]) -> list[str]:
    """The keys of codes that resemble the code or its display name: the same code of another scheme comes first."""
    candidates = _candidates(code, admitted)
    by_code: dict[str, list[str]] = {}
    by_display: dict[str, list[str]] = {}
    for key in candidates:
        if key.startswith(f"{ANY_CODE}^^"):
            continue
        by_code.setdefault(key.partition("^^")[0].lower(), []).append(key)
        by_display.setdefault(admitted[key].lower(), []).append(key)
    found = dict.fromkeys(_close(code.code.lower(), by_code, _ALIKE_CODE))
    if len(found) < _SHOWN and code.display and len(code.display) <= _LONGEST_CODE:
        found |= dict.fromkeys(_close(code.display.lower(), by_display, _ALIKE_DISPLAY))
    return list(found)[:_SHOWN]


def _close(text: str, keys: Mapping[str, list[str]], cutoff: float) -> Iterable[str]:
    for match in difflib.get_close_matches(text, list(keys), n=_SHOWN, cutoff=cutoff):
        yield from keys[match]


def _candidates(code: Coded, admitted: Mapping[str, str]) -> list[str]:
    """Those of a long list that begin alike, all of a short one."""
    if len(admitted) <= _COMPARED:
        return list(admitted)
    start, words = code.code[:2].lower(), code.display[:3].lower()
    alike = [
        key
        for key, display in admitted.items()
        if (start and key.lower().startswith(start)) or (words and display.lower().startswith(words))
    ]
    return alike[:_COMPARED]
