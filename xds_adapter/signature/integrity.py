"""Check that a signature is intact: made with the key of the certificate in it, over what it says it covers.

What is covered is exactly this: the document around the signature or the manifest in it, the signed properties, and
perhaps the certificates. Anything else is refused before a byte is hashed.

Source: W3C XML Signature 1.1, 3.2 and 8.1; ETSI EN 319 132-1 4.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from xds_adapter.signature import trust
from xds_adapter.signature.algorithms import DIGESTS, is_signed_by
from xds_adapter.signature.canonical import (
    canonical,
    canonical_document,
    canonical_fault,
    hidden_prefix_fault,
    inherits_fault,
)
from xds_adapter.signature.elements import Refused
from xds_adapter.signature.properties import stated
from xds_adapter.signature.reading import Found, Reference, resolved
from xds_adapter.signature.report import CheckName
from xds_adapter.vocabulary.signature import C14N_10, ENVELOPED_TRANSFORM
from xds_adapter.xmlio import Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Intact:
    """A signature that is intact.

    Attributes:
        certificate: Whose key signed; nothing is known of its trust.
        document: The canonical octets of the document around an enveloped signature; empty for a detached one.
        manifest: The ds:Manifest of a detached signature, or None.
        has_properties: The signed properties are among what is signed.
    """

    certificate: x509.Certificate
    document: bytes
    manifest: Element | None
    has_properties: bool


@dataclass(frozen=True, slots=True)
class _Object:
    """A part of the signature that a reference covers, and its canonical octets."""

    reference: Reference
    element: Element
    name: str
    octets: bytes


def check_integrity(found: Found) -> Intact:
    """Check a signature; the document that it stands in loses it on the way.

    Raises:
        Refused: It covers something else, or it is not intact.
    """
    # SignedInfo and the objects first: the document has its canonical form once the signature is taken out of it.
    info = canonical(found.signed_info, *found.form)
    whole = _check_coverage(found)
    objects = [_object(found, one) for one in found.references if one.uri]
    _check_objects(found, [one.name for one in objects])
    certificate = _certificate(found)
    # The key before the digests: what is hashed next is then the choice of a signer, not of anybody.
    if not is_signed_by(certificate.public_key(), found.method, info, found.value):
        words = "the signature value is not that of the certificate's key: forged, or changed"
        raise Refused(CheckName.INTEGRITY, words)
    document = _document_octets(found, whole[0]) if whole else b""
    for one in whole:
        _check_digest(one, document, "the document")
    for part in objects:
        _check_digest(part.reference, part.octets, part.name)
    named = {part.name: part.element for part in objects}
    return Intact(
        certificate=certificate,
        document=document,
        manifest=named.get("Manifest"),
        has_properties="SignedProperties" in named,
    )


def _check_coverage(found: Found) -> list[Reference]:
    """Return the references to the document as a whole: one for an enveloped signature, none for a detached one."""
    for one in found.references:
        if one.uri is None or one.uri[:1] not in ("", "#"):
            shown = "no URI" if one.uri is None else repr(one.uri)
            raise Refused(CheckName.COVERAGE, f"a reference leads out of the document ({shown}); nothing is fetched")
    whole = [one for one in found.references if one.uri == ""]
    expected = 1 if found.kind == "enveloped" else 0
    if len(whole) != expected:
        words = f"{len(whole)} references cover the whole document, {expected} is expected of a signature {found.kind}"
        raise Refused(CheckName.COVERAGE, words)
    return whole


def _check_objects(found: Found, objects: Sequence[str]) -> None:
    if len(set(objects)) != len(objects):
        raise Refused(CheckName.COVERAGE, "the signature covers the same part twice")
    if ("Manifest" in objects) != (found.kind == "detached"):
        words = "no manifest of documents" if found.kind == "detached" else "a manifest besides its document"
        raise Refused(CheckName.COVERAGE, f"the signature covers {words}")


def _form(one: Reference, first: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The canonical form that the transforms of a reference end in, after those in `first`; no other is applied."""
    uris = [uri for uri, _ in one.transforms]
    rest = one.transforms[len(first) :]
    if uris[: len(first)] != [*first] or len(rest) > 1 or (rest and canonical_fault(rest[0][0])):
        shown = ", ".join(uris) or "none"
        raise Refused(CheckName.COVERAGE, f"the transforms of {one.uri or 'the document'} are not accepted: {shown}")
    return rest[0] if rest else (C14N_10, ())


def _object(found: Found, one: Reference) -> _Object:
    element, name = resolved(found, one.uri or "")
    form, prefixes = _form(one, ())
    if fault := inherits_fault(element, form):
        raise Refused(CheckName.FORM, fault)
    return _Object(one, element, name, canonical(element, form, prefixes))


def _document_octets(found: Found, one: Reference) -> bytes:
    form, prefixes = _form(one, (ENVELOPED_TRANSFORM,))
    _take_out(found.element)
    if fault := hidden_prefix_fault(found.root, form, prefixes):
        raise Refused(CheckName.COVERAGE, fault)
    return canonical_document(found.root, form, prefixes)


def _take_out(element: Element) -> None:
    """Remove the signature from its document, leaving the text after it."""
    before, tail = element.getprevious(), element.tail or ""
    parent = next(element.iterancestors())
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def _check_digest(one: Reference, octets: bytes, what: str) -> None:
    if DIGESTS[one.digest_method](octets).digest() != one.digest:
        raise Refused(CheckName.INTEGRITY, f"changed after it was signed: {what}")


def _certificate(found: Found) -> x509.Certificate:
    """The certificate that the signed properties name; that they are signed is seen by the digests."""
    certificate = found.certificates[0]
    if found.properties is not None:
        certificate = _named(found, *stated(found.properties).certificate)
    if fault := trust.strength_fault(certificate):
        raise Refused(CheckName.CERTIFICATE, f"the signer's certificate {fault}")
    return certificate


def _named(found: Found, method: str, wanted: bytes) -> x509.Certificate:
    for certificate in found.certificates:
        if DIGESTS[method](certificate.public_bytes(Encoding.DER)).digest() == wanted:
            return certificate
    raise Refused(CheckName.PROPERTIES, "the certificate that the signed properties name is not in the signature")
