"""Code files: the affinity domain as configuration.

The form is `codes.xml` of the NIST XDS Toolkit (CodeType with Code elements, AssigningAuthority). Files of ours write a
CodeType's codes shorter: a `Codes` element for each coding scheme, and in it one line a code, its display name behind;
a line with the code ``*`` admits every code of the scheme. A `Codes` element with the attribute `valueSet` stands for
all codes of a value set that is shipped (`xds_adapter.vocabulary.value_sets`).

Source: NIST XDS Toolkit, codes.xml.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from xds_adapter import xmlio
from xds_adapter.datatypes import Coded, is_oid
from xds_adapter.errors import ConfigError, MalformedMessage
from xds_adapter.rules.affinity_domain import AffinityDomain
from xds_adapter.vocabulary.value_sets import VALUE_SETS

SHIPPED = ("french-imaging",)
"""Names under which the product's own code files are configured."""


def read_codes_file(path: Path) -> AffinityDomain:
    """Read a code file.

    Args:
        path: A file, or the name of one that the product ships (`SHIPPED`).

    Raises:
        ConfigError: The file cannot be read or is no such file.
    """
    try:
        root = xmlio.parse(_located(path).read_bytes())
    except (OSError, MalformedMessage) as error:
        raise ConfigError(f"the code file {path} cannot be read: {error}") from error
    codes: dict[str, dict[str, str]] = {}
    mime_types: set[str] = set()
    for code_type in root.iter("CodeType"):
        rows = dict(_rows(code_type, path))
        if code_type.get("name") == "mimeType":
            mime_types.update(code.code for code in rows)
        else:
            admitted = codes.setdefault(code_type.get("classScheme", ""), {})
            admitted.update({code.key: display for code, display in rows.items()})
    if not codes and not mime_types:
        raise ConfigError(f"the code file {path} holds no CodeType with Code elements")
    return AffinityDomain(
        codes=codes,
        mime_types=frozenset(mime_types),
        assigning_authorities=frozenset(_authority(row.get("id", ""), path) for row in root.iter("AssigningAuthority")),
    )


def _located(path: Path) -> Path:
    name = str(path)
    return Path(str(files("xds_adapter"))) / "vocabulary" / f"{name}.xml" if name in SHIPPED else path


def _rows(code_type: xmlio.Element, path: Path) -> Iterator[tuple[Coded, str]]:
    for row in code_type.iter("Code"):
        yield Coded(row.get("code", ""), row.get("codingScheme", "")), row.get("display", "")
    for block in code_type.iter("Codes"):
        if "valueSet" in block.attrib:
            yield from _members(block.get("valueSet", ""), path)
        for line in (block.text or "").splitlines():
            code, _, display = line.strip().partition(" ")
            if code:
                yield Coded(code, block.get("codingScheme", "")), display


def _members(name: str, path: Path) -> Iterator[tuple[Coded, str]]:
    if name not in VALUE_SETS:
        near = difflib.get_close_matches(name, VALUE_SETS, n=1, cutoff=0.3)
        advice = f"; nearest: {near[0]}" if near else ""
        raise ConfigError(f"the code file {path} names a value set that is not shipped: {name!r}{advice}")
    for member in VALUE_SETS[name].members:
        yield Coded(member.code, member.system), member.display


def _authority(text: str, path: Path) -> str:
    """The OID of an assigning authority, written ``&OID&ISO`` or by itself."""
    parts = text.split("&")
    oid = parts[1] if len(parts) == 3 and parts[2] == "ISO" else text
    if not is_oid(oid):
        raise ConfigError(f"the code file {path} has an AssigningAuthority whose id is no OID: {text!r}")
    return oid


class CurrentDomain:
    """The affinity domain in force: called, it gives the one that its file held when it was last read.

    Args:
        path: A code file, or a shipped one's name; None: everything is admitted.

    Raises:
        ConfigError: The file cannot be read or is no such file.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._domain = AffinityDomain()
        self.reload()

    def __call__(self) -> AffinityDomain:
        """The lists in force."""
        return self._domain

    def reload(self) -> None:
        """Read the file anew; what is being checked meanwhile is checked by the former lists.

        Raises:
            ConfigError: The file is broken; the former lists stay in force.
        """
        if self._path is not None:
            self._domain = read_codes_file(self._path)
