"""The rules a submission or query must meet: id, error code, clause and words, one row a rule.

`META` rules read the message alone, `REPO` rules compare it with its documents, `XDR` rules are those of a Document
Recipient, `REG` rules compare a submission with what the registry holds, `MU` rules concern metadata updates, `PIF`
rules merged patients, `OD` rules on-demand entries, `RM` rules removals, `SQ` rules stored queries. Checks live in
`xds_adapter.rules`, in the codecs (what can only be seen in the XML) and in the actors; none of them invents a code or
a clause of its own.

Source: IHE ITI TF-2 3.18, 3.41, 3.42; ITI TF-3 4.2; supplements XDS Metadata Update (3.57) and Restricted Metadata
Update (3.92); RMD is the supplement Remove Metadata and Documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xds_adapter.vocabulary.error_codes import XdsErrorCode as Code
from xds_adapter.vocabulary.status import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        rule_id: Stable id, quoted in every finding.
        code: errorCode of a finding.
        clause: Where the standard says so.
        words: What must hold.
        severity: A warning does not refuse a submission.
        restricted_code: errorCode of a finding in ITI-92, where it has another.
    """

    rule_id: str
    code: Code
    clause: str
    words: str
    severity: Severity = Severity.ERROR
    restricted_code: Code | None = None


_METADATA = Code.REGISTRY_METADATA_ERROR
_WARNING = Severity.WARNING
_UPDATE = Code.METADATA_UPDATE_ERROR
_OPERATION = Code.METADATA_UPDATE_OPERATION_ERROR


def _update(number: int, code: Code, clause: str, words: str, restricted: Code | None = None) -> tuple[Any, ...]:
    """A rule of metadata updates: its code in ITI-57, and the one in ITI-92 where that differs."""
    return f"MU-{number:03}", code, f"Metadata Update supplement 3.57.4.1.3.{clause}", words, Severity.ERROR, restricted


def _restricted(number: int, code: Code, words: str) -> tuple[Any, ...]:
    """A rule of ITI-92 alone."""
    return f"MU-{number:03}", code, "Restricted Metadata Update supplement 3.92.4.1.3", words


_ROWS: tuple[tuple[Any, ...], ...] = (
    # structure of the message
    ("META-001", _METADATA, "ITI TF-3 4.2.1.1", "A submission holds exactly one SubmissionSet."),
    ("META-002", _METADATA, "ITI TF-3 4.2.1.2", "A RegistryPackage is labelled as SubmissionSet or as Folder."),
    ("META-003", _METADATA, "ITI TF-3 4.2.3.1.6", "A slot is defined by XDS, or its name is a URN."),
    ("META-004", _METADATA, "ITI TF-3 4.2.3.1.6", "A slot name stands once in an object."),
    ("META-005", _METADATA, "ITI TF-3 4.2.3", "A single-valued attribute has one value."),
    ("META-006", _METADATA, "ITI TF-3 4.2.3.1.2", "A classification scheme is one that XDS defines for the object."),
    ("META-007", _METADATA, "ITI TF-3 4.2.3", "An identification scheme is one that XDS defines for the object."),
    ("META-008", _METADATA, "ITI TF-3 4.2.3.1.2", "A classification or identifier points at its parent."),
    ("META-009", Code.REGISTRY_ERROR, "ITI TF-3 4.2.3.1.6", "A slot name of the IHE namespace is defined by IHE."),
    ("META-010", _METADATA, "ITI TF-3 4.2.1", "A RegistryObjectList holds objects that XDS defines."),
    ("META-011", _METADATA, "ITI TF-3 4.2.3.1.1", "An object id stands once in a submission."),
    ("META-012", _METADATA, "ITI TF-3 4.2.1.5", "Limited metadata are for XDR and XDM."),
    ("META-013", _METADATA, "ITI TF-3 4.2.1", "The children of an object stand in the order of rim.xsd."),
    ("META-014", _METADATA, "ITI TF-3 4.2.3.1.5", "A value is no longer than rim.xsd allows."),
    ("META-015", _METADATA, "ITI TF-3 4.2.5", "An ExternalIdentifier has the name of its attribute."),
    ("META-016", _METADATA, "ITI TF-3 4.2.1.2", "A label beside the objects is one of an object among them."),
    # attributes
    ("META-020", _METADATA, "ITI TF-3 Table 4.3.1-3", "A required attribute is present."),
    ("META-021", _METADATA, "ITI TF-3 Table 4.2.3.1.7-2", "A value has the form of its data type."),
    ("META-022", _METADATA, "ITI TF-3 4.2.3.1.2", "A coded attribute has code, coding scheme and display name."),
    ("META-023", _METADATA, "ITI TF-3 4.2.3.1.2", "A code is in the affinity domain's list."),
    ("META-024", _METADATA, "ITI TF-3 4.2.3.2.18", "The MIME type is in the affinity domain's list."),
    ("META-025", _METADATA, "ITI TF-3 4.2.3.2.19", "serviceStartTime is not later than serviceStopTime."),
    ("META-026", _METADATA, "ITI TF-3 4.2.3.2.17", "The object type is a stable or an on-demand DocumentEntry."),
    ("META-027", _METADATA, "ITI TF-2 3.42.4.1.2", "An on-demand entry is registered by ITI-61, not here."),
    ("META-028", _METADATA, "ITI TF-3 4.2.3.1.1", "homeCommunityId is urn:oid: and an OID."),
    ("META-030", _METADATA, "ITI TF-3 4.2.3.2.22", "The title of an entry has at most 128 characters."),
    ("META-031", _METADATA, "ITI TF-3 4.2.3.2", "documentAvailability is Online or Offline."),
    ("META-032", _METADATA, "ITI TF-3 4.2.3.2.23", "Birth date (PID-7) and sex (PID-8) stand once."),
    ("META-033", _METADATA, "ITI TF-3 4.2.3.1.4", "An author is a person, an institution or an address."),
    ("META-034", _METADATA, "ITI TF-3 Table 4.2.3.1.7-2", "The type of a reference id is one IHE defines.", _WARNING),
    ("META-035", _METADATA, "ITI TF-3 4.2.3.2.20", "The affinity domain names the patient's assigning authority."),
    # associations
    ("META-040", _METADATA, "ITI TF-3 4.2.2", "The association type is one that XDS defines for a submission."),
    ("META-041", _METADATA, "ITI TF-3 4.2.2.1", "Every entry and folder is linked to the SubmissionSet."),
    ("META-042", _METADATA, "ITI TF-3 4.2.2.1.2", "SubmissionSetStatus is Original or Reference, as the target asks."),
    ("META-043", _METADATA, "ITI TF-3 4.2.2", "A symbolic id names an object of the submission."),
    ("META-044", _METADATA, "ITI TF-3 4.2.2", "An association does not point at itself."),
    ("META-045", _METADATA, "ITI TF-3 4.2.2.1", "The SubmissionSet is the source of HasMember only."),
    ("META-046", _METADATA, "ITI TF-3 4.2.2.2", "Only a relationship association carries documentation."),
    ("META-047", _METADATA, "ITI TF-3 4.2.2.1", "HasMember leads from a SubmissionSet or a Folder to its member."),
    ("META-048", Code.UNRESOLVED_REFERENCE, "ITI TF-3 4.2.2.2", "A relationship starts at an entry of the submission."),
    ("META-049", Code.UNRESOLVED_REFERENCE, "ITI TF-3 4.2.2.2", "A replaced entry is in the registry already."),
    ("META-050", _METADATA, "ITI TF-3 4.2.2.1", "A SubmissionSet holds entries, and folders and memberships with it."),
    (
        "META-051",
        _METADATA,
        "ITI TF-3 4.2.2",
        "An association repeats no other one of the submission.",
        _WARNING,
    ),
    ("META-052", _METADATA, "ITI TF-3 4.2.2.2", "A relationship leads to a DocumentEntry."),
    # identifiers across the message
    (
        "META-060",
        Code.REGISTRY_DUPLICATE_UNIQUE_ID_IN_MESSAGE,
        "ITI TF-3 Table 4.2.4.1-2",
        "A uniqueId stands once in a submission.",
    ),
    ("META-061", Code.PATIENT_ID_DOES_NOT_MATCH, "ITI TF-2 3.42.4.1.3", "All objects name the same patient."),
    ("META-070", Code.REGISTRY_ERROR, "ITI TF-3 4.2.4.1", "An answer lists at most 1000 findings.", _WARNING),
    # documents
    ("REPO-001", Code.MISSING_DOCUMENT, "ITI TF-2 3.41.4.1.3", "Every DocumentEntry comes with its document."),
    ("REPO-002", Code.MISSING_DOCUMENT_METADATA, "ITI TF-2 3.41.4.1.3", "Every document has a DocumentEntry."),
    ("REPO-003", Code.REPOSITORY_METADATA_ERROR, "ITI TF-2 3.41.4.1.3", "A given hash is that of the document."),
    ("REPO-004", Code.REPOSITORY_METADATA_ERROR, "ITI TF-2 3.41.4.1.3", "A given size is that of the document."),
    (
        "REPO-005",
        Code.REPOSITORY_DUPLICATE_UNIQUE_ID_IN_MESSAGE,
        "ITI TF-3 Table 4.2.4.1-2",
        "A document uniqueId stands once in a message.",
    ),
    ("REPO-006", Code.REGISTRY_NOT_AVAILABLE, "ITI TF-2 3.41.4.1.3", "The registry can be reached."),
    ("REPO-007", Code.DOCUMENT_UNIQUE_ID_ERROR, "ITI TF-2 3.43.4.2.3", "A document asked for is stored here."),
    ("REPO-008", Code.UNKNOWN_REPOSITORY_ID, "ITI TF-2 3.43.4.2.3", "A document is asked of the repository it is in."),
    (
        "REPO-009",
        Code.INVALID_DOCUMENT_CONTENT,
        "ITI TF-3 Table 4.2.4.1-2",
        "A CDA document of a known kind keeps the rules of its kind, where `repository.cda_check` asks for that.",
    ),
    ("REPO-010", Code.REPOSITORY_BUSY, "ITI TF-3 Table 4.2.4.1-2", "The official rules can be run now."),
    (
        "REPO-011",
        Code.REPOSITORY_OUT_OF_RESOURCES,
        "ITI TF-3 Table 4.2.4.1-2",
        "The official rules come to an end on a document in time.",
    ),
    # a Document Recipient (XDR)
    (
        "XDR-001",
        Code.REPOSITORY_METADATA_ERROR,
        "ITI TF-3 Table 4.3.1-3",
        "A required attribute is present: by column XDR MS in an object labelled as limited metadata, else by XDR DS.",
    ),
    ("XDR-002", Code.PATIENT_ID_DOES_NOT_MATCH, "ITI TF-3 4.1.4", "All objects that name a patient name the same."),
    (
        "XDR-003",
        Code.DUPLICATE_UNIQUE_ID_IN_REGISTRY,
        "ITI TF-3 Table 4.2.4.1-2",
        "A SubmissionSet uniqueId comes again with the same metadata and documents only.",
    ),
    ("XDR-004", Code.REPOSITORY_OUT_OF_RESOURCES, "ITI TF-3 Table 4.2.4.1-2", "There is room for the documents."),
    (
        "XDR-010",
        Code.PARTIAL_FOLDER_NOT_PROCESSED,
        "ITI TF-2 3.41.4.1.3",
        "A folder is kept with the metadata, nothing more.",
        _WARNING,
    ),
    (
        "XDR-011",
        Code.PARTIAL_APPEND_NOT_PROCESSED,
        "ITI TF-2 3.41.4.1.3",
        "APND is kept with the metadata, nothing more.",
        _WARNING,
    ),
    (
        "XDR-012",
        Code.PARTIAL_REPLACE_NOT_PROCESSED,
        "ITI TF-2 3.41.4.1.3",
        "RPLC is kept with the metadata, nothing more.",
        _WARNING,
    ),
    (
        "XDR-013",
        Code.PARTIAL_TRANSFORM_NOT_PROCESSED,
        "ITI TF-3 Table 4.2.4.1-2",
        "XFRM is kept with the metadata, nothing more.",
        _WARNING,
    ),
    (
        "XDR-014",
        Code.PARTIAL_TRANSFORM_REPLACE_NOT_PROCESSED,
        "ITI TF-3 Table 4.2.4.1-2",
        "XFRM_RPLC is kept with the metadata, nothing more.",
        _WARNING,
    ),
    (
        "XDR-015",
        Code.PARTIAL_RELATIONSHIP_NOT_PROCESSED,
        "ITI TF-2 3.41.4.1.3",
        "Any other association is kept with the metadata, nothing more.",
        _WARNING,
    ),
    # what the registry holds
    ("REG-001", Code.UNKNOWN_PATIENT_ID, "ITI TF-2 3.42.4.1.3", "The patient is known to the registry."),
    (
        "REG-002",
        Code.DUPLICATE_UNIQUE_ID_IN_REGISTRY,
        "ITI TF-2 3.42.4.1.3",
        "A SubmissionSet or Folder uniqueId is new.",
    ),
    ("REG-003", Code.NON_IDENTICAL_HASH, "ITI TF-2 3.42.4.1.3", "A known document uniqueId comes with the same hash."),
    ("REG-004", Code.NON_IDENTICAL_SIZE, "ITI TF-2 3.42.4.1.3", "A known document uniqueId comes with the same size."),
    ("REG-005", _METADATA, "ITI TF-3 4.2.3.1.1", "A submitted entryUUID is not in the registry yet."),
    ("REG-006", Code.UNRESOLVED_REFERENCE, "ITI TF-3 4.2.2", "A referenced object is in the registry."),
    (
        "REG-007",
        Code.REGISTRY_DEPRECATED_DOCUMENT,
        "ITI TF-3 4.2.2.2",
        "A referenced entry or folder is not deprecated.",
    ),
    ("REG-008", Code.PATIENT_ID_DOES_NOT_MATCH, "ITI TF-3 4.2.2", "A referenced object belongs to the same patient."),
    # metadata updates
    _update(1, _UPDATE, "1", "An update asks for at least one operation.", Code.INVALID_REQUEST),
    _update(2, _UPDATE, "1", "Every association of an update belongs to an operation.", Code.INVALID_REQUEST),
    _update(3, _UPDATE, "3.1", "A new version names its series by a logicalID of its own.", Code.INVALID_REQUEST),
    _update(4, _UPDATE, "3.1", "A HasMember links the SubmissionSet to a new version.", Code.METADATA_ANNOTATION_ERROR),
    _update(5, _UPDATE, "3.1", "That HasMember gives PreviousVersion, a number.", Code.METADATA_ANNOTATION_ERROR),
    _update(6, _UPDATE, "3.1", "A HasMember to a new version says Original.", Code.METADATA_ANNOTATION_ERROR),
    _update(7, _UPDATE, "3.1", "AssociationPropagation is yes or no.", Code.METADATA_ANNOTATION_ERROR),
    _update(8, _OPERATION, "1", "An association has the slots of its operation only.", Code.METADATA_ANNOTATION_ERROR),
    _update(9, _OPERATION, "1", "A request has one operation of a kind for an object."),
    _update(10, Code.METADATA_VERSION_ERROR, "3.1", "The logicalID of an entry is that of a registered one."),
    _update(11, _UPDATE, "3.3", "The logicalID of a folder is that of a registered one."),
    _update(12, Code.METADATA_VERSION_ERROR, "3.1", "PreviousVersion is the latest registered version."),
    _update(13, _UPDATE, "3.1", "The latest version is Approved."),
    _update(14, _UPDATE, "3.1", "A new version keeps the uniqueId.", Code.METADATA_IDENTIFIER_ERROR),
    _update(15, _UPDATE, "3.1", "A new version keeps the objectType.", Code.UNMODIFIABLE_METADATA),
    _update(16, _OPERATION, "3.2", "A status change gives OriginalStatus and another NewStatus."),
    _update(17, _UPDATE, "3.2", "OriginalStatus is the status that the object has."),
    _update(18, _UPDATE, "3.2", "Only the latest version gets another status."),
    _update(19, _UPDATE, "3.2", "Entries, folders, relationships and memberships of folders change their status."),
    _update(20, _UPDATE, "3.2", "The SubmissionSet is the source of a status change or a SubmitAssociation."),
    _update(21, _UPDATE, "3.6", "SubmitAssociation leads to an Association of the request."),
    _update(22, _METADATA, "3.6", "A new association is a relationship or a HasMember."),
    _update(23, _UPDATE, "3.6", "A new association links objects of the registry."),
    _update(24, _UPDATE, "3.6", "A new association links Approved objects."),
    _update(25, _UPDATE, "3.6", "A relationship links entries, a HasMember a folder and an entry."),
    _update(
        26, _UPDATE, "3.6", "A new association links objects of one patient.", Code.PATIENT_ID_RECONCILIATION_ERROR
    ),
    _update(27, _UPDATE, "3.6", "Two objects have one Approved association at most."),
    _update(28, _OPERATION, "1", "No new association to an object whose update propagates its associations."),
    _update(
        29,
        Code.PATIENT_ID_RECONCILIATION_ERROR,
        "3.1",
        "An association that is carried over or approved links objects of one patient.",
    ),
    _restricted(40, Code.OBJECT_TYPE_ERROR, "A restricted update is about DocumentEntries."),
    _restricted(41, Code.UNMODIFIABLE_METADATA, "A restricted update changes no status and adds no association."),
    _restricted(42, Code.METADATA_ANNOTATION_ERROR, "A restricted update propagates associations."),
    _restricted(43, Code.PATIENT_ID_RECONCILIATION_ERROR, "A restricted update keeps the patientId."),
    _restricted(
        44,
        Code.UNMODIFIABLE_METADATA,
        "A restricted update keeps sourcePatientId, repositoryUniqueId and documentAvailability.",
    ),
    # patients that were merged
    ("PIF-001", Code.UNKNOWN_PATIENT_ID, "ITI TF-2 3.8.4.2.4", "The patient was not merged into another."),
    (
        "PIF-002",
        Code.UNKNOWN_PATIENT_ID,
        "ITI TF-2 3.18.4.1.2.3.9.1",
        "A query names patients in force (if registry.unknown_patients_in_queries is reject).",
    ),
    # on-demand entries and their snapshots
    ("OD-001", _METADATA, "ITI TF-2 3.61.4.1.2", "Every DocumentEntry of ITI-61 is an on-demand one."),
    ("OD-002", _METADATA, "ITI TF-2 3.61.4.1.2", "ITI-61 registers at least one DocumentEntry."),
    ("OD-003", _METADATA, "ITI TF-3 Table 4.3.1-3", "An on-demand entry has no creationTime, hash and size."),
    (
        "OD-004",
        Code.DUPLICATE_UNIQUE_ID_IN_REGISTRY,
        "ITI TF-2 3.61.4.1.3",
        "A uniqueId names a stable or an on-demand document, not both.",
    ),
    ("OD-005", _METADATA, "ITI TF-3 4.2.2.2", "IsSnapshotOf starts at a stable entry."),
    ("OD-006", _METADATA, "ITI TF-3 4.2.2.2", "IsSnapshotOf leads to an on-demand entry in force."),
    (
        "OD-007",
        Code.DOCUMENT_UNIQUE_ID_ERROR,
        "ITI TF-2 3.43.4.2.3",
        "An on-demand document is made from an entry in force.",
    ),
    ("OD-008", Code.REPOSITORY_ERROR, "ITI TF-2 3.43.4.1.3", "An on-demand document can be made when it is asked for."),
    ("OD-009", Code.REPOSITORY_ERROR, "ITI TF-2 3.43.4.1.3", "The snapshot of an on-demand document is registered."),
    # removal of metadata and documents
    ("RM-001", Code.REGISTRY_ERROR, "ITI RMD 3.62.4.1.2", "A removal names objects by ObjectRef, at least one."),
    ("RM-002", Code.UNRESOLVED_REFERENCE, "ITI RMD 3.62.4.1.3", "An object to be removed is in the registry."),
    ("RM-003", Code.REFERENCES_EXIST, "ITI RMD 3.62.4.1.3", "No association that stays refers to a removed object."),
    ("RM-004", Code.UNREFERENCED_OBJECT, "ITI RMD 3.62.4.1.3", "No object that stays loses its last association."),
    (
        "RM-005",
        Code.UNKNOWN_REPOSITORY_ID,
        "ITI RMD 3.86.4.1.3",
        "A document is removed by the repository it is in.",
    ),
    ("RM-006", Code.DOCUMENT_UNIQUE_ID_ERROR, "ITI RMD 3.86.4.1.3", "A document to be removed is stored here."),
    ("RM-007", Code.REMOVE_DOCUMENTS_ERROR, "ITI RMD 3.86.4.1.3", "The registration of a document has an outcome."),
    # stored queries
    ("SQ-001", Code.UNKNOWN_STORED_QUERY, "ITI TF-2 3.18.4.1.3", "The stored query is known."),
    ("SQ-002", Code.STORED_QUERY_MISSING_PARAM, "ITI TF-2 3.18.4.1.3", "A required parameter is present."),
    ("SQ-003", Code.STORED_QUERY_PARAM_NUMBER, "ITI TF-2 3.18.4.1.3", "A parameter has as many values as it may."),
    ("SQ-004", Code.REGISTRY_ERROR, "ITI TF-2 3.18.4.1.2.3.5", "A parameter value is written as its type asks."),
    ("SQ-005", Code.REGISTRY_ERROR, "ITI TF-2 3.18.4.1.2.6", "The return type is LeafClass or ObjectRef."),
    ("SQ-006", Code.RESULT_NOT_SINGLE_PATIENT, "ITI TF-2 3.18.4.1.3", "A LeafClass result concerns one patient."),
    (
        "SQ-007",
        Code.TOO_MANY_RESULTS,
        "ITI TF-2 3.18.4.1.3",
        "A result holds no more objects than the registry returns.",
    ),
)

RULES: dict[str, Rule] = {row[0]: Rule(*row) for row in _ROWS}
