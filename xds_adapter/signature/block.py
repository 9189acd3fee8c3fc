"""Write a ds:Signature with XAdES properties (XAdES-B-B, EPES).

    references + SignedProperties  --SignedInfo-->  canonical octets  --key-->  ds:Signature

Written as text and read once: the parts of a signature have the same canonical form wherever the signature stands,
as long as it declares its own namespaces and the form is exclusive, or it is the root of its document.

Source: ETSI EN 319 132-1 4.3, 5.2.1, 5.2.2, 5.2.3, 5.2.4 and 5.2.9; W3C XML Signature 1.1, 4.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from xds_adapter import xmlio
from xds_adapter.datatypes import Coded
from xds_adapter.signature import algorithms
from xds_adapter.signature.canonical import canonical
from xds_adapter.signature.credentials import Credentials
from xds_adapter.signature.policy import SignaturePolicy
from xds_adapter.vocabulary.namespaces import qname
from xds_adapter.vocabulary.signature import DS, SHA_256, SIGNED_PROPERTIES_TYPE, XADES

_DIGEST = f'<ds:DigestMethod Algorithm="{SHA_256}"></ds:DigestMethod>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a signer states beside the signature itself.

    Attributes:
        moment: When, as the signer says; aware.
        policy: Under which rules.
        purposes: What for.
    """

    moment: datetime
    policy: SignaturePolicy
    purposes: tuple[Coded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataReference:
    """A ds:Reference to what is signed.

    Attributes:
        uri: Empty for the document around the signature, or ``#id`` of an object in it.
        transforms: URIs, in order.
        type: URI, or empty.
        description: What it is, in words, for DataObjectFormat.
        octets: The canonical form after the transforms; None: that of the object with the id, to be made here.
    """

    uri: str
    transforms: tuple[str, ...]
    description: str
    type: str = ""
    octets: bytes | None = None


def digest(octets: bytes) -> str:
    """SHA-256 in base64."""
    return b64encode(hashlib.sha256(octets).digest()).decode()


def attribute(text: str) -> str:
    """Escape text for an attribute in double quotes."""
    return escape(text, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def reference(uri: str, digest_value: str, *, transforms: Sequence[str] = (), **attributes: str) -> str:
    """Write a ds:Reference with SHA-256.

    Args:
        uri: What is referred to.
        digest_value: In base64.
        transforms: URIs, in order.
        attributes: Further attributes; empty ones are left out.
    """
    more = "".join(f' {name}="{attribute(value)}"' for name, value in sorted(attributes.items()) if value)
    steps = "".join(f'<ds:Transform Algorithm="{uri}"></ds:Transform>' for uri in transforms)
    listed = f"<ds:Transforms>{steps}</ds:Transforms>" if steps else ""
    return (
        f'<ds:Reference{more} URI="{attribute(uri)}">{listed}{_DIGEST}'
        f"<ds:DigestValue>{digest_value}</ds:DigestValue></ds:Reference>"
    )


def _policy(policy: SignaturePolicy) -> str:
    words = f"<xades:Description>{escape(policy.description)}</xades:Description>" if policy.description else ""
    value = b64encode(bytes.fromhex(policy.sha256)).decode()
    return (
        "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId>"
        f"<xades:SigPolicyId><xades:Identifier>{escape(policy.identifier)}</xades:Identifier>{words}</xades:SigPolicyId>"
        f"<xades:SigPolicyHash>{_DIGEST}<ds:DigestValue>{value}</ds:DigestValue></xades:SigPolicyHash>"
        "</xades:SignaturePolicyId></xades:SignaturePolicyIdentifier>"
    )


def _commitment(purpose: Coded) -> str:
    return (
        "<xades:CommitmentTypeIndication><xades:CommitmentTypeId>"
        f'<xades:Identifier Qualifier="OIDAsURN">urn:oid:{purpose.code}</xades:Identifier>'
        f"<xades:Description>{escape(purpose.display)}</xades:Description></xades:CommitmentTypeId>"
        "<xades:AllSignedDataObjects></xades:AllSignedDataObjects></xades:CommitmentTypeIndication>"
    )


def _properties(names: _Ids, credentials: Credentials, statement: Statement, data: DataReference) -> str:
    certificate = digest(credentials.certificate.public_bytes(Encoding.DER))
    moment = statement.moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    return (
        f'<xades:QualifyingProperties xmlns:xades="{XADES}" Target="#{names.signature}">'
        f'<xades:SignedProperties Id="{names.properties}"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{moment}</xades:SigningTime>"
        f"<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>{_DIGEST}"
        f"<ds:DigestValue>{certificate}</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>"
        f"{_policy(statement.policy)}</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>"
        f'<xades:DataObjectFormat ObjectReference="#{names.data}">'
        f"<xades:Description>{escape(data.description)}</xades:Description>"
        "<xades:MimeType>text/xml</xades:MimeType></xades:DataObjectFormat>"
        f"{''.join(_commitment(purpose) for purpose in statement.purposes)}"
        "</xades:SignedDataObjectProperties></xades:SignedProperties></xades:QualifyingProperties>"
    )


class _Ids:
    """Ids of one signature: random, so that none collides with an id of the document."""

    def __init__(self) -> None:
        unique = uuid4().hex
        self.signature = f"signature-{unique}"
        self.data = f"data-{unique}"
        self.properties = f"properties-{unique}"


def _key_info(credentials: Credentials) -> str:
    certificates = (b64encode(one.public_bytes(Encoding.DER)).decode() for one in credentials.chain)
    listed = "".join(f"<ds:X509Certificate>{one}</ds:X509Certificate>" for one in certificates)
    return f"<ds:KeyInfo><ds:X509Data>{listed}</ds:X509Data></ds:KeyInfo>"


def _set_text(element: etree._Element, path: str, text: str) -> None:
    for found in element.iterfind(path):
        found.text = text


def signature_block(
    data: DataReference, credentials: Credentials, statement: Statement, *, form: str, objects: str = ""
) -> bytes:
    """Sign.

    Args:
        data: What is signed.
        credentials: The signer.
        statement: What is stated beside.
        form: Canonicalisation of SignedInfo and of the objects of the signature.
        objects: ds:Object elements that the signature holds besides its properties, well-formed.

    Returns:
        The ds:Signature element, with its own namespace declarations and without an XML declaration.
    """
    ids = _Ids()
    own = (form,)
    text = (
        f'<ds:Signature xmlns:ds="{DS}" Id="{ids.signature}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{form}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{algorithms.method_for(credentials.key)}"></ds:SignatureMethod>'
        f"{reference(data.uri, '', transforms=data.transforms, Id=ids.data, Type=data.type)}"
        f"{reference('#' + ids.properties, '', transforms=own, Type=SIGNED_PROPERTIES_TYPE)}</ds:SignedInfo>"
        f"<ds:SignatureValue></ds:SignatureValue>{_key_info(credentials)}"
        f"{objects}<ds:Object>{_properties(ids, credentials, statement, data)}</ds:Object></ds:Signature>"
    )
    root = xmlio.parse_signed(text.encode())
    info = root[0]
    octets = data.octets if data.octets is not None else canonical(_by_id(root, data.uri[1:]), form)
    _set_text(info[2], qname(DS, "DigestValue"), digest(octets))
    _set_text(info[3], qname(DS, "DigestValue"), digest(canonical(_by_id(root, ids.properties), form)))
    value = algorithms.sign(credentials.key, canonical(info, form))
    _set_text(root, qname(DS, "SignatureValue"), b64encode(value).decode())
    return etree.tostring(root)


def _by_id(root: etree._Element, wanted: str) -> etree._Element:
    return next(element for element in root.iter() if element.get("Id") == wanted)
