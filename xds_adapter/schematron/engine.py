"""The rules of a pack, compiled, in this process: what the worker runs.

    document  --xmlio (no DTD)-->  elements  --XML schema-->  findings
                                       |--Saxon, style sheets-->  findings

Saxon takes hundreds of megabytes and ends the whole process when it fails badly, even when one of its objects is freed
by another thread than the one that made it. So nothing but the worker uses this, which has one thread.

Source: Saxon/C HE 12 and later, Python interface `saxonche`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from lxml import etree
from saxonche import PySaxonApiError, PySaxonProcessor

from xds_adapter import xmlio
from xds_adapter.errors import ConfigError, MalformedMessage
from xds_adapter.model.cda_finding import CdaSeverity, Finding
from xds_adapter.schematron import schema
from xds_adapter.schematron.layout import PROFILES, XSD_FILE, missing_files, model_file, model_of
from xds_adapter.schematron.places import place
from xds_adapter.schematron.source import find_file, read_schema
from xds_adapter.schematron.xsd import XmlSchema
from xds_adapter.schematron.xslt import RULE_ERROR, write_xslt
from xds_adapter.vocabulary.namespaces import CDA
from xds_adapter.xmlio import Element

_ERRORS = ("error", "fatal")


def found(layer: str, name: str, message: str, **where: Any) -> Finding:
    """Make a finding of the pack as a whole; an error at the root unless `where` says otherwise."""
    finding = Finding(rule=f"{layer}:{name}", severity=CdaSeverity.ERROR, xpath="/", line=None, message=message)
    return replace(finding, **where)


class _Failed(Exception):
    """A style sheet cannot be run on a document."""


class _StyleSheet:
    """One schema, compiled as a whole, and its patterns compiled with care when they failed once.

    Args:
        saxon: Compiles and runs.
        layer: Name of the layer, for the rule of a finding.
        path: The file of the schema.
    """

    def __init__(self, saxon: _Saxon, layer: str, path: Path) -> None:
        root, notes = read_schema(path)
        self._saxon = saxon
        self._layer = layer
        self._path = path
        self._schema = schema.read(root)
        self._quick = saxon.compiled(write_xslt(self._schema, path), path)
        self._careful: dict[int, Any] = {}
        self.notes = (*notes, *self._schema.notes)

    def findings(self, node: Any, document: Element) -> Iterator[Finding]:
        """Say what is wrong with a document."""
        try:
            for pattern in self._patterns(node):
                yield from self._of_pattern(pattern, document)
        except _Failed as error:
            words = f"the rules of this layer fail on this document, so they were not checked: {error}"
            yield found(self._layer, "failed", words, severity=CdaSeverity.WARNING)

    def _patterns(self, node: Any) -> Iterator[Element]:
        for pattern in self._saxon.run(self._quick, node):
            raised = pattern.find("raised")
            if raised is None:
                yield pattern
            else:
                yield from self._saxon.run(self._with_care(int(raised.get("place") or 0)), node)

    def _with_care(self, number: int) -> Any:
        if number not in self._careful:
            text = write_xslt(self._schema, self._path, careful=[number])
            self._careful[number] = self._saxon.compiled(text, self._path)
        return self._careful[number]

    def _of_pattern(self, pattern: Element, document: Element) -> Iterator[Finding]:
        for finding in pattern.iter("finding"):
            check, role = finding.get("check"), finding.get("role")
            words = " ".join("".join(cast("Iterator[str]", finding.itertext())).split())
            if role == RULE_ERROR:
                words = f"a rule of the pack fails on this document, so it was not checked: {words}"
            xpath, line = place(document, finding.get("at") or "/")
            yield Finding(
                rule=f"{self._layer}:{pattern.get('name')}" + (f"/{check}" if check else ""),
                severity=CdaSeverity.ERROR if role in _ERRORS else CdaSeverity.WARNING,
                xpath=xpath,
                line=line,
                message=words,
            )


class _Saxon:
    """The processor, whose exceptions end here."""

    def __init__(self) -> None:
        self._processor = PySaxonProcessor(license=False)
        # Expressions of a pack may load files; from this disk, not from a network.
        self._processor.set_configuration_property("http://saxon.sf.net/feature/allowedProtocols", "file")
        self._compiler = self._processor.new_xslt30_processor()

    def compiled(self, text: str, path: Path) -> Any:
        try:
            return self._compiler.compile_stylesheet(stylesheet_text=text)
        except PySaxonApiError as error:
            raise ConfigError(f"{path} cannot be compiled: {error}") from error

    def run(self, style_sheet: Any, node: Any) -> list[Element]:
        """Run a style sheet.

        Raises:
            _Failed: It fails where no ``xsl:try`` of it holds.
        """
        try:
            result: str = style_sheet.transform_to_string(xdm_node=node)
            return [*xmlio.parse(result.encode()).iterchildren("pattern")]
        except (PySaxonApiError, MalformedMessage) as error:
            raise _Failed(str(error)) from error

    def node(self, document: Element) -> Any:
        return self._processor.parse_xml(xml_text=etree.tostring(document, encoding="unicode"))


class Engine:
    """A pack, compiled.

    Args:
        folder: The pack.
        on_progress: Is told the name of each layer before it is compiled.

    Attributes:
        notes: What the pack itself lacks and is left out.

    Raises:
        ConfigError: Files that are needed are missing or broken; all missing ones are named.
    """

    def __init__(self, folder: Path, on_progress: Callable[[str], None] = lambda _: None) -> None:
        if missing := missing_files(folder):
            raise ConfigError("\n".join(f"{folder} lacks {name}" for name in missing))
        self._folder = folder
        on_progress("xsd")
        self._xml_schema = XmlSchema(cast("Path", find_file(folder / XSD_FILE)))
        self._saxon = _Saxon()
        self._profiles: dict[str, _StyleSheet] = {}
        for layer, name in PROFILES.items():
            on_progress(layer)
            self._profiles[layer] = _StyleSheet(self._saxon, layer, cast("Path", find_file(folder / name)))
        self._models: dict[Path, _StyleSheet] = {}
        self.notes = tuple(note for profile in self._profiles.values() for note in profile.notes)

    def check(self, content: bytes) -> Iterator[Finding]:
        """Say what is wrong with a document, layer by layer."""
        try:
            document = xmlio.parse(content)
        except MalformedMessage as error:
            yield found("xml", "malformed", error.reason)
            return
        if document.tag != f"{{{CDA}}}ClinicalDocument":
            yield found("xml", "root", f"the root element is {document.tag}, not a ClinicalDocument of {CDA}")
            return
        yield from self._xml_schema.findings(document)
        node = self._saxon.node(document)
        yield from self._profiles["header"].findings(node, document)
        yield from self._of_model(node, document)
        for layer, profile in self._profiles.items():
            if layer != "header":
                yield from profile.findings(node, document)

    def _of_model(self, node: Any, document: Element) -> Iterator[Finding]:
        model = model_of(document)
        if model is None:
            return
        path = model_file(self._folder, model)
        if path is None:
            words = f"the pack has no rules for {model.name}, so those were not checked"
            yield found("model", "missing", words, severity=CdaSeverity.WARNING)
            return
        if path not in self._models:
            self._models[path] = _StyleSheet(self._saxon, "model", path)
        yield from self._models[path].findings(node, document)
