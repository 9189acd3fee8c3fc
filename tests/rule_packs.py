"""A small rule pack of our own, laid out like the official one, that uses what Schematron offers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from xds_adapter.schematron.layout import PROFILES, XSD_FILE

CDA = "urn:hl7-org:v3"
_HEAD = 'xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"'
_NS = f'<ns prefix="cda" uri="{CDA}"/>'

XSD = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{CDA}" elementFormDefault="qualified">
  <xs:include schemaLocation="parts.xsd"/>
  <xs:element name="ClinicalDocument"><xs:complexType>
    <xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/></xs:sequence>
    <xs:attribute name="classCode"/>
  </xs:complexType></xs:element>
</xs:schema>"""
PARTS_XSD = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{CDA}">
  <xs:element name="versionNumber"><xs:complexType>
    <xs:attribute name="value" type="xs:positiveInteger" use="required"/></xs:complexType></xs:element>
</xs:schema>"""

HEADER = f"""<schema {_HEAD}>{_NS}
  <let name="greeting" value="'the title'"/>
  <include href="Include/TITLE.sch"/>
  <include href="include/nowhere.sch"/>
  <pattern id="titles">
    <rule context="cda:title[@nullFlavor]"><report test="true()" role="warning">title without text</report></rule>
    <rule context="cda:title"><assert id="t1" test="normalize-space(.)">
      <name/> is empty: <emph>write</emph> <value-of select="$greeting"/></assert></rule>
  </pattern>
</schema>"""
INCLUDED_TITLE = """<pattern xmlns="http://purl.oclc.org/dsdl/schematron" id="everywhere">
  <let name="codes" value="('A', 'B')"/>
  <rule context="cda:id/@root"><assert test="string-length(.) > 2" role="hint">root is short</assert></rule>
</pattern>"""

BODY = f"""<schema {_HEAD} defaultPhase="p">{_NS}
  <phase id="p"><active pattern="codes"/><active pattern="instance"/><active pattern="lost"/></phase>
  <pattern id="variables"><let name="codes" value="('A', 'B')"/>
    <rule context="cda:never"><assert test="false()">not of this phase</assert></rule></pattern>
  <pattern id="member" abstract="true">
    <rule context="$where">
      <assert test="@code = $codes">
        <value-of select="@code"/> is no member of <value-of select="$list"/></assert></rule>
  </pattern>
  <pattern id="instance" is-a="member"><param name="where" value="cda:section/cda:code"/>
    <param name="list" value="'LIST'"/></pattern>
  <pattern id="codes"><let name="codes" value="('A', 'B')"/>
    <rule abstract="true" id="coded"><assert test="@codeSystem">codeSystem is missing</assert></rule>
    <rule abstract="true" id="twice"><extends rule="coded"/><let name="system" value="@codeSystem"/></rule>
    <rule context="cda:value"><extends rule="twice"/>
      <assert test="not($system = '9')">system <value-of select="$system"/> is closed</assert></rule>
    <rule context="cda:confidentialityCode"><extends rule="twice"/></rule>
    <rule context="cda:other"><extends rule="unheard-of"/><assert test="@a">a is missing</assert></rule>
  </pattern>
</schema>"""

ANS = f"""<schema {_HEAD}>{_NS}
  <pattern id="failing">
    <rule context="cda:number"><let name="n" value="xs:integer(@value)"/>
      <assert id="small" test="xs:integer(@value) lt 10">number is large</assert>
      <assert id="even" test="@parity = 'even'">number is odd: <value-of select="xs:integer(@value)"/></assert></rule>
  </pattern>
  <pattern id="sound"><rule context="cda:number"><assert test="@parity">parity is missing</assert></rule></pattern>
</schema>"""

IHE = f"""<schema {_HEAD}>{_NS}
  <pattern id="slow"><rule context="cda:slow">
    <assert test="sum(for $i in 1 to 100000, $j in 1 to 100000 return $i mod ($j + 1)) = 1">slow</assert></rule>
  </pattern>
</schema>"""

TERMS = f"""<schema {_HEAD}>{_NS}
  <pattern id="loaded"><rule context="cda:unit"><assert test="@code = doc('units.xml')//unit">no unit</assert></rule>
  <rule context="text()[. = 'forbidden']"><assert test="false()">a forbidden word</assert></rule></pattern>
</schema>"""

MODEL = f"""<schema {_HEAD}>{_NS}
  <pattern id="model"><rule context="cda:ClinicalDocument"><assert test="cda:component" role="fatal">no component
  </assert></rule></pattern></schema>"""

FILES: Mapping[str, str] = {
    XSD_FILE: XSD,
    "infrastructure/cda/parts.xsd": PARTS_XSD,
    PROFILES["header"]: HEADER,
    "schematrons/profils/structurationMinimale/Include/title.sch": INCLUDED_TITLE,
    PROFILES["body"]: BODY,
    PROFILES["ans"]: ANS,
    PROFILES["ihe"]: IHE,
    PROFILES["terms"]: TERMS,
    "schematrons/profils/terminologies/schematron/units.xml": "<units><unit>mm</unit></units>",
    "schematrons/CI-SIS_IMG-CR-IMG_2023.01.sch": MODEL.replace("no component", "no component (2023)"),
    "schematrons/CI-SIS_IMG-CR-IMG_2024.01.sch": MODEL,
}


def write_pack(folder: Path, changes: Mapping[str, str | None] | None = None) -> Path:
    """Write the pack.

    Args:
        folder: Where to.
        changes: Files to write otherwise, or to leave out (None).
    """
    for name, text in {**FILES, **(changes or {})}.items():
        if text is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return folder


def document(inside: str = "", *, attributes: str = "") -> bytes:
    """A document with one element a line, from line 2 on."""
    return f'<ClinicalDocument xmlns="{CDA}"{attributes}>\n{inside}\n</ClinicalDocument>'.encode()
