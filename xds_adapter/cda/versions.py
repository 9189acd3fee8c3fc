"""The next version of a document: a corrected case, or the same case with an addendum.

    case + previous version  --next_version-->  case of the next version
    case of a version        --addendum----->   case of the next version, with an addendum

A version is a document of its own: new id, the set id of all versions, the number that follows, and the id of the
version that it replaces. Its XDS side is the RPLC association that a submission adds.

Source: ANS CI-SIS, volet Structuration minimale (id, setId, versionNumber, relatedDocument).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xds_adapter.cda.build import folder_of
from xds_adapter.cda.case import check
from xds_adapter.cda.header import Header, InstanceId
from xds_adapter.cda.identifiers import canonical_id
from xds_adapter.cda.moments import french
from xds_adapter.cda.schema import flat_schema, json_path
from xds_adapter.datatypes import new_oid
from xds_adapter.errors import CaseInvalid
from xds_adapter.vocabulary import cda

Case = dict[str, Any]
Identifiers = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    """What counts of the version that comes before; a text is empty when it is not known."""

    unique_id: str
    set_id: str
    number: int | None
    replaced: str
    kind: str
    patient: Identifiers


def kind_of(header: Header) -> str:
    """Name the kind of a document by its model, or by its type when it is of level 1; empty for any other."""
    roots = {template.root for template in header.template_ids}
    for model, kind in cda.KIND_OF_MODEL.items():
        if model in roots:
            return kind
    code = header.code.code if header.code else ""
    return cda.KIND_OF_LEVEL_1.get(code, "") if cda.LEVEL_1 in roots else ""


def _of_header(header: Header) -> _Version:
    def text(identifier: InstanceId) -> str:
        return canonical_id(f"{identifier.root}^{identifier.extension}" if identifier.extension else identifier.root)

    patient = header.patient.identifiers if header.patient else ()
    return _Version(
        unique_id=text(header.document_id) if header.document_id else "",
        set_id=text(header.set_id) if header.set_id else "",
        number=int(header.version_number) if header.version_number.isdecimal() else None,
        replaced=text(header.replaced_document) if header.replaced_document else "",
        kind=kind_of(header),
        patient=frozenset((one.root, one.extension) for one in patient),
    )


def _of_case(kind: str, case: Mapping[str, Any]) -> _Version:
    return _Version(
        unique_id=canonical_id(case.get("unique_id", "")),
        set_id=canonical_id(case.get("set_id", "")),
        number=case.get("version_number", 1),
        replaced=canonical_id(case.get("related_document", {}).get("unique_id", "")),
        kind=kind,
        patient=_patient(case),
    )


def _patient(case: Mapping[str, Any]) -> Identifiers:
    target = case.get("record_target", {})
    return frozenset((target[name]["root"], target[name]["extension"]) for name in ("ins", "ipp") if name in target)


def next_version(kind: str, case: Mapping[str, Any], previous: Header | Mapping[str, Any]) -> Case:
    """Make the case of the version that replaces another.

    Args:
        kind: A name of `xds_adapter.cda.build.KINDS`.
        case: What the next version says. It may be the edited case of the previous version: its own ``unique_id``,
            ``set_id``, ``version_number`` and ``related_document`` are moved on. A ``unique_id`` of its own is kept.
        previous: The header of the document that is replaced, or the case that it was built from.

    Returns:
        A copy with a new ``unique_id``, the ``set_id`` of the previous version, its ``version_number`` plus one, and
        ``related_document``.

    Raises:
        CaseInvalid: The case has faults of its own; or the previous version is of another kind or patient or lacks
            an id; or the case already says something else of its place among the versions. All that is wrong, each
            with both values.
        ConfigError: There is no such kind.

    Source: ANS CI-SIS, volet Structuration minimale.
    """
    check(folder_of(kind), case)
    before = _of_header(previous) if isinstance(previous, Header) else _of_case(kind, previous)
    faults = list(_unusable(kind, before)) or [*_another_patient(case, before), *_another_place(case, before)]
    if faults:
        raise CaseInvalid(tuple(faults))
    made = deepcopy(dict(case))
    own = canonical_id(made.get("unique_id", ""))
    made["unique_id"] = own if own not in ("", before.unique_id) else new_oid()
    made["set_id"] = before.set_id
    made["version_number"] = (before.number or 0) + 1
    made["related_document"] = {"unique_id": before.unique_id}
    return made


def _unusable(kind: str, before: _Version) -> Iterator[str]:
    """Yield what keeps a version from being replaced at all."""
    if before.kind != kind:
        yield f"the previous version is {_named(before.kind)}, the case is {_named(kind)}"
    for name, value in (("id", before.unique_id), ("setId", before.set_id)):
        if not value:
            yield f"the previous version has no {name}; give the document that was built, or its case with all its ids"
    if before.number is None:
        yield "the previous version has no versionNumber that is a whole number"


def _named(kind: str) -> str:
    return f"of the kind {kind}" if kind else "of no kind that is built here"


def _another_patient(case: Mapping[str, Any], before: _Version) -> Iterator[str]:
    patient = _patient(case)
    if _other_patient(patient, before.patient):
        now, then = (
            ", ".join(f"{number} of {root}" for root, number in sorted(ids)) for ids in (patient, before.patient)
        )
        yield f"{json_path(('record_target',))}: is the patient {now}; the previous version is about {then or 'nobody'}"


def _another_place(case: Mapping[str, Any], before: _Version) -> Iterator[str]:
    """Yield what a case already says of its place among the versions, and should not."""
    number = (before.number or 0) + 1
    related = case.get("related_document", {}).get("unique_id", "")
    rows = (
        ("set_id", canonical_id(case.get("set_id", "")), ("", before.set_id), before.set_id),
        ("version_number", case.get("version_number", number), (before.number, number), number),
        ("related_document", canonical_id(related), ("", before.unique_id, before.replaced), before.unique_id),
    )
    for name, value, fitting, expected in rows:
        if value not in fitting:
            yield f"{json_path((name,))}: is {value}; the version after {before.unique_id} has {expected}"


def _other_patient(one: Identifiers, other: Identifiers) -> bool:
    """Tell two patients apart by the national identity when both have one, else by having no number in common."""
    national, other_national = ({number for root, number in ids if root in cda.INS_ROOTS} for ids in (one, other))
    return national.isdisjoint(other_national) if national and other_national else one.isdisjoint(other)


def addendum(
    kind: str,
    case: Mapping[str, Any],
    text: str,
    *,
    previous: Header | Mapping[str, Any] | None = None,
    author: Mapping[str, Any] | None = None,
    time: str | None = None,
) -> Case:
    """Make the case of a version that adds an addendum and changes nothing else.

    An addendum that the previous version has stays, under the new one, with its date and its author.

    Args:
        kind: A name of `xds_adapter.cda.build.KINDS` whose documents take an addendum.
        case: The case of the previous version.
        text: What is added.
        previous: The header of the document that was built from the case; None when the case carries its ids.
        author: Who adds it, an author as the schema has it; None for the first person among its authors.
        time: When, ISO 8601 with zone; it also becomes the document's own time. None for now.

    Raises:
        CaseInvalid: As `next_version`; or documents of this kind take no addendum, or nobody is its author.

    Source: ANS CI-SIS, volet IMG-CR-IMG 2024.01 (section Addendum).
    """
    if "addendum" not in flat_schema(folder_of(kind))["properties"]["sections"]["properties"]:
        raise CaseInvalid((f"documents of the kind {kind} take no addendum; correct the case itself",))
    made = next_version(kind, case, case if previous is None else previous)
    by = author or next((one for one in made["authors"] if "name" in one), None)
    if by is None:
        raise CaseInvalid((f"{json_path(('authors',))}: none is a person; say who adds the addendum",))
    made["effective_time"] = time or datetime.now().astimezone().isoformat(timespec="seconds")
    if "legal_authenticator" in made:
        # Who answers for the document does so for this version, now.
        made["legal_authenticator"].pop("time", None)
    earlier = made["sections"].get("addendum")
    words = f"{text}\n{_heading(earlier['author'])}\n{earlier['text']}" if earlier else text
    made["sections"]["addendum"] = {
        "text": words,
        "author": {**by, "time": made["effective_time"]},
    }
    return made


def _heading(author: Mapping[str, Any]) -> str:
    name = author["name"]
    person = " ".join(name[part] for part in ("suffix", "given", "family") if part in name)
    return f"Addendum du {french(author['time'])} ({person}) :"
