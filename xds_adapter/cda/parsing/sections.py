"""Sections: which is which, and the words of those that are words only.

A section is known by its French template id; failing that, by its code. What stands in a section beside its
coded entries is compared with the words of the case: words that the case does not hold are noted.

Source: ANS CI-SIS, volets IMG-DA-IMG, IMG-CR-IMG and TLM-DA.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from xds_adapter.cda.moments import french
from xds_adapter.cda.parsing.narrative import Line, lines_of, text_of_lines, words_of
from xds_adapter.cda.parsing.reader import Case, Reader
from xds_adapter.cda.tree import all_of, first, get, name_of
from xds_adapter.resources import data_folder
from xds_adapter.vocabulary.cda import DCM, LOINC
from xds_adapter.vocabulary.folding import folded
from xds_adapter.vocabulary.section_templates import CATALOGUE, SECTION_CODES, SECTION_ROOT
from xds_adapter.xmlio import Element

_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_MARKUP = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", re.DOTALL)
_FORMATTED = frozenset({"table", "list", "linkHtml", "renderMultiMedia", "sub", "sup"})


def template_of(section: Element) -> str:
    """Return the end of a section's French template id, e.g. ``206``; empty without one."""
    roots = [get(one, "root") for one in all_of(section, "templateId")]
    ends = [root.removeprefix(SECTION_ROOT) for root in roots if root.startswith(SECTION_ROOT)]
    return max(ends, key=len, default="")


def subsections(parent: Element) -> list[Element]:
    """Return the sections directly within a section or a structured body."""
    return all_of(parent, "component/section")


def open_section(reader: Reader, section: Element, title: str | None) -> None:
    """Mark what every section has; a title that a built document will not repeat is noted.

    Args:
        reader: The document.
        section: The section.
        title: The title that a document built from the case gives it; None when the case holds the title.
    """
    reader.see(section)
    template = template_of(section)
    system = DCM if template == CATALOGUE else LOINC
    expected = SECTION_CODES.get(template, "") if template else None
    reader.constant(section, "code", *(SECTION_CODES.values() if expected is None else (expected,)), system=system)
    for path in ("templateId", "component", "entry"):
        reader.all(section, path)
    reader.first(section, "text")
    written = reader.words(section, "title").strip()
    if title is not None and written and folded(written) != folded(title):
        element = first(section, "title")
        if element is not None:
            reader.reworded(element, f"the title {written!r} becomes {title!r}")


def words_only(reader: Reader, section: Element, title: str | None) -> str:
    """Return the narrative of a section that has no coded entries, as text."""
    open_section(reader, section, title)
    text = first(section, "text")
    if text is not None:
        formats = {name_of(element) for element in text.iter()} & _FORMATTED
        if formats:
            reader.reworded(text, f"the case holds lines of text; {' and '.join(sorted(formats))} become such lines")
    words = text_of_lines(lines_of(text))
    if not words:
        left_out(reader, section)
    return words


def left_out(reader: Reader, section: Element) -> None:
    """Note that a section is left out because nothing in it can be read."""
    reader.lost(section, "nothing in this section can be read; it is left out")


def beside_entries(reader: Reader, section: Element, member: Any, lines: Iterable[Line] | None = None) -> None:
    """Note what the narrative of a section says and its member of the case does not.

    Args:
        reader: The document.
        section: The section.
        member: What the case holds of it, with all that is below.
        lines: The lines to compare; default: all lines of the narrative.
    """
    text = first(section, "text")
    if text is None:
        return
    said = _tokens(" ".join(_leaves(member))) | _template_words()
    for line in lines_of(text) if lines is None else lines:
        if not line.heading and _tokens(line.text) - said:
            reader.lost(
                line.elements[-1] if line.elements else text, f"the case has no place for the words {line.text!r}"
            )


def _leaves(member: Any) -> Iterator[str]:
    """Yield what a member says, as text."""
    if isinstance(member, dict):
        for value in member.values():
            yield from _leaves(value)
    elif isinstance(member, list):
        for value in member:
            yield from _leaves(value)
    else:
        yield str(member)


def _tokens(text: str) -> set[str]:
    return set(_TOKEN.findall(folded(text)))


@cache
def _template_words() -> frozenset[str]:
    """The words that documents built here write around what a case says: labels, units, conjunctions."""
    words = _tokens(french("2026-01-06T11:20"))
    for path in sorted(data_folder("cda_templates").glob("**/*.xml.j2")):
        words |= _tokens(_MARKUP.sub(" ", path.read_text(encoding="utf-8")))
    return frozenset(words)


def entries(section: Element, name: str) -> list[Element]:
    """Return the entries of a section that are elements of a name, e.g. ``observation``."""
    return all_of(section, f"entry/{name}")


def of_template(elements: Iterable[Element], root: str) -> list[Element]:
    """Return the elements with a template id."""
    return [one for one in elements if any(get(template, "root") == root for template in all_of(one, "templateId"))]


def open_entry(reader: Reader, entry: Element, status: str | None = "completed") -> None:
    """Mark what every entry has; a status that a built document will not repeat, or a negation, is noted."""
    reader.see(entry)
    reader.all(entry, "templateId")
    parent = entry.getparent()
    reader.see(parent)
    element = reader.first(entry, "statusCode")
    if element is not None and status is not None and (found := get(element, "code")) != status:
        reader.lost(element, f"a document built from the case says {status}, not {found!r}")
    if get(entry, "negationInd") == "true":
        reader.lost(entry, "this is negated (negationInd); the case form cannot negate, so the case says the contrary")


def once(reader: Reader, sections: Iterable[Element]) -> Iterator[tuple[str, Element]]:
    """Yield sections with their templates; one whose template came before is named in the notes instead."""
    before: set[str] = set()
    for section in sections:
        template = template_of(section)
        if template in before:
            unknown_section(reader, section)
        else:
            before.add(template)
            yield template, section


def merged(reader: Reader, target: Case, name: str, text: str, section: Element) -> None:
    """Put the text of a section into a member; a second section of the same kind is put behind the first."""
    if name in target and text:
        reader.repaired(section, f"the case form holds one {name}; this section is put behind the first")
        text = f"{target[name]}\n{text}"
    if text:
        target[name] = text


def unknown_section(reader: Reader, section: Element) -> None:
    """Name a section that the case form has no member for; its entries stay unseen and are named after it."""
    open_section(reader, section, None)
    words = words_of(first(section, "text"))
    title = reader.words(section, "title").strip()
    reader.lost(section, f"the case form has no place for the section {title!r}: {words!r}")
