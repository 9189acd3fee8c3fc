"""The manifest of a detached signature: documents by uniqueId, each with the SHA-256 of its bytes.

    (uniqueId, bytes)...  --sign_documents-->  signature document (IHE DSG)  --manifest_checks-->  verdict a document

A signature document stays valid whatever system keeps the documents, and none of their bytes changes. The signature of
a whole submission names its SubmissionSet as well, with a digest that is none.

Source: IHE ITI TF-3 5.5.3; W3C XML Signature 1.1, 5.1 and 5.4.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import quote, unquote
from uuid import uuid4

from xds_adapter.datatypes import Coded, is_oid
from xds_adapter.model import DocumentContent
from xds_adapter.signature.block import DataReference, Statement, reference, signature_block
from xds_adapter.signature.credentials import Credentials
from xds_adapter.signature.policy import DETACHED_POLICY, SignaturePolicy, purposes
from xds_adapter.vocabulary.signature import DSG_C14N, MANIFEST_TYPE

_DESCRIPTION = "Manifest of documents, by uniqueId"
_OID_URN = "urn:oid:"
SET_DIGEST = b"\0"
"""The digest of a SubmissionSet: DSG says zero, and practice in France writes one octet of it."""


def manifest_uri(unique_id: str) -> str:
    """Write a uniqueId as the URI of a reference: an OID, alone or with an extension, becomes ``urn:oid:``.

    Source: IHE ITI TF-3 5.5.3 (the form for ids that are no URI is left to the affinity domain).
    """
    root, caret, extension = unique_id.partition("^")
    if not is_oid(root):
        return unique_id
    return f"{_OID_URN}{root}" + (f"{quote(caret)}{quote(extension, safe='')}" if caret else "")


def manifest_unique_id(uri: str) -> str:
    """Read the uniqueId that a reference names."""
    return unquote(uri.removeprefix(_OID_URN)) if uri.startswith(_OID_URN) else uri


def sign_documents(
    documents: Mapping[str, DocumentContent],
    credentials: Credentials,
    *,
    policy: SignaturePolicy = DETACHED_POLICY,
    purpose: tuple[Coded, ...] = (),
    moment: datetime | None = None,
    submission_set: str | None = None,
) -> bytes:
    """Make a detached signature document over documents (IHE DSG, XAdES-EPES, SHA-256).

    Args:
        documents: The documents by uniqueId, in the order in which the manifest lists them; any size and type.
        credentials: The signer.
        policy: The signature policy that the signature names.
        purpose: Purposes of the signature (`purposes`); none: that of the author.
        moment: When, aware; now if None.
        submission_set: uniqueId of the SubmissionSet with which all these documents, and no others but the signature,
            are submitted; None: the signature is not that of a whole submission.

    Returns:
        The signature document, UTF-8.

    Raises:
        ValueError: There is no document.

    Source: IHE ITI TF-3 5.5.2, 5.5.3 and 5.5.3.1.
    """
    if not documents:
        raise ValueError("a detached signature names at least one document")
    identity = f"manifest-{uuid4().hex}"
    listed = "".join(
        reference(manifest_uri(unique_id), b64encode(digest).decode())
        for unique_id, digest in _digests(documents, submission_set)
    )
    data = DataReference(uri=f"#{identity}", transforms=(DSG_C14N,), type=MANIFEST_TYPE, description=_DESCRIPTION)
    statement = Statement(
        moment=moment or datetime.now(UTC).replace(microsecond=0), policy=policy, purposes=purpose or purposes(())
    )
    objects = f'<ds:Object><ds:Manifest Id="{identity}">{listed}</ds:Manifest></ds:Object>'
    block = signature_block(data, credentials, statement, form=DSG_C14N, objects=objects)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + block + b"\n"


def _digests(documents: Mapping[str, DocumentContent], submission_set: str | None) -> Iterator[tuple[str, bytes]]:
    if submission_set is not None:
        yield submission_set, SET_DIGEST
    for unique_id, content in documents.items():
        yield unique_id, bytes.fromhex(content.content_id)
