"""How each XDS metadata attribute is written in ebRIM: one row an attribute, in both directions.

Codec, rules and documentation all read these tables.

Source: IHE ITI TF-3 4.2.1, 4.2.2, 4.2.3 and 4.2.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum


class DocumentEntryType(StrEnum):
    """objectType of a DocumentEntry."""

    STABLE = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
    ON_DEMAND = "urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248"


SUBMISSION_SET_NODE = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
FOLDER_NODE = "urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2"
LIMITED_DOCUMENT_ENTRY_NODE = "urn:uuid:ab9b591b-83ab-4d03-8f5d-f93b1fb92e85"
LIMITED_SUBMISSION_SET_NODE = "urn:uuid:5003a9db-8d8d-49e6-bf0c-990e34ac7707"
LIMITED_FOLDER_NODE = "urn:uuid:2c144a76-29a9-4b7c-af54-b25409fe7d03"
LIMITED_METADATA_NODES = frozenset({LIMITED_DOCUMENT_ENTRY_NODE, LIMITED_SUBMISSION_SET_NODE, LIMITED_FOLDER_NODE})
"""The labels of limited metadata (ITI TF-3 4.2.3.2.29, 4.2.3.3.13, 4.2.3.4.10)."""

OBJECT_TYPE_PACKAGE = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:RegistryPackage"
OBJECT_TYPE_ASSOCIATION = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Association"
OBJECT_TYPE_CLASSIFICATION = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Classification"
OBJECT_TYPE_EXTERNAL_IDENTIFIER = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:ExternalIdentifier"

DELETE_ALL = "urn:oasis:names:tc:ebxml-regrep:DeletionScopeType:DeleteAll"
"""deletionScope of a RemoveObjectsRequest: object and content, the default of lcm.xsd."""


class DocumentAvailability(StrEnum):
    """documentAvailability of a DocumentEntry; none means Online."""

    ONLINE = "urn:ihe:iti:2010:DocumentAvailability:Online"
    OFFLINE = "urn:ihe:iti:2010:DocumentAvailability:Offline"


class AssociationType(StrEnum):
    """associationType of an Association."""

    HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
    RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"
    APND = "urn:ihe:iti:2007:AssociationType:APND"
    XFRM = "urn:ihe:iti:2007:AssociationType:XFRM"
    XFRM_RPLC = "urn:ihe:iti:2007:AssociationType:XFRM_RPLC"
    SIGNS = "urn:ihe:iti:2007:AssociationType:signs"
    IS_SNAPSHOT_OF = "urn:ihe:iti:2010:AssociationType:IsSnapshotOf"
    UPDATE_AVAILABILITY_STATUS = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
    SUBMIT_ASSOCIATION = "urn:ihe:iti:2010:AssociationType:SubmitAssociation"


RELATIONSHIPS = frozenset(
    {
        AssociationType.RPLC,
        AssociationType.APND,
        AssociationType.XFRM,
        AssociationType.XFRM_RPLC,
        AssociationType.SIGNS,
        AssociationType.IS_SNAPSHOT_OF,
    }
)
REPLACEMENTS = frozenset({AssociationType.RPLC, AssociationType.XFRM_RPLC})


class Form(Enum):
    """Where ebRIM keeps an attribute."""

    XML_ATTRIBUTE = "attribute of the object element"
    SLOT = "Slot"
    NAME = "Name"
    DESCRIPTION = "Description"
    VERSION = "VersionInfo/@versionName"
    CODE = "Classification with a codingScheme Slot"
    AUTHOR = "Classification with author Slots"
    LABEL = "Classification with a classificationNode"
    IDENTIFIER = "ExternalIdentifier"

    # Members are single objects; the inherited hash is computed in Python, at every look-up of the codec.
    __hash__ = object.__hash__


class Kind(Enum):
    """The text form of a value; each name is a type of `xds_adapter.datatypes` or a plain text rule."""

    TEXT = "string"
    CODED = "code"
    AUTHOR = "author"
    CX = "CX"
    CXI = "CXi"
    XCN = "XCN"
    DTM = "DTM"
    OID = "OID"
    UUID = "UUID"
    DOCUMENT_ID = "identifier"
    SHA1 = "SHA1"
    INTEGER = "integer"
    LANGUAGE = "language"
    MIME = "MIME type"
    URN = "URN"
    PID_FIELD = "PID field"
    RECIPIENT = "XON|XCN|XTN"
    URI = "URI"
    FLAG = "label"

    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One row: an IHE attribute, the field of our value that holds it, and its ebRIM form.

    Attributes:
        name: The IHE name, e.g. ``classCode``.
        field: The name on the model value, e.g. ``class_code``.
        form: Where ebRIM keeps it.
        key: Slot name, scheme or node UUID or XML attribute name, as `form` says.
        kind: The text form of its value.
        many: It may have several values; the field is then a tuple.
        required: A Document Source must send it (R in IHE ITI TF-3 Table 4.3.1-3).
    """

    name: str
    field: str
    form: Form
    key: str = ""
    kind: Kind = Kind.TEXT
    many: bool = False
    required: bool = False


def _slot(name: str, field: str, kind: Kind = Kind.TEXT, **flags: bool) -> Attribute:
    return Attribute(name=name, field=field, form=Form.SLOT, key=name, kind=kind, **flags)


def _code(name: str, field: str, scheme: str, **flags: bool) -> Attribute:
    return Attribute(name=name, field=field, form=Form.CODE, key=f"urn:uuid:{scheme}", kind=Kind.CODED, **flags)


def _identifier(name: str, field: str, scheme: str, kind: Kind) -> Attribute:
    key = f"urn:uuid:{scheme}"
    return Attribute(name=name, field=field, form=Form.IDENTIFIER, key=key, kind=kind, required=True)


def _limited(node: str) -> Attribute:
    return Attribute(name="limitedMetadata", field="limited_metadata", form=Form.LABEL, key=node, kind=Kind.FLAG)


def _author(scheme: str) -> Attribute:
    key = f"urn:uuid:{scheme}"
    return Attribute(name="author", field="authors", form=Form.AUTHOR, key=key, kind=Kind.AUTHOR, many=True)


_ENTRY_UUID = Attribute(
    name="entryUUID", field="entry_uuid", form=Form.XML_ATTRIBUTE, key="id", kind=Kind.UUID, required=True
)
_COMMON = (
    _ENTRY_UUID,
    Attribute(name="logicalID", field="logical_id", form=Form.XML_ATTRIBUTE, key="lid", kind=Kind.UUID),
    Attribute(
        name="availabilityStatus",
        field="availability_status",
        form=Form.XML_ATTRIBUTE,
        key="status",
        kind=Kind.URN,
    ),
    Attribute(name="homeCommunityId", field="home_community_id", form=Form.XML_ATTRIBUTE, key="home", kind=Kind.URN),
    Attribute(name="version", field="version", form=Form.VERSION),
)
_TITLE = Attribute(name="title", field="title", form=Form.NAME)
_COMMENTS = Attribute(name="comments", field="comments", form=Form.DESCRIPTION)

REFERENCE_ID_LIST_SLOT = "urn:ihe:iti:xds:2013:referenceIdList"

DOCUMENT_ENTRY: tuple[Attribute, ...] = (
    *_COMMON,
    Attribute(
        name="objectType",
        field="object_type",
        form=Form.XML_ATTRIBUTE,
        key="objectType",
        kind=Kind.URN,
        required=True,
    ),
    Attribute(
        name="mimeType",
        field="mime_type",
        form=Form.XML_ATTRIBUTE,
        key="mimeType",
        kind=Kind.MIME,
        required=True,
    ),
    _slot("creationTime", "creation_time", Kind.DTM, required=True),
    _slot("documentAvailability", "document_availability", Kind.URN),
    _slot("hash", "hash", Kind.SHA1),
    _slot("languageCode", "language_code", Kind.LANGUAGE, required=True),
    _slot("legalAuthenticator", "legal_authenticator", Kind.XCN),
    Attribute(
        name="referenceIdList",
        field="reference_id_list",
        form=Form.SLOT,
        key=REFERENCE_ID_LIST_SLOT,
        kind=Kind.CXI,
        many=True,
    ),
    _slot("repositoryUniqueId", "repository_unique_id", Kind.OID),
    _slot("serviceStartTime", "service_start_time", Kind.DTM),
    _slot("serviceStopTime", "service_stop_time", Kind.DTM),
    _slot("size", "size", Kind.INTEGER),
    _slot("sourcePatientId", "source_patient_id", Kind.CX, required=True),
    _slot("sourcePatientInfo", "source_patient_info", Kind.PID_FIELD, many=True),
    _slot("URI", "uri", Kind.URI),
    _TITLE,
    _COMMENTS,
    _author("93606bcf-9494-43ec-9b4e-a7748d1a838d"),
    _code("classCode", "class_code", "41a5887f-8865-4c09-adf7-e362475b143a", required=True),
    _code(
        "confidentialityCode",
        "confidentiality_codes",
        "f4f85eac-e6cb-4883-b524-f2705394840f",
        required=True,
        many=True,
    ),
    _code("eventCodeList", "event_code_list", "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4", many=True),
    _code("formatCode", "format_code", "a09d5840-386c-46f2-b5ad-9c3699a4309d", required=True),
    _code(
        "healthcareFacilityTypeCode",
        "healthcare_facility_type_code",
        "f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
        required=True,
    ),
    _code("practiceSettingCode", "practice_setting_code", "cccf5598-8b07-4b77-a05e-ae952c785ead", required=True),
    _code("typeCode", "type_code", "f0306f51-975f-434e-a61c-c59651d33983", required=True),
    _limited(LIMITED_DOCUMENT_ENTRY_NODE),
    _identifier("patientId", "patient_id", "58a6f841-87b3-4a3e-92fd-a8ffeff98427", Kind.CX),
    _identifier("uniqueId", "unique_id", "2e82c1f6-a085-4c72-9da3-8640a32e42ab", Kind.DOCUMENT_ID),
)

SUBMISSION_SET: tuple[Attribute, ...] = (
    *_COMMON,
    _slot("intendedRecipient", "intended_recipient", Kind.RECIPIENT, many=True),
    _slot("submissionTime", "submission_time", Kind.DTM, required=True),
    _TITLE,
    _COMMENTS,
    _author("a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"),
    _code("contentTypeCode", "content_type_code", "aa543740-bdda-424e-8c96-df4873be8500", required=True),
    _limited(LIMITED_SUBMISSION_SET_NODE),
    _identifier("patientId", "patient_id", "6b5aea1a-874d-4603-a4bc-96a0a7b38446", Kind.CX),
    _identifier("sourceId", "source_id", "554ac39e-e3fe-47fe-b233-965d2a147832", Kind.OID),
    _identifier("uniqueId", "unique_id", "96fdda7c-d067-4183-912e-bf5ee74998a8", Kind.OID),
)

FOLDER: tuple[Attribute, ...] = (
    *_COMMON,
    _slot("lastUpdateTime", "last_update_time", Kind.DTM),
    Attribute(name="title", field="title", form=Form.NAME, required=True),
    _COMMENTS,
    _code("codeList", "code_list", "1ba97051-7806-41a8-a48b-8fce7af683c5", required=True, many=True),
    _limited(LIMITED_FOLDER_NODE),
    _identifier("patientId", "patient_id", "f64ffdf0-4b97-4e06-b79f-a52b38ec2f8a", Kind.CX),
    _identifier("uniqueId", "unique_id", "75df8f67-9973-4fbe-a900-df66cefecc5a", Kind.OID),
)

ASSOCIATION: tuple[Attribute, ...] = (
    *_COMMON,
    Attribute(
        name="associationType",
        field="association_type",
        form=Form.XML_ATTRIBUTE,
        key="associationType",
        kind=Kind.URN,
        required=True,
    ),
    Attribute(name="sourceObject", field="source_object", form=Form.XML_ATTRIBUTE, key="sourceObject", required=True),
    Attribute(name="targetObject", field="target_object", form=Form.XML_ATTRIBUTE, key="targetObject", required=True),
    _slot("SubmissionSetStatus", "submission_set_status"),
    _slot("PreviousVersion", "previous_version"),
    _slot("AssociationPropagation", "association_propagation"),
    _slot("OriginalStatus", "original_status", Kind.URN),
    _slot("NewStatus", "new_status", Kind.URN),
    _code("associationDocumentation", "documentation", "abd807a3-4432-4053-87b4-fd82c643d1f3"),
)

AUTHOR_SLOTS: tuple[tuple[str, str], ...] = (
    ("authorPerson", "person"),
    ("authorInstitution", "institutions"),
    ("authorRole", "roles"),
    ("authorSpecialty", "specialties"),
    ("authorTelecommunication", "telecommunications"),
)


class ReferenceIdType(StrEnum):
    """CXi.5 of a referenceIdList value."""

    UNIQUE_ID = "urn:ihe:iti:xds:2013:uniqueId"
    ACCESSION = "urn:ihe:iti:xds:2013:accession"
    REFERRAL = "urn:ihe:iti:xds:2013:referral"
    ORDER = "urn:ihe:iti:xds:2013:order"
    WORKFLOW_INSTANCE_ID = "urn:ihe:iti:xdw:2013:workflowInstanceId"
    STUDY_INSTANCE_UID = "urn:ihe:iti:xds:2016:studyInstanceUID"
    ENCOUNTER_ID = "urn:ihe:iti:xds:2015:encounterId"
