"""Metadata given by hand beside a document: what they add is taken, what contradicts the document is not.

    derived values + given values  --joined-->  values of the entry, contradictions

A value contradicts the document when the document has another one *in the same place*: of the same code system, from
the same assigning authority, of the same type of reference. What stands elsewhere is an addition: an act of another
terminology, the patient's number in another domain, a masking code. `_PLACES` says attribute by attribute what the
place of a value is, and what makes two values there the same. Attributes that are not in it belong to the sender:
title, comments, URI and the like.

Source: ANS guide to the transmission of CDA R2 documents, page "mapping"; IHE ITI TF-3 4.2.3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xds_adapter.datatypes import XCN, Coded
from xds_adapter.model import Author
from xds_adapter.vocabulary.ebrim import DOCUMENT_ENTRY

Keys = Callable[[Any], object]
_ATTRIBUTES = {row.field: row for row in DOCUMENT_ENTRY}
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands and what it says there; one place for all when `place` is not given."""

    value: Keys
    place: Keys = lambda _: ""


def _person(person: XCN | None) -> object:
    """A person is the same by number and authority, or by name when there is no number."""
    if person is None:
        return None
    if person.id_number:
        return person.id_number, person.authority
    return person.family.casefold(), person.given.casefold()


def _info_place(text: str) -> object:
    """PID-3, PID-5 of one type of name, PID-7...: a patient may have a legal name and one in use."""
    field, _, value = text.partition("|")
    parts = value.split("^")
    return field, parts[6] if field == "PID-5" and len(parts) > 6 else ""


_TEXT = _Place(str)
_WITHOUT_CASE = _Place(lambda text: str(text).lower())
_CODE = _Place(lambda coded: coded.code, lambda coded: coded.scheme)
_PATIENT = _Place(lambda cx: cx.id_number, lambda cx: cx.authority)
_PLACES: Mapping[str, _Place] = {
    "unique_id": _TEXT,
    "hash": _WITHOUT_CASE,
    "size": _TEXT,
    "mime_type": _WITHOUT_CASE,
    "language_code": _WITHOUT_CASE,
    "creation_time": _TEXT,
    "service_start_time": _TEXT,
    "service_stop_time": _TEXT,
    "patient_id": _PATIENT,
    "source_patient_id": _PATIENT,
    "source_patient_info": _Place(str, _info_place),
    "legal_authenticator": _Place(_person),
    "authors": _Place(lambda author: _person(author.person)),
    "class_code": _CODE,
    "type_code": _CODE,
    # A template has one format, whoever publishes its code.
    "format_code": _Place(lambda coded: coded.code),
    "healthcare_facility_type_code": _CODE,
    "practice_setting_code": _CODE,
    "confidentiality_codes": _CODE,
    "event_code_list": _CODE,
    "reference_id_list": _Place(lambda cxi: (cxi.id_number, cxi.authority), lambda cxi: cxi.type_code),
}


def joined(
    name: str, derived: Any, given: Any, *, known: Sequence[Any] | None = None
) -> tuple[Any, tuple[Any, Any] | None]:
    """Join what a document says of an attribute with what was given by hand.

    Args:
        name: Field of `DocumentEntry`.
        derived: What the document says; None when nothing.
        given: What was given: one value, or a tuple of them.
        known: Everything that the document says in these places, when that is more than `derived`.

    Returns:
        The value, and for a contradiction the two values that differ. A list holds the document's values first; where
        the same value was given, it is written as given (it may say more: a display name, a role).
    """
    place = _PLACES.get(name)
    if derived is None or place is None:
        return given, None
    many = _ATTRIBUTES[name].many
    old, new = (derived, given) if many else ((derived,), (given,))
    clash = next(_clashes(place, old if known is None else known, new), None)
    if clash is not None or not many:
        return given, clash
    as_given = {(place.place(value), place.value(value)): value for value in new}
    kept = [as_given.pop((place.place(value), place.value(value)), value) for value in old]
    return (*kept, *as_given.values()), None


def _clashes(place: _Place, old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    for value in new:
        there = [one for one in old if place.place(one) == place.place(value)]
        if there and place.value(value) not in [place.value(one) for one in there]:
            yield there[0], value


def shown(value: Any) -> str:
    """Write a value for a person."""
    if isinstance(value, Author):
        text = str(value.person) if value.person else "an author without name"
    elif isinstance(value, (tuple, list)):
        text = ", ".join(shown(item) for item in value)
    elif isinstance(value, Coded):
        text = f"{value.code} ({value.display or 'no display'}) of {value.scheme}"
    else:
        text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def contradiction(name: str, values: tuple[Any, Any], source: str) -> str:
    """Say that a document and what was given for it differ, with both values."""
    old, new = values
    return f"{_ATTRIBUTES[name].name}: the document says {shown(old)} ({source}), {shown(new)} was given"
