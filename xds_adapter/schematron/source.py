"""Read a Schematron schema from its files: inclusions are put in place.

Packs are written on systems that do not tell upper from lower case in file names, and some name files that their
publisher left out. So a file is also found under the same name in another case, and a missing inclusion is left out
with a note.

Source: ISO/IEC 19757-3:2016 section 5.4.4 (include).
"""

from __future__ import annotations

from pathlib import Path

from xds_adapter import xmlio
from xds_adapter.errors import ConfigError, MalformedMessage
from xds_adapter.vocabulary.namespaces import SCHEMATRON
from xds_adapter.xmlio import Element

_DEEPEST = 20


def sch(name: str) -> str:
    """The Clark name of a Schematron element."""
    return f"{{{SCHEMATRON}}}{name}"


def children(element: Element, name: str) -> list[Element]:
    """The Schematron elements of a name directly in an element."""
    return element.findall(sch(name))


def find_file(path: Path) -> Path | None:
    """Find a file by its path, whatever the case of its last name; None when there is none."""
    path = path.resolve()
    if path.is_file():
        return path
    if not path.parent.is_dir():
        return None
    wanted = path.name.casefold()
    return next((file for file in sorted(path.parent.iterdir()) if file.name.casefold() == wanted), None)


def read_xml(path: Path) -> Element:
    """Parse a file of the pack.

    Raises:
        ConfigError: It cannot be read or is no XML.
    """
    try:
        return xmlio.parse(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except MalformedMessage as error:
        raise ConfigError(f"{path}: {error.reason}") from error


def read_schema(path: Path) -> tuple[Element, tuple[str, ...]]:
    """Read a schema with everything it includes.

    Args:
        path: The file of the schema.

    Returns:
        Its root element, and a note for each inclusion that was left out.

    Raises:
        ConfigError: A file cannot be read, is no XML or no Schematron.
    """
    root = read_xml(path)
    if root.tag != sch("schema"):
        raise ConfigError(f"{path} is no Schematron schema: its root element is {root.tag}")
    notes: list[str] = []
    _include(root, path, notes, depth=0)
    return root, tuple(notes)


def _include(root: Element, path: Path, notes: list[str], *, depth: int) -> None:
    if depth > _DEEPEST:
        raise ConfigError(f"{path} is included in itself")
    for include in [*root.iter(sch("include"))]:
        parent = include.getparent()
        if parent is None:
            raise ConfigError(f"{path} is nothing but an inclusion")
        href = (include.get("href") or "").partition("#")[0]
        target = find_file(path.parent / href) if href else None
        if target is None:
            notes.append(f"{path.name} includes {href or 'nothing'}, which is missing")
            parent.remove(include)
            continue
        included = read_xml(target)
        _include(included, target, notes, depth=depth + 1)
        _put(parent, include, included)


def _put(parent: Element, include: Element, included: Element) -> None:
    """Put what a file holds in the place of the inclusion: its root element, or of a whole schema its parts."""
    place = parent.index(include)
    parent[place : place + 1] = [*included] if included.tag == sch("schema") else [included]
