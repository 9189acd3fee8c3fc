"""What a case may leave unsaid because the rest of it says so.

The first author who is a person answers for the document and performed the main act; an imaging act is the act that
the header documents at the same place; times follow from the document's or the act's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from xds_adapter.cda.identifiers import derived_uid, root_of
from xds_adapter.cda.links import completed_url, filled_url, plain_url
from xds_adapter.vocabulary.cda import DCMUID
from xds_adapter.vocabulary.imaging import SECONDARY_CAPTURE, SOP_CLASSES
from xds_adapter.vocabulary.value_sets import VALUE_SETS

Case = dict[str, Any]


def main_author(authors: Sequence[Mapping[str, Any]]) -> int | None:
    """Return the place of the first author who is a person, or None."""
    return next((index for index, author in enumerate(authors) if author.get("name")), None)


def fill_header(full: Case) -> None:
    """Fill the times and the people that a header lacks."""
    now = full["effective_time"]
    for author in full["authors"]:
        author["time"] = author["time"] or now
    place = main_author(full["authors"])
    author = None if place is None else full["authors"][place]
    if full["legal_authenticator"] is None and author is not None:
        full["legal_authenticator"] = dict(author, time=None)
    for authenticator in (full["legal_authenticator"], *full["authenticators"]):
        authenticator["time"] = authenticator["time"] or now
    order = full.get("order")
    if order is not None:
        order["effective_time"] = order["effective_time"] or {"low": now, "high": None}
    for event in full["service_events"] if order is None else [order]:
        event["performer"] = event["performer"] or author
    encounter = full["encompassing_encounter"]
    encounter["effective_time"] = encounter["effective_time"] or _main_act(full)["effective_time"]


def _main_act(full: Case) -> Case:
    act: Case = full["order"] if "order" in full else full["service_events"][0]
    return act


def fill_body(full: Case) -> None:
    """Fill what the sections of a report leave to the header."""
    sections = full.get("sections") or {}
    addendum = sections.get("addendum")
    if addendum is not None:
        addendum["author"]["time"] = addendum["author"]["time"] or full["effective_time"]
    for device in sections.get("medical_devices", ()):
        if device["author"] is not None:
            device["author"]["time"] = device["author"]["time"] or full["effective_time"]
    for index, act in enumerate(sections.get("imaging_acts", ())):
        events = full["service_events"]
        _fill_act(act, events[min(index, len(events) - 1)], full)


def _fill_act(act: Case, event: Case, full: Case) -> None:
    exposure = act["radiation_exposure"]
    if exposure is not None and exposure["authorized_by"] is None:
        exposure["authorized_by"] = full["service_events"][0]["performer"]
    for technique in act["techniques"]:
        if technique["code"] is None:
            technique["code"] = event["code"]
            technique["ccam"] = technique["ccam"] or event["ccam"]
        technique["modalities"] = technique["modalities"] or event["modalities"]
        technique["effective_time"] = technique["effective_time"] or event["effective_time"]["low"]
    catalogue = act["dicom_catalogue"]
    days = catalogue["image_retention_days"]
    for study in catalogue["studies"]:
        _fill_images(study, event)
        study["viewer_url"] = _viewer_url(study, root_of(full["unique_id"]))
        study["available_until"] = _later(study["effective_time"], days) if days else None
    for image in catalogue["key_images"]:
        _fill_images(image, event)
        image["viewer_url"] = filled_url(image["viewer_url"], root_of(full["unique_id"]))


def _fill_images(images: Case, event: Case) -> None:
    study = images["study_instance_uid"] = images["study_instance_uid"] or event["study_instance_uid"]
    images["series_instance_uid"] = images["series_instance_uid"] or derived_uid(study, "series")
    images["sop_instance_uid"] = images["sop_instance_uid"] or derived_uid(study, "instance")
    images["modality"] = images["modality"] or event["modalities"][0]
    images["effective_time"] = images["effective_time"] or event["effective_time"]["low"]
    if images["sop_class"] is None:
        code = SOP_CLASSES.get(images["modality"]["code"], SECONDARY_CAPTURE)
        member = VALUE_SETS["JDV_SOPClass"].find(code)
        display = member.display if member else code
        images["sop_class"] = {"code": code, "display": display, "system": DCMUID, "system_name": "DCMUID"}


def _viewer_url(study: Case, document_root: str) -> str:
    partial = study["partial_viewer_url"]
    if partial is None:
        return filled_url(study["viewer_url"], document_root)
    return completed_url(plain_url(partial["url"]) or "", partial["parameter"], document_root)


def _later(moment: str, days: int) -> str | None:
    """The day that lies `days` after a moment; None when the moment names no day or the calendar ends before."""
    try:
        return (date.fromisoformat(moment[:10]) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return None
