"""XML namespaces and Clark-notation names.

Source: IHE ITI TF-2 V.2.4; OASIS ebXML RegRep 3.0; W3C SOAP 1.2, WS-Addressing 1.0, XOP, XSLT 3.0;
ISO/IEC 19757-3.
"""

from __future__ import annotations

SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"
XOP = "http://www.w3.org/2004/08/xop/include"
XDS = "urn:ihe:iti:xds-b:2007"
RMD = "urn:ihe:iti:rmd:2017"
LCM = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
XML = "http://www.w3.org/XML/1998/namespace"
CDA = "urn:hl7-org:v3"
HL7_V3 = CDA
"""The messages of HL7 v3 share the namespace of its documents."""
XSI = "http://www.w3.org/2001/XMLSchema-instance"
DICOM_CDA = "urn:dicom-org:ps3-20"
SDTC = "urn:hl7-org:sdtc"
PHARM = "urn:ihe:pharm:medication"
LAB = "urn:oid:1.3.6.1.4.1.19376.1.3.2"
XSLT = "http://www.w3.org/1999/XSL/Transform"

SCHEMATRON = "http://purl.oclc.org/dsdl/schematron"
XSD = "http://www.w3.org/2001/XMLSchema"
XSLT = "http://www.w3.org/1999/XSL/Transform"
XSLT_ERRORS = "http://www.w3.org/2005/xqt-errors"

WSA_ANONYMOUS = "http://www.w3.org/2005/08/addressing/anonymous"
WSA_NONE = "http://www.w3.org/2005/08/addressing/none"
WSA_REPLY = "http://www.w3.org/2005/08/addressing/reply"
WSA_FAULT = "http://www.w3.org/2005/08/addressing/fault"
WSA_SOAP_FAULT = "http://www.w3.org/2005/08/addressing/soap/fault"

SOAP12_ROLE_NEXT = "http://www.w3.org/2003/05/soap-envelope/role/next"
SOAP12_ROLE_ULTIMATE_RECEIVER = "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"

ADAPTER_FAULT = "urn:xds-adapter:fault"


def qname(namespace: str, local: str) -> str:
    """Return the Clark-notation name ``{namespace}local``."""
    return f"{{{namespace}}}{local}"
