"""The manifest of a detached signature: documents by uniqueId, each with the SHA-256 of its bytes.

    (uniqueId, bytes)...  --sign_documents-->  signature document (IHE DSG)  --document_checks-->  verdict a document

A signature document stays valid whatever system keeps the documents, and none of their bytes changes.

Source: IHE ITI TF-3 5.5.3; W3C XML Signature 1.1, 5.1 and 5.4.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote, unquote
from uuid import uuid4

from xds_adapter.datatypes import Coded, is_oid
from xds_adapter.model import DocumentContent
from xds_adapter.signature.algorithms import DIGESTS
from xds_adapter.signature.block import DataReference, Statement, reference, signature_block
from xds_adapter.signature.credentials import Credentials
from xds_adapter.signature.policy import DETACHED_POLICY, SignaturePolicy, purposes
from xds_adapter.signature.reading import Reference, Refused, manifest_references
from xds_adapter.signature.report import Check, CheckName, SignedDocument, Verdict
from xds_adapter.vocabulary.signature import DSG_C14N, MANIFEST_TYPE
from xds_adapter.xmlio import Element

_DESCRIPTION = "Manifest of documents, by uniqueId"
_OID_URN = "urn:oid:"


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
) -> bytes:
    """Make a detached signature document over documents (IHE DSG, XAdES-EPES, SHA-256).

    Args:
        documents: The documents by uniqueId, in the order in which the manifest lists them; any size and type.
        credentials: The signer.
        policy: The signature policy that the signature names.
        purpose: Purposes of the signature (`purposes`); none: that of the author.
        moment: When, aware; now if None.

    Returns:
        The signature document, UTF-8.

    Raises:
        ValueError: There is no document.

    Source: IHE ITI TF-3 5.5.2 and 5.5.3.
    """
    if not documents:
        raise ValueError("a detached signature names at least one document")
    identity = f"manifest-{uuid4().hex}"
    listed = "".join(
        reference(manifest_uri(unique_id), b64encode(bytes.fromhex(content.content_id)).decode())
        for unique_id, content in documents.items()
    )
    data = DataReference(uri=f"#{identity}", transforms=(DSG_C14N,), type=MANIFEST_TYPE, description=_DESCRIPTION)
    statement = Statement(
        moment=moment or datetime.now(UTC).replace(microsecond=0), policy=policy, purposes=purpose or purposes(())
    )
    objects = f'<ds:Object><ds:Manifest Id="{identity}">{listed}</ds:Manifest></ds:Object>'
    block = signature_block(data, credentials, statement, form=DSG_C14N, objects=objects)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + block + b"\n"


def document_checks(
    manifest: Element, lookup: Callable[[str], DocumentContent | None]
) -> tuple[tuple[SignedDocument, ...], Check]:
    """Compare the documents of a manifest with their bytes.

    Args:
        manifest: A manifest whose signature is verified.
        lookup: Finds the bytes by uniqueId; None: not at hand.

    Returns:
        Each document with its verdict, and one check over all: passed only when every document was compared.

    Raises:
        Refused: The manifest names a document twice, or in a way that is not accepted.
    """
    references = manifest_references(manifest)
    ids = [_named(one) for one in references]
    if not ids or len(set(ids)) != len(ids):
        raise Refused(CheckName.DOCUMENTS, "the manifest names a document twice" if ids else "the manifest is empty")
    documents = tuple(
        SignedDocument(unique_id=unique_id, verdict=_compared(one, lookup(unique_id)))
        for unique_id, one in zip(ids, references, strict=True)
    )
    return documents, _check(documents)


def _named(one: Reference) -> str:
    if not one.uri or one.uri.startswith("#"):
        raise Refused(CheckName.DOCUMENTS, f"the manifest has a reference to {one.uri!r}, which is no uniqueId")
    if one.transforms:
        raise Refused(
            CheckName.DOCUMENTS, f"the manifest wants {one.uri} transformed; documents are signed as they are"
        )
    if one.digest_method not in DIGESTS:
        raise Refused(CheckName.DOCUMENTS, f"digest algorithm {one.digest_method} of {one.uri} is not accepted")
    return manifest_unique_id(one.uri)


def _compared(one: Reference, content: DocumentContent | None) -> Verdict:
    if content is None:
        return Verdict.NOT_CHECKED
    hashed = DIGESTS[one.digest_method]()
    for chunk in content.chunks():
        hashed.update(chunk)
    return Verdict.PASSED if hashed.digest() == one.digest else Verdict.FAILED


def _check(documents: tuple[SignedDocument, ...]) -> Check:
    def ids(verdict: Verdict) -> str:
        return ", ".join(one.unique_id for one in documents if one.verdict == verdict)

    verdicts = {one.verdict for one in documents}
    if Verdict.FAILED in verdicts:
        words, verdict = f"not the bytes that were signed: {ids(Verdict.FAILED)}", Verdict.FAILED
    elif Verdict.NOT_CHECKED in verdicts:
        words, verdict = f"not at hand, so not compared: {ids(Verdict.NOT_CHECKED)}", Verdict.NOT_CHECKED
    else:
        words, verdict = f"{len(documents)} as signed", Verdict.PASSED
    return Check(name=CheckName.DOCUMENTS, verdict=verdict, words=words)
