"""Signatures: XAdES inside a CDA document, IHE DSG beside any documents, and their verification.

    document  --sign_cda-->  signed document  --verify-->  Verification
    documents  --sign_documents-->  signature document  --verify-->  Verification

Example::

    signer = load_credentials(Path("key.pem"), Path("cert.pem"))
    signed = sign_cda(Path("report.xml").read_bytes(), signer)
    result = verify(signed, VerificationSettings(anchors=load_certificates(Path("ca.pem"))))
    if not result.is_valid:
        print([check.words for check in result.checks if not check.passed])

`xds_adapter.client.signatures` submits signature documents and retrieves what they name.

Source: ETSI EN 319 132-1 (XAdES); IHE ITI TF-3 5.5 (DSG).
"""

from xds_adapter.signature.credentials import Credentials, exposure, load_certificates, load_credentials
from xds_adapter.signature.enveloped import sign_cda
from xds_adapter.signature.manifest import sign_documents
from xds_adapter.signature.policy import DETACHED_POLICY, ENVELOPED_POLICY, SignaturePolicy, purposes
from xds_adapter.signature.report import Check, CheckName, SignedDocument, Signer, Verdict, Verification
from xds_adapter.signature.revocation import load_revocation_list
from xds_adapter.signature.verification import VerificationSettings, verify

__all__ = [
    "DETACHED_POLICY",
    "ENVELOPED_POLICY",
    "Check",
    "CheckName",
    "Credentials",
    "SignaturePolicy",
    "SignedDocument",
    "Signer",
    "Verdict",
    "Verification",
    "VerificationSettings",
    "exposure",
    "load_certificates",
    "load_credentials",
    "load_revocation_list",
    "purposes",
    "sign_cda",
    "sign_documents",
    "verify",
]
