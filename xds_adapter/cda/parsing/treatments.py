"""The drugs that a patient takes, back to ``sections.treatments`` of a telemedicine request.

Source: ANS CI-SIS, section FR-Traitements (1.2.250.1.213.1.1.2.143), entry FR-Traitement (1.2.250.1.213.1.1.3.42).
"""

from __future__ import annotations

from xds_adapter.cda.fragments import decimal_comma
from xds_adapter.cda.moments import french
from xds_adapter.cda.parsing.clinical import open_observation
from xds_adapter.cda.parsing.entries import comment
from xds_adapter.cda.parsing.narrative import own_words, plain
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.parsing.sections import beside_entries, entries, open_entry, open_section
from xds_adapter.cda.parsing.times import period
from xds_adapter.cda.parsing.values import code, is_coded, quantity
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.vocabulary.cda import ATC, SNOMED_CT, TA_ASIP
from xds_adapter.xmlio import Element

_ABSENCES = {"182849000": "none", "182904002": "unknown"}


def treatments(reader: Reader, section: Element) -> Case:
    """Return the drugs, or why there are none."""
    open_section(reader, section, "Traitements")
    given = entries(section, "substanceAdministration")
    absent = [entry for entry in given if _absence(entry)]
    drugs = [entry for entry in given if entry not in absent]
    found = present(treatments=[_treatment(reader, entry) for entry in drugs])
    if absent and not drugs:
        found["absence_of_treatments"] = _absence(absent[0])
        _open_absence(reader, absent[0])
    beside_entries(reader, section, found)
    return found


def _absence(entry: Element) -> str | None:
    element = first(entry, "code")
    if element is None or not is_coded(element, SNOMED_CT, *_ABSENCES):
        return None
    return _ABSENCES[get(element, "code")]


def _open_absence(reader: Reader, entry: Element) -> None:
    open_entry(reader, entry)
    reader.see(first(entry, "code"))
    reader.linked(entry)
    _material(reader, entry)


def _treatment(reader: Reader, entry: Element) -> Case:
    open_entry(reader, entry)
    words = " ".join(reader.linked(entry, labelled=False).split())
    found = present(name=words) | _material(reader, entry) | _times(reader, entry)
    found |= present(
        route_code=code(reader, first(entry, "routeCode")),
        dose_quantity=_dose(reader, entry),
        comment=comment(reader, entry),
        **_related(reader, entry),
    )
    return found | present(frequency=_frequency(reader, entry, found))


def _frequency(reader: Reader, entry: Element, found: Case) -> str:
    """Return how often a drug is taken, which only the narrative says.

    It stands behind the name and the dose, and before the rhythm, the route and the period, which are known.
    """
    reference = first(entry, "text/reference")
    anchor = None if reference is None else reader.target(reference)
    said = "" if anchor is None else plain(anchor.tail)
    before = f", {_dose_words(found['dose_quantity'])}" if "dose_quantity" in found else ""
    behind = [", "] if "route_code" in found else [f", {_period_words(found)}"] if "effective_time" in found else []
    behind += [f", toutes les {_quantity_words(found['period'])}"] if "period" in found else []
    said = said.removeprefix(before)
    for words in behind:
        said = said.removesuffix(words)
    return said.removeprefix(", ")


def _quantity_words(value: Case) -> str:
    return f"{decimal_comma(value['value'])} {value['unit']}"


def _dose_words(dose: Case) -> str:
    if dose["low"] == dose["high"]:
        return _quantity_words(dose["low"])
    return f"{_quantity_words(dose['low'])} à {_quantity_words(dose['high'])}"


def _period_words(found: Case) -> str:
    low, high = found["effective_time"].get("low", ""), found["effective_time"].get("high")
    return f"du {french(low)} au {french(high)}" if high else f"depuis le {french(low)}"


def _material(reader: Reader, entry: Element) -> Case:
    for path in ("consumable", "consumable/manufacturedProduct", "consumable/manufacturedProduct/templateId"):
        reader.all(entry, path)
    material = reader.first(entry, "consumable/manufacturedProduct/manufacturedMaterial")
    if material is None:
        return {}
    coded = first(material, "code")
    translations = [] if coded is None else all_of(coded, "translation")
    # A code of another system keeps it.
    atc = [one for one in translations if get(one, "codeSystem") == ATC] or translations
    drug = code(reader, coded)
    name = reader.words(material, "name") or ("" if drug is None else drug["display"])
    return present(name=name, code=drug, atc=code(reader, atc[0]) if atc else None)


def _times(reader: Reader, entry: Element) -> Case:
    """Tell the period of a treatment from its rhythm: both are effectiveTime, of different types."""
    found: Case = {}
    for element in all_of(entry, "effectiveTime"):
        rhythm = first(element, "period")
        if rhythm is not None and "period" not in found:
            reader.see(element)
            found |= present(period=quantity(reader, rhythm))
        elif rhythm is None and "effective_time" not in found:
            found |= present(effective_time=period(reader, element))
    return found


def _dose(reader: Reader, entry: Element) -> Case | None:
    element = reader.first(entry, "doseQuantity")
    if element is None:
        return None
    low, high = first(element, "low"), first(element, "high")
    if low is None and high is None:
        low = high = element
    least = quantity(reader, low if low is not None else high)
    most = quantity(reader, high if high is not None else low)
    return None if least is None or most is None else {"low": least, "high": most}


def _related(reader: Reader, entry: Element) -> Case:
    found: Case = {}
    for relationship in all_of(entry, "entryRelationship"):
        reason, observation = first(relationship, "act"), first(relationship, "observation")
        if reason is not None and get(relationship, "typeCode") == "RSON" and "reason" not in found:
            found |= present(reason=_reason(reader, reason))
        elif observation is not None and "stop_reason" not in found:
            found |= _stop(reader, observation)
    return found


def _reason(reader: Reader, act: Element) -> Case:
    open_entry(reader, act)
    element = first(act, "code")
    if element is None:
        return {}
    words = reader.linked(element, "originalText")
    coded = code(reader, element)
    return present(text=words or ("" if coded is None else coded["display"]), code=coded)


def _stop(reader: Reader, observation: Element) -> Case:
    element = first(observation, "code")
    if element is None or not is_coded(element, TA_ASIP, "MED-052"):
        return {}
    open_observation(reader, observation)
    words = reader.linked(observation)
    value = first(observation, "value")
    said = "" if value is None else own_words(value)
    if said.split() == words.split() or not words:
        reader.see(value)
    return present(stop_reason=words or said)
