"""Checks against the class model: which children and attributes an element has, their order, number and form.

Source: HL7 CDA R2 (POCD_MT000040); HL7 v3 data types R1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xds_adapter.cda.checks.classes import CdaClass, Particle
from xds_adapter.cda.checks.rules import Flaw, found
from xds_adapter.cda.checks.shapes import Shape
from xds_adapter.cda.moments import ts_fault
from xds_adapter.cda.tree import name_of
from xds_adapter.vocabulary.namespaces import XSI
from xds_adapter.xmlio import Element

_XSI = f"{{{XSI}}}"


def attribute_flaws(element: Element, cda_class: CdaClass, items: Iterable[tuple[str, str]]) -> Iterator[Flaw]:
    """Check the attributes of an element (CDA-105 to CDA-107, dates CDA-030, roots CDA-020)."""
    names = set()
    for name, value in items:
        names.add(name)
        attribute = cda_class.attributes.get(name)
        if attribute is None:
            if not name.startswith(_XSI):
                yield found("CDA-105", element, attribute=name, element=name_of(element))
        elif not attribute.fits(value):
            if attribute.form == "ts":
                yield found("CDA-030", element, value=value, fault=ts_fault(value) or "")
            elif attribute.form == "uid" and name == "root":
                yield found("CDA-020", element, root=value)
            else:
                yield found("CDA-107", element, attribute=name, value=value, expected=attribute.words)
    for name in cda_class.required:
        if name not in names:
            yield found("CDA-106", element, attribute=name, element=name_of(element))


def child_flaws(element: Element, shape: Shape, children: list[Element]) -> Iterator[Flaw]:
    """Say what is wrong with the children of an element that its class does not accept (CDA-100 to CDA-104)."""
    if shape.cda_class is None:
        return
    by_tag = {particle.tag: particle for particle in shape.cda_class.particles}
    counted = {row.tag for row in shape.row.rows} if shape.row else frozenset()
    flaws = [*_unknown(element, children, by_tag), *_misplaced(children, by_tag)]
    flaws += _repeated(element, children, by_tag, counted)
    tags = {child.tag for child in children}
    missing = [particle for particle in by_tag.values() if particle.required and particle.tag not in tags]
    flaws += [
        found("CDA-103", element, parent=name_of(element), element=particle.name)
        for particle in missing
        if particle.tag not in counted
    ]
    if not flaws and not missing and not _left_to_header(children, by_tag, counted):
        flaws.append(found("CDA-104", element, parent=name_of(element), expected=_shown(by_tag.values())))
    yield from flaws


def _unknown(element: Element, children: list[Element], by_tag: dict[str, Particle]) -> Iterator[Flaw]:
    for child in children:
        if child.tag not in by_tag:
            yield found(
                "CDA-100", child, element=name_of(child), parent=name_of(element), allowed=_shown(by_tag.values())
            )


def _misplaced(children: list[Element], by_tag: dict[str, Particle]) -> Iterator[Flaw]:
    last: Particle | None = None
    for child in children:
        particle = by_tag.get(child.tag)
        if particle is None:
            continue
        if last is not None and particle.place < last.place:
            yield found("CDA-101", child, element=particle.name, other=last.name)
        else:
            last = particle


def _repeated(
    element: Element, children: list[Element], by_tag: dict[str, Particle], counted: Iterable[str]
) -> Iterator[Flaw]:
    seen: set[str] = set()
    for child in children:
        particle = by_tag.get(child.tag)
        if particle is None or particle.many:
            continue
        if child.tag in seen and child.tag not in counted:
            yield found("CDA-102", child, element=particle.name, parent=name_of(element))
        seen.add(child.tag)


def _left_to_header(children: list[Element], by_tag: dict[str, Particle], counted: Iterable[str]) -> bool:
    """Tell whether the header counts what is there too often."""
    tags = [child.tag for child in children]
    return any(tag in counted and not by_tag[tag].many and tags.count(tag) > 1 for tag in by_tag)


def _shown(particles: Iterable[Particle]) -> str:
    names = [particle.name for particle in particles]
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "") or "nothing"
