"""Documents with one thing broken, drawn over all elements with a seed."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree

from xds_adapter import xmlio
from xds_adapter.xmlio import Element

Change = Callable[[random.Random, Element], bool]


def _deleted(_: random.Random, element: Element) -> bool:
    parent = element.getparent()
    if parent is None:
        return False
    parent.remove(element)
    return True


def _doubled(_: random.Random, element: Element) -> bool:
    if element.getparent() is None:
        return False
    element.addnext(copy.deepcopy(element))
    return True


def _swapped(_: random.Random, element: Element) -> bool:
    following = element.getnext()
    if following is None or element.getparent() is None:
        return False
    following.addnext(element)
    return True


def _with(attribute: str, values: tuple[str, ...]) -> Change:
    def change(chance: random.Random, element: Element) -> bool:
        if attribute not in element.attrib:
            return False
        element.set(attribute, chance.choice(values))
        return True

    return change


def _void(_: random.Random, element: Element) -> bool:
    if element.getparent() is None:
        return False
    element.set("nullFlavor", "NI")
    return True


CHANGES: tuple[Change, ...] = (
    _deleted,
    _doubled,
    _swapped,
    _void,
    _with("code", ("XX-9", "")),
    _with("codeSystem", ("1.2.3", "not an OID")),
    _with("root", ("1.2.3.4", "")),
    _with("extension", ("1999.01", "")),
    _with("value", ("20241332", "#nowhere", "abc")),
    _with("unit", ("furlong",)),
    _with("nullFlavor", ("XYZ", "OTH")),
)


def mutations(documents: list[Path], count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Draw documents that are broken in one place.

    Args:
        documents: What to break.
        count: How many to make.
        seed: The same seed gives the same documents.

    Yields:
        What was done, and the document.
    """
    chance = random.Random(seed)
    originals = {path: xmlio.parse(path.read_bytes()) for path in documents}
    made = 0
    while made < count:
        path = chance.choice(documents)
        root = copy.deepcopy(originals[path])
        element = chance.choice([*root.iter()])
        change = chance.choice(CHANGES)
        name = f"{change.__qualname__.split('.')[0].strip('_')} {root.getroottree().getpath(element)} of {path.name}"
        if change(chance, element):
            made += 1
            yield name, etree.tostring(root, encoding="UTF-8", xml_declaration=True)
