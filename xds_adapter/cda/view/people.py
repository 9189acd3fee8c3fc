"""Names, places and contacts of a header as a reader of the page writes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xds_adapter.cda.tree import all_of, first, get, text_of
from xds_adapter.cda.view.links import without_bidi
from xds_adapter.xmlio import Element

_TITLES = {"DR": "Dr", "PR": "Pr", "M": "M.", "MME": "Mme"}
_ADDRESS_LINES = (
    ("streetAddressLine",),
    ("additionalLocator", "unitID"),
    ("houseNumber", "streetNameType", "streetName"),
    ("postalCode", "city"),
    ("country",),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a fact, and what is said of it in small print."""

    text: str
    note: str = ""


def words_of(element: Element | None, path: str = "") -> str:
    """Return the own text at a path, fit for the page; empty when there is none."""
    found = first(element, path) if element is not None and path else element
    return without_bidi(text_of(found)) if found is not None else ""


def all_words(element: Element) -> str:
    """Return the words of an element and of everything in it, blanks collapsed."""
    return without_bidi(" ".join("".join(map(str, element.itertext())).split()))


def joined(elements: Iterable[Element], between: str = " ") -> str:
    """Return the texts that are not empty, with something between them."""
    return between.join(text for text in map(words_of, elements) if text)


def person_name(name: Element | None) -> str:
    """Write a name: title, given names, family name."""
    if name is None:
        return ""
    titles = [words_of(part) for part in (*all_of(name, "suffix"), *all_of(name, "prefix"))]
    # "Dr" says more than "M.": the suffix carries it in France, the prefix elsewhere.
    title = next((_TITLES.get(title.upper(), title) for title in titles if title), "")
    parts = (title, joined(all_of(name, "given")), joined(all_of(name, "family")))
    return " ".join(part for part in parts if part) or words_of(name)


def display(code: Element | None) -> str:
    """Write a coded element: its display name, its original text or its code, or those of a translation."""
    if code is None:
        return ""
    names = (
        get(element, "displayName") or words_of(element, "originalText") or get(element, "code")
        for element in (code, *all_of(code, "translation"))
    )
    return without_bidi(next((name for name in names if name), ""))


def identifier(element: Element | None) -> str:
    """Write an II: the extension, or the root when it identifies alone."""
    return without_bidi(get(element, "extension") or get(element, "root")) if element is not None else ""


def address(element: Element | None) -> str:
    """Write an address on one line."""
    if element is None:
        return ""
    lines = (" ".join(joined(all_of(element, name)) for name in names).split() for names in _ADDRESS_LINES)
    return ", ".join(" ".join(line) for line in lines if line) or words_of(element)


def contacts(elements: Iterable[Element]) -> str:
    """Write telephone numbers and mail addresses without their schemes."""
    values = (get(element, "value") for element in elements)
    return ", ".join(without_bidi(value.partition(":")[2] or value) for value in values if value)


def organization(element: Element | None) -> str:
    """Write the name of an organisation."""
    return joined(all_of(element, "name"), ", ") if element is not None else ""


def party(role: Element | None, *, person: str, organization_path: str) -> Line | None:
    """Write a person, or a device, in a role: the name, and profession and organisation in small print."""
    if role is None:
        return None
    device = first(role, "assignedAuthoringDevice")
    name = person_name(first(role, f"{person}/name")) or " ".join(
        part for part in (words_of(device, "softwareName"), words_of(device, "manufacturerModelName")) if part
    )
    where = organization(first(role, organization_path))
    if not name:
        return Line(where, display(first(role, "code"))) if where else None
    return Line(name, " – ".join(part for part in (display(first(role, "code")), where) if part))
