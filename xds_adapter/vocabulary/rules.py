"""The rules a submission or query must meet: id, error code, clause and words, one row a rule.

`META` rules read the message alone, `REPO` rules compare it with its documents, `REG` rules with what the registry
holds. `OD` rules concern on-demand entries, `RM` rules removals, `SQ` rules stored queries. Checks live in
`xds_adapter.rules`, in the codecs (what can only be seen in the XML) and in the actors; none of them invents a code or
a clause of its own.

Source: IHE ITI TF-2 3.18, 3.41, 3.42, 3.43, 3.61; ITI TF-3 4.2; RMD is the supplement Remove Metadata and Documents.
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
    """

    rule_id: str
    code: Code
    clause: str
    words: str
    severity: Severity = Severity.ERROR


_METADATA = Code.REGISTRY_METADATA_ERROR
_WARNING = Severity.WARNING
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
    ("META-016", _METADATA, "ITI TF-3 4.2.1.2", "A label beside the objects is one of a RegistryPackage among them."),
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
    ("OD-007", Code.DOCUMENT_UNIQUE_ID_ERROR, "ITI TF-2 3.43.4.2.3", "Something here can make the on-demand document."),
    ("OD-008", Code.REPOSITORY_ERROR, "ITI TF-2 3.43.4.2.3", "An on-demand document can be made now."),
    ("OD-009", Code.REPOSITORY_ERROR, "ITI TF-2 3.43.4.2.3", "The snapshot of an on-demand document is registered."),
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
)

RULES: dict[str, Rule] = {row[0]: Rule(*row) for row in _ROWS}
