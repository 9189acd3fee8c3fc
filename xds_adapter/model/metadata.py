"""DocumentEntry, SubmissionSet, Folder and Association, with every attribute that XDS gives them.

All attributes may be None: what must be present depends on the transaction and is a matter of rules. Texts are
kept as received. `extra_slots` holds slots that XDS does not define.

Source: IHE ITI TF-3 4.2.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from xds_adapter.datatypes import CX, DTM, XCN, Coded, CXi
from xds_adapter.vocabulary.ebrim import AssociationType, DocumentEntryType


@dataclass(frozen=True, slots=True)
class Slot:
    """A named list of values outside the attributes that XDS defines.

    Source: IHE ITI TF-3 4.2.3.1.6.
    """

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """One author: who, from which institutions, in which roles.

    Attributes:
        person: authorPerson.
        institutions: authorInstitution, XON texts.
        roles: authorRole, plain or coded strings.
        specialties: authorSpecialty, plain or coded strings.
        telecommunications: authorTelecommunication, XTN texts.

    Source: IHE ITI TF-3 4.2.3.1.4.
    """

    person: XCN | None = None
    institutions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    telecommunications: tuple[str, ...] = ()
    extra_slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """Metadata of one document.

    Attributes:
        hash: SHA-1 of the document, 40 hexadecimal digits, case as received.
        size: Octets of the document.
        version: Metadata version; the registry counts from 1, ebRIM allows any text.
        limited_metadata: Labelled as having limited metadata, which XDR and XDM allow and XDS forbids.

    Source: IHE ITI TF-3 4.2.3.2.
    """

    entry_uuid: str | None = None
    logical_id: str | None = None
    availability_status: str | None = None
    home_community_id: str | None = None
    version: str | None = None
    object_type: str | None = DocumentEntryType.STABLE
    mime_type: str | None = None
    creation_time: DTM | None = None
    document_availability: str | None = None
    hash: str | None = None
    language_code: str | None = None
    legal_authenticator: XCN | None = None
    reference_id_list: tuple[CXi, ...] = ()
    repository_unique_id: str | None = None
    service_start_time: DTM | None = None
    service_stop_time: DTM | None = None
    size: int | None = None
    source_patient_id: CX | None = None
    source_patient_info: tuple[str, ...] = ()
    uri: str | None = None
    title: str | None = None
    comments: str | None = None
    authors: tuple[Author, ...] = ()
    class_code: Coded | None = None
    confidentiality_codes: tuple[Coded, ...] = ()
    event_code_list: tuple[Coded, ...] = ()
    format_code: Coded | None = None
    healthcare_facility_type_code: Coded | None = None
    practice_setting_code: Coded | None = None
    type_code: Coded | None = None
    limited_metadata: bool = False
    patient_id: CX | None = None
    unique_id: str | None = None
    extra_slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionSet:
    """Metadata of one submission.

    Attributes:
        intended_recipient: Texts of the form ``XON|XCN|XTN``.
        limited_metadata: Labelled as having limited metadata, which XDR and XDM allow and XDS forbids.

    Source: IHE ITI TF-3 4.2.3.3.
    """

    entry_uuid: str | None = None
    logical_id: str | None = None
    availability_status: str | None = None
    home_community_id: str | None = None
    version: str | None = None
    intended_recipient: tuple[str, ...] = ()
    submission_time: DTM | None = None
    title: str | None = None
    comments: str | None = None
    authors: tuple[Author, ...] = ()
    content_type_code: Coded | None = None
    limited_metadata: bool = False
    patient_id: CX | None = None
    source_id: str | None = None
    unique_id: str | None = None
    extra_slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Metadata of one folder.

    Attributes:
        limited_metadata: Labelled as having limited metadata, which XDR and XDM allow and XDS forbids.

    Source: IHE ITI TF-3 4.2.3.4.
    """

    entry_uuid: str | None = None
    logical_id: str | None = None
    availability_status: str | None = None
    home_community_id: str | None = None
    version: str | None = None
    last_update_time: DTM | None = None
    title: str | None = None
    comments: str | None = None
    code_list: tuple[Coded, ...] = ()
    limited_metadata: bool = False
    patient_id: CX | None = None
    unique_id: str | None = None
    extra_slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """A directed link between two objects.

    Attributes:
        association_type: URN, see `AssociationType`.
        source_object: entryUUID or symbolic id.
        target_object: entryUUID or symbolic id.

    Source: IHE ITI TF-3 4.2.2.
    """

    entry_uuid: str | None = None
    logical_id: str | None = None
    availability_status: str | None = None
    home_community_id: str | None = None
    version: str | None = None
    association_type: str | None = AssociationType.HAS_MEMBER
    source_object: str | None = None
    target_object: str | None = None
    submission_set_status: str | None = None
    previous_version: str | None = None
    association_propagation: str | None = None
    original_status: str | None = None
    new_status: str | None = None
    documentation: Coded | None = None
    extra_slots: tuple[Slot, ...] = ()


RegistryObject = DocumentEntry | SubmissionSet | Folder | Association
