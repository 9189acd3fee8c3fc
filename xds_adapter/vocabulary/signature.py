"""Namespaces, algorithms, places and codes of signed documents.

Source: W3C XML Signature 1.1 (sections 4 and 6), RFC 9231; ETSI EN 319 132-1 (XAdES); IHE ITI TF-3 5.5 (DSG),
Table 5.5.2-1 (purposes, from ASTM E1762-95); HL7 CDA R2 extensions (sdtc); ANS NOS TRE_A10 and TRE_A11.
"""

from __future__ import annotations

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"

MANIFEST_TYPE = f"{DS}Manifest"
SIGNED_PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"

ENVELOPED_TRANSFORM = f"{DS}enveloped-signature"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
C14N_10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_11 = "http://www.w3.org/2006/12/xml-c14n11"
WITH_COMMENTS = "WithComments"
DSG_C14N = f"{C14N_11}#{WITH_COMMENTS}"
"""The canonical form that DSG prescribes (ITI TF-3 5.5.2)."""

SHA_1 = f"{DS}sha1"
SHA_256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA_384 = "http://www.w3.org/2001/04/xmldsig-more#sha384"
SHA_512 = "http://www.w3.org/2001/04/xmlenc#sha512"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
RSA_SHA_256 = f"{_MORE}rsa-sha256"
RSA_SHA_384 = f"{_MORE}rsa-sha384"
RSA_SHA_512 = f"{_MORE}rsa-sha512"
ECDSA_SHA_256 = f"{_MORE}ecdsa-sha256"
ECDSA_SHA_384 = f"{_MORE}ecdsa-sha384"
ECDSA_SHA_512 = f"{_MORE}ecdsa-sha512"
PSS_SHA_256 = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"
PSS_SHA_384 = "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1"
PSS_SHA_512 = "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1"

ENVELOPED_POLICY = "urn:oid:2.25.55715927514027445446462263392455998192"
"""Identifier of the signature policy in ``docs/signature-policy.md``."""
ENVELOPED_POLICY_WORDS = "Enveloped signature of a CDA document by its legal authenticator"
ENVELOPED_POLICY_SHA_256 = "b1ffbecd1aa5ef68b77b15f8f01638b18b6aaadc999441e3c36c4d783504a966"
"""SHA-256 of ``docs/signature-policy.md``; a test compares the two."""

DSG_DETACHED = "urn:ihe:iti:dsg:detached:2014"
DSG_DETACHED_WORDS = "IHE Document Digital Signature, detached"

ASTM_PURPOSES = "1.2.840.10065.1.12"
"""Coding scheme of purposes of signature."""

PURPOSES: dict[str, tuple[str, str]] = {
    "author": ("1.2.840.10065.1.12.1.1", "Author's Signature"),
    "co-author": ("1.2.840.10065.1.12.1.2", "Co-Author's Signature"),
    "co-participant": ("1.2.840.10065.1.12.1.3", "Co-participant's Signature"),
    "transcriptionist": ("1.2.840.10065.1.12.1.4", "Transcriptionist/Recorder Signature"),
    "verification": ("1.2.840.10065.1.12.1.5", "Verification Signature"),
    "validation": ("1.2.840.10065.1.12.1.6", "Validation Signature"),
    "consent": ("1.2.840.10065.1.12.1.7", "Consent Signature"),
    "signature-witness": ("1.2.840.10065.1.12.1.8", "Signature Witness Signature"),
    "event-witness": ("1.2.840.10065.1.12.1.9", "Event Witness Signature"),
    "identity-witness": ("1.2.840.10065.1.12.1.10", "Identity Witness Signature"),
    "consent-witness": ("1.2.840.10065.1.12.1.11", "Consent Witness Signature"),
    "interpreter": ("1.2.840.10065.1.12.1.12", "Interpreter Signature"),
    "review": ("1.2.840.10065.1.12.1.13", "Review Signature"),
    "source": ("1.2.840.10065.1.12.1.14", "Source Signature"),
    "addendum": ("1.2.840.10065.1.12.1.15", "Addendum Signature"),
    "modification": ("1.2.840.10065.1.12.1.16", "Modification Signature"),
    "administrative": ("1.2.840.10065.1.12.1.17", "Administrative (Error/Edit) Signature"),
    "timestamp": ("1.2.840.10065.1.12.1.18", "Timestamp Signature"),
}
"""Purpose of a signature by the name that our commands take: its code and display."""

CodeRow = tuple[str, str, str]
"""A code, its coding scheme and its display name."""

SIGNATURE_CLASS: CodeRow = ("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN", "Digital Signature")
SIGNATURE_TYPE: CodeRow = ("E1762", "ASTM", "Full Document")
DETACHED_FORMAT: CodeRow = (DSG_DETACHED, "1.3.6.1.4.1.19376.1.2.3", "Signature détachée")
SIGNATURE_LANGUAGE = "art"
SIGNATURE_MIME_TYPE = "text/xml"
