"""The XML schema of a pack.

Source: W3C XML Schema 1.0, as libxml2 implements it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from lxml import etree

from xds_adapter import xmlio
from xds_adapter.errors import ConfigError, MalformedMessage
from xds_adapter.model.cda_finding import CdaSeverity, Finding
from xds_adapter.schematron.places import xpath_of
from xds_adapter.schematron.source import read_xml
from xds_adapter.vocabulary.namespaces import CDA, XSD
from xds_adapter.xmlio import Element

_REFERRING = tuple(f"{{{XSD}}}{name}" for name in ("include", "import", "redefine"))


class XmlSchema:
    """A compiled schema.

    Args:
        path: Its file; those that it includes lie on the same disk.

    Raises:
        ConfigError: A file is missing, no XML, elsewhere than on this disk, or no schema.
    """

    def __init__(self, path: Path) -> None:
        root = read_xml(path)
        _check_files(path.resolve(), root, set())
        tree = root.getroottree()
        # The schema was parsed from its octets; what it includes is found from here.
        cast("Any", tree.docinfo).URL = str(path)
        try:
            self._schema = etree.XMLSchema(tree)
        except etree.XMLSchemaParseError as error:
            raise ConfigError(f"{path} is no XML schema: {error}") from error

    def findings(self, document: Element) -> Iterator[Finding]:
        """Say what is wrong with a document; it is only read."""
        self._schema.validate(document.getroottree())
        for entry in cast("Any", self._schema.error_log):
            yield Finding(
                rule=f"xsd:{entry.type_name.removeprefix('SCHEMAV_')}",
                severity=CdaSeverity.ERROR,
                xpath=xpath_of(_element(document, entry.path)),
                line=entry.line or None,
                message=_words(entry.message),
            )


def _element(document: Element, path: str | None) -> Element:
    """The element at a path of libxml2, which writes prefixes as the document does; the root when there is none."""
    if not path:
        return document
    prefixes: dict[str, str] = {}
    if ":" in path:
        prefixes = {prefix: uri for each in document.iter() for prefix, uri in each.nsmap.items() if prefix}
    try:
        found = document.xpath(path, namespaces=prefixes)
    except etree.XPathError:
        return document
    return cast("Element", found[0]) if isinstance(found, list) and found else document


def _words(message: str) -> str:
    """The message, with names as they are written in documents."""
    return " ".join(message.replace(f"{{{CDA}}}", "").split())


def _check_files(path: Path, root: Element, seen: set[Path]) -> None:
    """Follow what a schema refers to, and say at once what could not be read later."""
    seen.add(path)
    for reference in root.iter(*_REFERRING):
        location = reference.get("schemaLocation")
        if location is None:
            continue
        if "://" in location:
            raise ConfigError(f"{path} refers to {location}, which is not on this disk")
        target = (path.parent / location).resolve()
        if not target.is_file():
            raise ConfigError(f"{path} refers to {location}, which is missing")
        if target not in seen:
            # A schema may hold a DTD, the schema of schemas does. What it refers to in turn is then left to libxml2.
            with suppress(MalformedMessage):
                _check_files(target, xmlio.parse(target.read_bytes()), seen)
            seen.add(target)
