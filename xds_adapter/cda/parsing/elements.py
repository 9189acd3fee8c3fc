"""Short ways to read an element; names in paths are local names, ``ps3-20:`` marks DICOM's."""
from __future__ import annotations

from functools import lru_cache

from xds_adapter.vocabulary.namespaces import CDA, DICOM_CDA
from xds_adapter.xmlio import Element

_PREFIXES = {f"{{{CDA}}}": "", f"{{{DICOM_CDA}}}": "ps3-20:"}


def name_of(element: Element) -> str:
    tag = element.tag
    space, _, local = tag.rpartition("}")
    return _PREFIXES[space + "}"] + local if space + "}" in _PREFIXES else tag if space else f"{{}}{tag}"


@lru_cache(4096)
def _tags(path: str) -> tuple[str, ...]:
    spaces = {prefix: space for space, prefix in _PREFIXES.items()}
    parts = ((prefix + colon, local) for prefix, colon, local in (step.rpartition(":") for step in path.split("/")))
    return tuple(spaces[prefix] + local for prefix, local in parts)


def all_of(element: Element, path: str) -> list[Element]:
    tags = _tags(path)
    found = [*element.iterchildren(tags[0])]
    for tag in tags[1:]:
        found = [child for parent in found for child in parent.iterchildren(tag)]
    return found


def first(element: Element, path: str) -> Element | None:
    return next(iter(all_of(element, path)), None)


def get(element: Element, attribute: str) -> str:
    return element.get(attribute, "").strip()


def xpath_of(element: Element) -> str:
    steps = [name_of(element) + _place(element)]
    steps += [name_of(parent) + _place(parent) for parent in element.iterancestors()]
    return "/" + "/".join(reversed(steps))


def _place(element: Element) -> str:
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    return f"[{before + 1}]" if before or next(element.itersiblings(element.tag), None) is not None else ""
