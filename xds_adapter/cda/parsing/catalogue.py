"""Where the images are, back to ``dicom_catalogue`` of an act.

Source: ANS CI-SIS, section FR-DICOM-Catalogue-objets (1.2.250.1.213.1.1.2.217), entries ...3.155 to ...3.157.
"""

from __future__ import annotations

import re

from xds_adapter.cda.parsing.narrative import Line, lines_of
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.parsing.sections import beside_entries, entries, open_entry, open_section
from xds_adapter.cda.parsing.times import start
from xds_adapter.cda.parsing.values import code, root_only
from xds_adapter.cda.tree import all_of, first, get, name_of
from xds_adapter.vocabulary.cda import DCM, QUALIFIER_MODALITY
from xds_adapter.xmlio import Element

DICOM_MEDIA_TYPE = "application/dicom"
_KEY_IMAGE = "-key-image-"
_DAYS = re.compile(r"\b(\d{1,5}) jours\b")


def dicom_catalogue(reader: Reader, section: Element) -> Case:
    """Return the studies and how long their images are kept, which only the narrative says."""
    open_section(reader, section, "Images")
    acts = entries(section, "act")
    keys = [act for act in acts if _KEY_IMAGE in _anchor(reader, act)]
    lines = lines_of(first(section, "text"))
    found = present(
        studies=[_study(reader, act) for act in acts if act not in keys],
        key_images=[_key_image(reader, act) for act in keys],
        image_retention_days=_retention(reader, lines),
    )
    beside_entries(reader, section, found, [line for line in lines if not _DAYS.search(line.text)])
    return found


def _anchor(reader: Reader, act: Element) -> str:
    """Return the anchor of the instance of a study: a built document marks a key image in it."""
    instance = first(act, "entryRelationship/act/entryRelationship/observation/code")
    return "" if instance is None else reader.anchor_of(instance, "originalText")


def _key_image(reader: Reader, act: Element) -> Case:
    return present(title=reader.anchored(_anchor(reader, act), link=False)) | _study(reader, act)


def _retention(reader: Reader, lines: list[Line]) -> int | None:
    found = [(int(match[1]), line) for line in lines if (match := _DAYS.search(line.text)) and int(match[1])]
    for days, line in found[1:]:
        if days != found[0][0]:
            reader.lost(line.elements[-1], f"a catalogue has one retention; {found[0][0]} days are taken, not {days}")
    return found[0][0] if found else None


def _study(reader: Reader, act: Element) -> Case:
    open_entry(reader, act)
    reader.linked(act)
    reader.constant(act, "code", "113014", system=DCM)
    reader.first(act, "entryRelationship")
    series = first(act, "entryRelationship/act")
    moment = start(reader, first(act, "effectiveTime"))
    found = present(study_instance_uid=root_only(reader, first(act, "id")), effective_time=moment)
    return found if series is None else found | _series(reader, series, moment)


def _series(reader: Reader, series: Element, moment: str | None) -> Case:
    open_entry(reader, series)
    reader.linked(series)
    reader.constant(series, "code", "113015", system=DCM)
    reader.constant(series, "code/qualifier/name", QUALIFIER_MODALITY, system=DCM)
    for path in ("code/qualifier", "entryRelationship"):
        reader.first(series, path)
    found = present(
        series_instance_uid=root_only(reader, first(series, "id")),
        modality=code(reader, first(series, "code/qualifier/value")),
    )
    found |= _same_moment(reader, series, moment)
    instance = first(series, "entryRelationship/observation")
    return found if instance is None else found | _instance(reader, instance, moment or found.get("effective_time"))


def _same_moment(reader: Reader, entry: Element, moment: str | None) -> Case:
    """Take the time of a series or instance where the study has none; another one is noted."""
    element = first(entry, "effectiveTime")
    own = start(reader, element)
    if element is not None and own and moment and own != moment:
        reader.lost(element, f"the case form has one time a study, {moment}; {own} is left out")
    return {} if moment else present(effective_time=own)


def _instance(reader: Reader, instance: Element, moment: str | None) -> Case:
    open_entry(reader, instance)
    found = _same_moment(reader, instance, moment)
    text = reader.first(instance, "text")
    if text is not None and (media_type := get(text, "mediaType")) != DICOM_MEDIA_TYPE:
        reader.lost(text, f"a built document says {DICOM_MEDIA_TYPE}, not {media_type!r}")
    reference = None if text is None else reader.first(text, "reference")
    element = first(instance, "code")
    url = "" if reference is None else get(reference, "value")
    return found | present(
        sop_instance_uid=root_only(reader, first(instance, "id")),
        sop_class=code(reader, element),
        viewer_url=url or _link(reader, element),
    )


def _link(reader: Reader, element: Element | None) -> str:
    """Return the link that the narrative shows for an instance whose entry has none."""
    for reference in [] if element is None else all_of(element, "originalText/reference"):
        anchor = reader.target(reference)
        for part in [] if anchor is None else anchor.iter():
            if name_of(part) == "linkHtml":
                reader.assumed(reference, "the entry has no URL; the link of the narrative is taken")
                return get(part, "href")
    return ""
