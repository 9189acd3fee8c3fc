"""Medical devices, back to ``sections.medical_devices``.

Source: ANS CI-SIS, section FR-Dispositifs-medicaux (1.2.250.1.213.1.1.2.1), entry FR-Dispositif-medical
(1.2.250.1.213.1.1.3.20).
"""

from __future__ import annotations

from xds_adapter.cda.parsing.parties import author, performer
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.parsing.sections import beside_entries, entries, open_entry, open_section
from xds_adapter.cda.parsing.times import start
from xds_adapter.cda.parsing.values import code, identifier
from xds_adapter.cda.tree import first, get
from xds_adapter.xmlio import Element


def medical_devices(reader: Reader, section: Element) -> list[Case]:
    """Return the devices."""
    open_section(reader, section, "Dispositifs médicaux")
    found = [_device(reader, supply) for supply in entries(section, "supply")]
    beside_entries(reader, section, found)
    return found


def _when(reader: Reader, supply: Element) -> str | None:
    """Return when the device was used; where that is not known, when it was supplied."""
    used = start(reader, first(supply, "effectiveTime"))
    supplied = first(supply, "performer/time")
    if used is not None or supplied is None or not get(supplied, "value"):
        return used
    reader.assumed(supplied, "when the device was used is not known; when it was supplied is taken")
    return start(reader, supplied)


def _device(reader: Reader, supply: Element) -> Case:
    open_entry(reader, supply)
    words = reader.linked(supply, labelled=False)
    reader.first(supply, "participant")
    role = reader.first(supply, "participant/participantRole")
    writer = first(supply, "author")
    found = present(
        effective_time=_when(reader, supply),
        performer=performer(reader, supply),
        author=None if writer is None else author(reader, writer),
    )
    if role is None:
        return present(name=words) | found
    reader.first(role, "playingDevice")
    coded = code(reader, first(role, "playingDevice/code"))
    name = reader.words(role, "playingDevice/manufacturerModelName")
    if not name:
        name = " ".join(words.split()) or (coded or {}).get("display", "")
        device = first(role, "playingDevice")
        reader.assumed(role if device is None else device, f"the device has no model name; {name!r} is taken")
    return found | present(name=name, udi=identifier(reader, role), code=coded)
