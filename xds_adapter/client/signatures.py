"""Signature documents in a registry: what is signed, the entry of the signature, and the signs associations.

    uniqueIds  --retrieved-->  documents  --sign_documents-->  signature document  --signature_submission-->  ITI-41

Source: IHE ITI TF-3 5.5.6 and 4.2.2.2.6 (signs); ANS NOS (codes of signature documents in France).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from xds_adapter.cda.header import Header
from xds_adapter.cda.metadata import Derived
from xds_adapter.cda.submission import SubmissionSettings, submission
from xds_adapter.client.consumer import DocumentConsumer
from xds_adapter.datatypes import DTM, XCN, XON, Coded, new_oid
from xds_adapter.errors import ConfigError
from xds_adapter.model import (
    Association,
    Author,
    DocumentContent,
    DocumentEntry,
    ParameterSlot,
    StoredQuery,
    Submission,
)
from xds_adapter.signature import Signer, Verification, verify
from xds_adapter.soap import BytesContent
from xds_adapter.vocabulary import signature as names
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.stored_queries import GET_SUBMISSION_SET_AND_CONTENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedEntry:
    """A document that a signature names.

    Attributes:
        entry: Its metadata; a registered one with its entryUUID.
        content: Its bytes when it is submitted together with the signature, None when it is registered already.
    """

    entry: DocumentEntry
    content: DocumentContent | None = None


@contextmanager
def retrieved_contents(
    consumer: DocumentConsumer, unique_ids: Sequence[str]
) -> Iterator[dict[str, tuple[DocumentEntry, DocumentContent]]]:
    """Retrieve registered documents, each verified by the size and hash of its entry.

    Args:
        consumer: With a registry and a repository.
        unique_ids: The documents; one that the registry does not know, or the repository does not return, is left out.

    Yields:
        Entry and bytes by uniqueId; the bytes are there until the context ends.

    Raises:
        IntegrityError: A document differs from its entry.
        RemoteRefusal: A peer answered Failure.
        TransportFailed: No answer.
    """
    entries = {str(entry.unique_id): entry for entry in consumer.get_documents(unique_ids)} if unique_ids else {}
    if not entries:
        yield {}
        return
    with consumer.retrieve(list(entries.values())) as documents:
        yield {one.document_unique_id: (entries[one.document_unique_id], one.content) for one in documents}


def signature_submission(
    signature: bytes, signed: Sequence[SignedEntry], settings: SubmissionSettings | None = None
) -> Submission:
    """Make the submission of a detached signature document.

    Args:
        signature: The signature document.
        signed: Every document that its manifest names, registered already or submitted together with it.
        settings: What the sender sets once.

    Returns:
        The documents that are new, then the signature with its entry, and a ``signs`` association from it to each
        document that it names; the signature of a whole submission decides the uniqueId of its SubmissionSet, and
        another ``signs`` leads there.

    Raises:
        ConfigError: It is no intact signature document, or names other documents than those given.
        CdaInvalid: The documents are of different patients.

    Source: IHE ITI TF-3 5.5.3.1 and 5.5.6.
    """
    result = verify(signature)
    _check(result, signed)
    new = [one for one in signed if one.content is not None]
    content = BytesContent(signature)
    entry = signature_entry(result, [one.entry for one in signed], content)
    derived = [Derived(entry=one, sources={}, header=Header()) for one in (*(one.entry for one in new), entry)]
    contents = [*(one.content for one in new if one.content is not None), content]
    made = submission(derived, settings, contents=contents)
    if result.submission_set is not None and made.submission_set is not None:
        made = replace(made, submission_set=replace(made.submission_set, unique_id=result.submission_set))
    links = _signs(made, signed, of_set=result.submission_set is not None)
    return replace(made, associations=(*made.associations, *links))


def _check(result: Verification, signed: Sequence[SignedEntry]) -> None:
    if result.kind != "detached" or not result.is_intact:
        raise ConfigError("this is no intact signature document; xds-adapter verify says why")
    named = {one.unique_id for one in result.documents}
    given = {one.entry.unique_id for one in signed}
    if named != given:
        strange = ", ".join(sorted(str(one) for one in named ^ given))
        raise ConfigError(f"the signature names other documents than those given: {strange}")
    registered = [str(one.entry.unique_id) for one in signed if one.content is None]
    if result.submission_set is not None and registered:
        words = "the signature is that of a whole submission, and these documents are registered already"
        raise ConfigError(f"{words}: {', '.join(registered)}")


def signature_entry(result: Verification, signed: Sequence[DocumentEntry], content: DocumentContent) -> DocumentEntry:
    """Make the entry of a signature document.

    Args:
        result: What verifying the signature document gave.
        signed: The entries of the documents that it names; patient and care setting are those of the first.
        content: The signature document.

    Source: IHE ITI TF-3 5.5.6.1.
    """
    first = signed[0]
    codes = (code for entry in signed for code in entry.confidentiality_codes)
    return DocumentEntry(
        unique_id=new_oid(),
        mime_type=names.SIGNATURE_MIME_TYPE,
        language_code=names.SIGNATURE_LANGUAGE,
        creation_time=DTM.of(result.signing_time) if result.signing_time else DTM.now(),
        title=", ".join(purpose.display for purpose in result.purposes) or None,
        authors=(_author(result.signer, signed),) if result.signer else (),
        class_code=Coded(*names.SIGNATURE_CLASS),
        type_code=Coded(*names.SIGNATURE_TYPE),
        format_code=Coded(*names.DETACHED_FORMAT),
        event_code_list=result.purposes,
        # A signature says as much about a patient as the most confidential document that it names.
        confidentiality_codes=tuple({code.key: code for code in codes}.values()),
        healthcare_facility_type_code=first.healthcare_facility_type_code,
        practice_setting_code=first.practice_setting_code,
        patient_id=first.patient_id,
        source_patient_id=first.source_patient_id,
        source_patient_info=first.source_patient_info,
        size=content.size,
        hash=content.sha1,
    )


def _author(signer: Signer, signed: Sequence[DocumentEntry]) -> Author:
    """The signer as a person of the documents, when the certificate's name is that person's identifier there."""
    for entry in signed:
        for author in entry.authors:
            if author.person is not None and author.person.id_number == signer.common_name:
                return author
        if entry.legal_authenticator is not None and entry.legal_authenticator.id_number == signer.common_name:
            return Author(person=entry.legal_authenticator, institutions=_institutions(signer))
    person = XCN.of(family=_plain(signer.surname or signer.common_name), given=_plain(signer.given_name))
    return Author(person=person if person.family else None, institutions=_institutions(signer))


def _institutions(signer: Signer) -> tuple[str, ...]:
    return (XON.of(_plain(signer.organization)).text,) if signer.organization else ()


def _plain(text: str) -> str:
    """Without the characters that separate parts of a name in HL7."""
    return " ".join(text.translate({ord(one): " " for one in "^&~|\\"}).split())


def _signs(made: Submission, signed: Sequence[SignedEntry], *, of_set: bool) -> Iterator[Association]:
    own = {entry.unique_id: entry.entry_uuid for entry in made.document_entries}
    targets = [own.get(one.entry.unique_id) or one.entry.entry_uuid for one in signed]
    if of_set and made.submission_set is not None:
        targets.append(made.submission_set.entry_uuid)
    source = made.document_entries[-1].entry_uuid
    for number, target in enumerate(targets, 1):
        yield Association(
            entry_uuid=f"signs{number:02}",
            association_type=AssociationType.SIGNS,
            source_object=source,
            target_object=target,
        )


def submitted_documents(consumer: DocumentConsumer, submission_set: str) -> dict[str, str]:
    """Ask what was submitted together (GetSubmissionSetAndContents).

    Args:
        consumer: With a registry.
        submission_set: uniqueId of the SubmissionSet.

    Returns:
        The hash of each document by uniqueId; empty when the registry knows no such set.

    Raises:
        RemoteRefusal: The registry answered Failure.
        TransportFailed: No answer.
    """
    parameters = {"$XDSSubmissionSetUniqueId": (ParameterSlot((submission_set,)),)}
    result = consumer.query(StoredQuery(query_id=GET_SUBMISSION_SET_AND_CONTENTS.query_id, parameters=parameters))
    return {str(entry.unique_id): entry.hash or "" for entry in result.document_entries}
