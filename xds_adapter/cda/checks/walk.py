"""One pass over a document: every element against its shape, and what later checks need to know of it.

What is found out about an element depends, for most, on its attributes and the names of its children alone. The
shapes of documents repeat, so a sound combination is remembered and costs one look-up the next time.

Source: HL7 CDA R2; ANS CI-SIS, volet Structuration minimale.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from xds_adapter.cda.checks import datatypes, header_rules, structure
from xds_adapter.cda.checks.classes import XSI_TYPE, clark, classes, is_kind_of
from xds_adapter.cda.checks.rules import Flaw, found
from xds_adapter.cda.checks.shapes import Fork, Items, Shape, Verdict, plain_shape, root_shape
from xds_adapter.xmlio import Element

KNOWN = 2000
"""So many sound combinations are remembered for a shape."""
_TEMPLATE_ID = clark("templateId")

_NONE: list[Element] = []


@dataclass(slots=True)
class Survey:
    """What the pass collects.

    Attributes:
        templated: Elements with template ids, in document order, each with its roots.
        anchors: Elements with an ID.
        references: Elements ``reference`` of a data type.
        media: Elements ``renderMultiMedia``.
        ids: Elements ``id`` whose root is all they have.
        quantities: Elements with a unit.
    """

    flaws: list[Flaw] = field(default_factory=list)
    templated: list[tuple[Element, list[str]]] = field(default_factory=list)
    anchors: list[Element] = field(default_factory=list)
    references: list[Element] = field(default_factory=list)
    media: list[Element] = field(default_factory=list)
    ids: list[Element] = field(default_factory=list)
    quantities: list[Element] = field(default_factory=list)


def survey(root: Element) -> Survey:
    """Walk a document."""
    out = Survey()
    waiting: list[tuple[Element, Shape | Fork | None]] = [(root, root_shape())]
    while waiting:
        element, shape = waiting.pop()
        if shape is None:
            continue
        if isinstance(shape, Fork):
            shape = shape.choose(element)
        items: Items = tuple(element.items())  # type: ignore[arg-type] # the stub allows bytes, which lxml never gives
        if len(element):
            children = [*element]
            tags = tuple([child.tag for child in children])
        else:
            children = _NONE
            tags = ()
        verdict = shape.known.get((items, tags))
        if verdict is None:
            verdict = _judge(element, shape, items, children, out)
        if verdict.no_text and (text := element.text) and not text.isspace():
            out.flaws.append(found("CDA-109", element, text=text.strip()[:40]))
        if verdict.special:
            _look_closer(element, shape, verdict, children, out)
        if children:
            waiting.extend(zip(reversed(children), verdict.kids, strict=True))
    return out


def _look_closer(element: Element, shape: Shape, verdict: Verdict, children: list[Element], out: Survey) -> None:
    """Note what later checks need, and check what only the element itself can tell."""
    if verdict.noted is not None:
        getattr(out, verdict.noted).append(element)
    if verdict.anchor:
        out.anchors.append(element)
    if verdict.templates:
        out.templated.append((element, [child.get("root", "") for child in children if child.tag == _TEMPLATE_ID]))
    if shape.row is not None:
        if verdict.texts:
            out.flaws.extend(header_rules.text_flaws(element, shape.row))
        if verdict.counted:
            out.flaws.extend(header_rules.among(element, shape, children, tuple([child.tag for child in children])))


def _judge(element: Element, shape: Shape, items: Items, children: list[Element], out: Survey) -> Verdict:
    """Look at an element that is not known yet; remember it when nothing is wrong."""
    tags = tuple([child.tag for child in children])
    flaws: list[Flaw] = []
    real = shape
    if any(name == XSI_TYPE for name, _ in items):
        real = _specialised(element, shape, flaws)
    if real.cda_class is None:
        out.flaws.extend(flaws)
        return Verdict(kids=tuple([None] * len(tags)))
    flaws += structure.attribute_flaws(element, real.cda_class, items)
    content = [] if real.cda_class.accepts(tags) else [*structure.child_flaws(element, real, children)]
    flaws += content
    in_header = shape.row is not None and shape.row.kind != "-"
    flaws += datatypes.flaws(element, real.cda_class, dict(items), tags, in_header=in_header)
    if shape.row is not None:
        flaws += header_rules.flaws(element, shape.row, dict(items), tags)
    verdict = Verdict(
        kids=tuple([real.child(tag) for tag in reversed(tags)]),
        no_text=not real.cda_class.mixed,
        counted=shape.row is not None and header_rules.compares(shape, tags),
        noted=_list_of(element, real, dict(items)),
        templates=_TEMPLATE_ID in tags,
        anchor=any(name == "ID" for name, _ in items),
        texts=shape.row is not None and header_rules.looks_at_text(shape.row, dict(items)),
    )
    out.flaws.extend(flaws)
    if not flaws:
        if len(shape.known) >= KNOWN:
            shape.known.clear()
        shape.known[items, tags] = verdict
    return verdict


def _specialised(element: Element, shape: Shape, flaws: list[Flaw]) -> Shape:
    """The shape of the class that ``xsi:type`` names, when it may stand here."""
    written = element.get(XSI_TYPE, "").strip().rpartition(":")[2]
    allowed = shape.cda_class
    if allowed is None or written == allowed.name:
        return shape
    if written not in classes() or not is_kind_of(written, allowed.name):
        flaws.append(found("CDA-108", element, value=written, expected=allowed.name))
        # What an unknown class may hold nobody can tell.
        return Shape(None)
    return Shape(classes()[written], shape.row) if shape.row else plain_shape(written)


def _list_of(element: Element, shape: Shape, items: dict[str, str]) -> str | None:
    """Say which list of the survey an element belongs to."""
    name = shape.cda_class.name if shape.cda_class else ""
    if name == "text.RenderMultiMedia":
        return "media"
    if name == "TEL" and element.tag == _REFERENCE:
        return "references"
    if name == "II" and element.tag == _ID and "extension" not in items:
        return "ids"
    if "unit" in items:
        return "quantities"
    return None


_REFERENCE = clark("reference")
_ID = clark("id")
