"""What several kinds of entries hold: sites, comments, doses, products.

Source: ANS CI-SIS, entries FR-Commentaire-ER (1.2.250.1.213.1.1.3.32), FR-DICOM-Administration-de-produits
(...3.151) and radiopharmaceuticals (...3.173).
"""

from __future__ import annotations

from xds_adapter.cda.parsing.reader import Case, Reader, present, worded
from xds_adapter.cda.parsing.sections import of_template, open_entry
from xds_adapter.cda.parsing.times import start
from xds_adapter.cda.parsing.values import code, quantity
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.vocabulary.cda import ATC, CIP, QUALIFIER_TOPOGRAPHY, SNOMED_CT
from xds_adapter.vocabulary.section_templates import COMMENT_ENTRY
from xds_adapter.xmlio import Element


def site(reader: Reader, element: Element) -> Case:
    """Return an anatomical site with its side or position."""
    found = code(reader, element) or {}
    modifier = code(reader, first(element, "qualifier/value"))
    if modifier is not None:
        reader.first(element, "qualifier")
        reader.constant(element, "qualifier/name", QUALIFIER_TOPOGRAPHY, system=SNOMED_CT)
    return found | present(topographic_modifier=modifier)


def comment(reader: Reader, entry: Element) -> str:
    """Return the words of the comment act of an entry."""
    acts = of_template(all_of(entry, "entryRelationship/act"), COMMENT_ENTRY)
    for act in acts[:1]:
        open_entry(reader, act)
        reader.constant(act, "code", "48767-8")
        return worded(reader, act, reader.linked(act))
    return ""


def dose(reader: Reader, entry: Element) -> Case | None:
    """Return a dose: a single quantity, or the low end of a range."""
    element = reader.first(entry, "doseQuantity")
    if element is None:
        return None
    low = first(element, "low")
    if low is None:
        return quantity(reader, element)
    high = first(element, "high")
    if high is not None and (get(high, "value"), get(high, "unit")) == (get(low, "value"), get(low, "unit")):
        reader.see(high)
    return quantity(reader, low)


def product(reader: Reader, entry: Element) -> Case:
    """Return a product given to the patient."""
    open_entry(reader, entry)
    reader.linked(entry)
    for path in ("consumable", "consumable/manufacturedProduct"):
        reader.first(entry, path)
    material = reader.first(entry, "consumable/manufacturedProduct/manufacturedMaterial")
    found = {} if material is None else _material(reader, material)
    return found | present(
        effective_time=start(reader, first(entry, "effectiveTime")),
        route_code=code(reader, first(entry, "routeCode")),
        dose_quantity=dose(reader, entry),
        comment=comment(reader, entry),
    )


def _material(reader: Reader, material: Element) -> Case:
    coded = first(material, "code")
    return present(
        name=reader.words(material, "name"),
        lot_number=reader.words(material, "lotNumberText"),
        **({} if coded is None else _product_codes(reader, coded)),
    )


def _product_codes(reader: Reader, coded: Element) -> Case:
    """Tell the codes of a product apart by their systems, whether they are the code or its translation."""
    code(reader, coded)
    elements = [element for element in (coded, *all_of(coded, "translation")) if get(element, "code")]
    found: dict[str, Element] = {}
    for element in elements:
        name = {CIP: "cip", ATC: "atc"}.get(get(element, "codeSystem"))
        if name is not None:
            found.setdefault(name, element)
    others = [element for element in elements if element not in found.values()]
    # A code of another system keeps it: a single one stands as class, of two the product comes first.
    free = [name for name in ("cip", "atc") if name not in found][-len(others) :] if others else []
    found.update(zip(free, others, strict=False))
    return {name: code(reader, element) for name, element in found.items()}
