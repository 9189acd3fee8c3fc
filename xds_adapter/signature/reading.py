"""Read a ds:Signature: where it stands, what it refers to, which certificates it holds. Nothing is believed yet.

A signature is refused here when its form leaves room for two readings: more than one signature, an id given twice, a
transform that computes, a reference that leads out of the document, a signed object that is not where XAdES puts it.

Source: W3C XML Signature 1.1, 4; W3C XML Signature Best Practices; ETSI EN 319 132-1 4.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from lxml import etree

from xds_adapter import xmlio
from xds_adapter.signature.algorithms import digest_fault, method_fault
from xds_adapter.signature.canonical import canonical_fault, inherits_fault
from xds_adapter.signature.elements import Refused, algorithm_of, decoded
from xds_adapter.signature.report import CheckName
from xds_adapter.signature.trust import MAX_CERTIFICATES, read_certificate
from xds_adapter.vocabulary import signature as names
from xds_adapter.vocabulary.namespaces import CDA, SDTC, XML, qname
from xds_adapter.vocabulary.signature import DS, XADES
from xds_adapter.xmlio import Element

MAX_OCTETS = 64 * 1024 * 1024
MAX_REFERENCES = 1000
_ID_NAMES = frozenset({"id", "Id", "ID", qname(XML, "id")})
_SIGNATURE = qname(DS, "Signature")
_OBJECT = qname(DS, "Object")
_PROPERTIES = f"{_OBJECT}/{qname(XADES, 'QualifyingProperties')}/{qname(XADES, 'SignedProperties')}"
_MANIFEST = f"{_OBJECT}/{qname(DS, 'Manifest')}"
_KEY_INFO = qname(DS, "KeyInfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A ds:Reference as written.

    Attributes:
        uri: What it refers to; None: the attribute is missing.
        transforms: URI of each, with the prefixes of an exclusive canonical form.
        digest_method: URI.
        digest: The octets of DigestValue.
    """

    uri: str | None
    transforms: tuple[tuple[str, tuple[str, ...]], ...]
    digest_method: str
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The one signature of a document, and what may be read of it before it is verified.

    Attributes:
        root: Root of the document.
        element: The ds:Signature.
        kind: ``enveloped`` or ``detached``.
        form: Canonicalisation of SignedInfo, with the prefixes of an exclusive form.
        method: SignatureMethod.
        value: The octets of SignatureValue.
        references: Those of SignedInfo.
        certificates: Those of KeyInfo.
        properties: SignedProperties, or None.
    """

    root: Element
    element: Element
    kind: str
    form: tuple[str, tuple[str, ...]]
    method: str
    value: bytes
    references: tuple[Reference, ...]
    certificates: tuple[x509.Certificate, ...]
    properties: Element | None

    @property
    def signed_info(self) -> Element:
        """The element that the key signs."""
        return self.element[0]


def find(document: bytes) -> Found:
    """Find the signature of a document.

    Raises:
        Refused: There is none, there are several, or its form is not acceptable.
        MalformedMessage: The document cannot be read.
    """
    if len(document) > MAX_OCTETS:
        raise Refused(CheckName.FORM, f"the document has {len(document)} bytes, {MAX_OCTETS} are read at most")
    root = xmlio.parse_signed(document)
    element = _only_signature(root)
    kind = _placed(root, element)
    if fault := _structure_fault(element):
        raise Refused(CheckName.FORM, f"the signature does not follow its schema: {fault}")
    return _read(root, element, kind)


def _only_signature(root: Element) -> Element:
    found = list(root.iter(_SIGNATURE))
    if len(found) == 1:
        return found[0]
    words = f"the document holds {len(found)} signatures, one is expected" if found else "the document is not signed"
    raise Refused(CheckName.FORM, words)


def _placed(root: Element, element: Element) -> str:
    """Say what kind of signature it is, by its place; anywhere else it may be a part of something quoted."""
    if element is root:
        return "detached"
    texts = list(root.iter(qname(SDTC, "signatureText")))
    place = f"{qname(CDA, 'legalAuthenticator')}/{qname(SDTC, 'signatureText')}"
    if texts == root.findall(place)[:1] and texts == [element.getparent()]:
        return "enveloped"
    if not texts and element.getparent() is root:
        return "enveloped"
    where = root.getroottree().getpath(element)
    raise Refused(CheckName.FORM, f"the signature stands at {where}, which is no place for one")


@lru_cache
def _schema_check() -> Callable[[Element], None]:
    # Imported here: its schemas are wanted when something is verified, never when it is signed.
    from signxml.xades.xades import XAdESVerifier  # noqa: PLC0415

    check: Callable[[Element], None] = XAdESVerifier().validate_schema
    return check


def _structure_fault(element: Element) -> str | None:
    """Check against the schemas of XML Signature and XAdES, which see elements only."""
    if next(element.iter(etree.ProcessingInstruction), None) is not None:
        return "it holds a processing instruction"
    try:
        _schema_check()(element)
    except etree.DocumentInvalid as error:
        return str(error)
    return None


def _prefixes(element: Element) -> tuple[str, ...]:
    inclusive = element.find(qname(names.EXCLUSIVE_C14N, "InclusiveNamespaces"))
    return () if inclusive is None else tuple((inclusive.get("PrefixList") or "").split())


def _read(root: Element, element: Element, kind: str) -> Found:
    info = element[0]
    # The schema has seen to it that this is CanonicalizationMethod.
    form = info[0]
    method = algorithm_of(info.find(qname(DS, "SignatureMethod")))
    references = tuple(_references(info))
    found = Found(
        root=root,
        element=element,
        kind=kind,
        form=(algorithm_of(form), _prefixes(form)),
        method=method,
        value=decoded(element.find(qname(DS, "SignatureValue")), CheckName.FORM),
        references=references,
        certificates=tuple(_certificates(element)),
        properties=_at_most_one(element, _PROPERTIES),
    )
    faults = [fault for fault in (canonical_fault(found.form[0]), method_fault(method)) if fault]
    faults += [fault for one in references if (fault := digest_fault(one.digest_method))]
    if not faults and (fault := inherits_fault(info, found.form[0])):
        faults.append(fault)
    if faults:
        raise Refused(CheckName.FORM, "; ".join(dict.fromkeys(faults)))
    return found


def _at_most_one(element: Element, path: str) -> Element | None:
    found = element.findall(path)
    if len(found) > 1:
        raise Refused(CheckName.FORM, f"the signature holds {len(found)} {xmlio.local_name(found[0])}, one is expected")
    return found[0] if found else None


def _references(parent: Element) -> Iterator[Reference]:
    found = parent.findall(qname(DS, "Reference"))
    if len(found) > MAX_REFERENCES:
        raise Refused(CheckName.FORM, f"the signature has {len(found)} references, {MAX_REFERENCES} are read at most")
    for element in found:
        transforms = element.iterfind(f"{qname(DS, 'Transforms')}/{qname(DS, 'Transform')}")
        yield Reference(
            uri=element.get("URI"),
            transforms=tuple((algorithm_of(one), _prefixes(one)) for one in transforms),
            digest_method=algorithm_of(element.find(qname(DS, "DigestMethod"))),
            digest=decoded(element.find(qname(DS, "DigestValue")), CheckName.FORM),
        )


def manifest_references(manifest: Element) -> tuple[Reference, ...]:
    """The references of a ds:Manifest."""
    return tuple(_references(manifest))


def _certificates(element: Element) -> Iterator[x509.Certificate]:
    found = element.findall(f"{_KEY_INFO}/{qname(DS, 'X509Data')}/{qname(DS, 'X509Certificate')}")
    if not found:
        raise Refused(CheckName.FORM, "the signature holds no certificate")
    if len(found) > MAX_CERTIFICATES:
        raise Refused(CheckName.FORM, f"the signature holds {len(found)} certificates, at most {MAX_CERTIFICATES}")
    for one in found:
        try:
            yield read_certificate(decoded(one, CheckName.FORM))
        except ValueError as error:
            raise Refused(CheckName.FORM, "the signature holds a certificate that cannot be read") from error


def resolved(found: Found, uri: str) -> tuple[Element, str]:
    """Find the object of a signature that ``#id`` refers to.

    Returns:
        The element, and which it is: ``SignedProperties``, ``KeyInfo`` or ``Manifest``.

    Raises:
        Refused: No element, several, or one that a signature of ours does not sign.
    """
    wanted = uri[1:]
    carriers = [e for e in found.root.iter(etree.Element) if any(e.get(name) == wanted for name in _ID_NAMES)]
    if len(carriers) != 1:
        raise Refused(CheckName.COVERAGE, f"{len(carriers)} elements have the id {wanted!r} that the signature covers")
    for path in (_PROPERTIES, _KEY_INFO, _MANIFEST):
        if carriers[0] in found.element.findall(path):
            return carriers[0], xmlio.local_name(carriers[0])
    name = xmlio.local_name(carriers[0])
    raise Refused(CheckName.COVERAGE, f"the signature covers a part only: {name} with the id {wanted!r}")
