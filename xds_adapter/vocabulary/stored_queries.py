"""The stored queries of ITI-18 and ITI-51 and their parameters, one row a query.

Source: IHE ITI TF-2 3.18.4.1.2.3.7, 3.18.4.1.2.4 and 3.51.4.1.2; parameters of versions (logicalID, MetadataLevel,
association status): supplement XDS Metadata Update.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ParameterForm(Enum):
    """How the value of a parameter is written."""

    TEXT = "single"
    TEXTS = "list"
    NUMBER = "single number"
    TIME = "single DTM"
    CODES = "list of code^^scheme"
    CODES_AND_OR = "list of code^^scheme, repeated slots AND"
    PATTERNS = "list of LIKE patterns"
    PATTERNS_AND_OR = "list of LIKE patterns, repeated slots AND"
    PATTERN = "single LIKE pattern"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a stored query; `name` starts with ``$``."""

    name: str
    form: ParameterForm
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredQueryForm:
    """One stored query.

    Attributes:
        name: The name the technical framework gives it.
        query_id: Its UUID URN.
        parameters: What it understands; anything else in a request is ignored.
        one_of: Names of parameters of which exactly one must be given.
        some_of: Names of parameters of which at least one must be given.
        multi_patient: A query of ITI-51, whose result may concern several patients.
    """

    name: str
    query_id: str
    parameters: tuple[Parameter, ...]
    one_of: tuple[str, ...] = ()
    some_of: tuple[str, ...] = ()
    multi_patient: bool = False

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter called `name`, or None."""
        return next((p for p in self.parameters if p.name == name), None)


_F = ParameterForm
_LEVEL = Parameter("$MetadataLevel", _F.NUMBER)
_ENTRY_TYPE = Parameter("$XDSDocumentEntryType", _F.TEXTS)
_CONTENT_FILTERS = (
    Parameter("$XDSDocumentEntryFormatCode", _F.CODES),
    Parameter("$XDSDocumentEntryConfidentialityCode", _F.CODES_AND_OR),
    _ENTRY_TYPE,
    _LEVEL,
)
_ENTRY_STATUS = Parameter("$XDSDocumentEntryStatus", _F.TEXTS, required=True)
_ENTRY_FILTERS = (
    Parameter("$XDSDocumentEntryClassCode", _F.CODES),
    Parameter("$XDSDocumentEntryTypeCode", _F.CODES),
    Parameter("$XDSDocumentEntryPracticeSettingCode", _F.CODES),
    Parameter("$XDSDocumentEntryCreationTimeFrom", _F.TIME),
    Parameter("$XDSDocumentEntryCreationTimeTo", _F.TIME),
    Parameter("$XDSDocumentEntryServiceStartTimeFrom", _F.TIME),
    Parameter("$XDSDocumentEntryServiceStartTimeTo", _F.TIME),
    Parameter("$XDSDocumentEntryServiceStopTimeFrom", _F.TIME),
    Parameter("$XDSDocumentEntryServiceStopTimeTo", _F.TIME),
    Parameter("$XDSDocumentEntryHealthcareFacilityTypeCode", _F.CODES),
    Parameter("$XDSDocumentEntryEventCodeList", _F.CODES_AND_OR),
    Parameter("$XDSDocumentEntryConfidentialityCode", _F.CODES_AND_OR),
    Parameter("$XDSDocumentEntryAuthorPerson", _F.PATTERNS),
    Parameter("$XDSDocumentEntryFormatCode", _F.CODES),
    _ENTRY_TYPE,
    _LEVEL,
)
_FOLDER_FILTERS = (
    Parameter("$XDSFolderLastUpdateTimeFrom", _F.TIME),
    Parameter("$XDSFolderLastUpdateTimeTo", _F.TIME),
    Parameter("$XDSFolderCodeList", _F.CODES_AND_OR),
    _LEVEL,
)
_REFERENCE_IDS = Parameter("$XDSDocumentEntryReferenceIdList", _F.PATTERNS_AND_OR, required=True)
_ASSOCIATION_STATUS = Parameter("$XDSAssociationStatus", _F.TEXTS)
_ENTRY_IDS = (Parameter("$XDSDocumentEntryEntryUUID", _F.TEXTS), Parameter("$XDSDocumentEntryUniqueId", _F.TEXTS))
_ENTRY_ID = (Parameter("$XDSDocumentEntryEntryUUID", _F.TEXT), Parameter("$XDSDocumentEntryUniqueId", _F.TEXT))


def _names(parameters: tuple[Parameter, ...]) -> tuple[str, ...]:
    return tuple(parameter.name for parameter in parameters)


FIND_DOCUMENTS = StoredQueryForm(
    name="FindDocuments",
    query_id="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d",
    parameters=(Parameter("$XDSDocumentEntryPatientId", _F.TEXT, required=True), _ENTRY_STATUS, *_ENTRY_FILTERS),
)
FIND_DOCUMENTS_BY_REFERENCE_ID = StoredQueryForm(
    name="FindDocumentsByReferenceId",
    query_id="urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492",
    parameters=(*FIND_DOCUMENTS.parameters, _REFERENCE_IDS),
)
FIND_SUBMISSION_SETS = StoredQueryForm(
    name="FindSubmissionSets",
    query_id="urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9",
    parameters=(
        Parameter("$XDSSubmissionSetPatientId", _F.TEXT, required=True),
        Parameter("$XDSSubmissionSetStatus", _F.TEXTS, required=True),
        Parameter("$XDSSubmissionSetSourceId", _F.TEXTS),
        Parameter("$XDSSubmissionSetSubmissionTimeFrom", _F.TIME),
        Parameter("$XDSSubmissionSetSubmissionTimeTo", _F.TIME),
        Parameter("$XDSSubmissionSetAuthorPerson", _F.PATTERN),
        Parameter("$XDSSubmissionSetContentType", _F.CODES),
    ),
)
FIND_FOLDERS = StoredQueryForm(
    name="FindFolders",
    query_id="urn:uuid:958f3006-baad-4929-a4de-ff1114824431",
    parameters=(
        Parameter("$XDSFolderPatientId", _F.TEXT, required=True),
        Parameter("$XDSFolderStatus", _F.TEXTS, required=True),
        *_FOLDER_FILTERS,
    ),
)
GET_ALL = StoredQueryForm(
    name="GetAll",
    query_id="urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3",
    parameters=(
        Parameter("$patientId", _F.TEXT, required=True),
        _ENTRY_STATUS,
        Parameter("$XDSSubmissionSetStatus", _F.TEXTS, required=True),
        Parameter("$XDSFolderStatus", _F.TEXTS, required=True),
        *_CONTENT_FILTERS,
    ),
)
_GET_DOCUMENTS_IDS = (*_ENTRY_IDS, Parameter("$XDSDocumentEntryLogicalID", _F.TEXTS))
GET_DOCUMENTS = StoredQueryForm(
    name="GetDocuments",
    query_id="urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4",
    parameters=(*_GET_DOCUMENTS_IDS, _LEVEL),
    one_of=_names(_GET_DOCUMENTS_IDS),
)
_GET_FOLDERS_IDS = (
    Parameter("$XDSFolderEntryUUID", _F.TEXTS),
    Parameter("$XDSFolderUniqueId", _F.TEXTS),
    Parameter("$XDSFolderLogicalID", _F.TEXTS),
)
GET_FOLDERS = StoredQueryForm(
    name="GetFolders",
    query_id="urn:uuid:5737b14c-8a1a-4539-b659-e03a34a5e1e4",
    parameters=(*_GET_FOLDERS_IDS, _LEVEL),
    one_of=_names(_GET_FOLDERS_IDS),
)
GET_ASSOCIATIONS = StoredQueryForm(
    name="GetAssociations",
    query_id="urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155",
    parameters=(Parameter("$uuid", _F.TEXTS, required=True), _ASSOCIATION_STATUS, _LEVEL),
)
GET_DOCUMENTS_AND_ASSOCIATIONS = StoredQueryForm(
    name="GetDocumentsAndAssociations",
    query_id="urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a",
    parameters=(*_ENTRY_IDS, _ASSOCIATION_STATUS, _LEVEL),
    one_of=_names(_ENTRY_IDS),
)
GET_SUBMISSION_SETS = StoredQueryForm(
    name="GetSubmissionSets",
    query_id="urn:uuid:51224314-5390-4169-9b91-b1980040715a",
    parameters=(Parameter("$uuid", _F.TEXTS, required=True), _LEVEL),
)
_SUBMISSION_SET_ID = (
    Parameter("$XDSSubmissionSetEntryUUID", _F.TEXT),
    Parameter("$XDSSubmissionSetUniqueId", _F.TEXT),
)
GET_SUBMISSION_SET_AND_CONTENTS = StoredQueryForm(
    name="GetSubmissionSetAndContents",
    query_id="urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83",
    parameters=(*_SUBMISSION_SET_ID, *_CONTENT_FILTERS),
    one_of=_names(_SUBMISSION_SET_ID),
)
_FOLDER_ID = (Parameter("$XDSFolderEntryUUID", _F.TEXT), Parameter("$XDSFolderUniqueId", _F.TEXT))
GET_FOLDER_AND_CONTENTS = StoredQueryForm(
    name="GetFolderAndContents",
    query_id="urn:uuid:b909a503-523d-4517-8acf-8e5834dfc4c7",
    parameters=(*_FOLDER_ID, *_CONTENT_FILTERS),
    one_of=_names(_FOLDER_ID),
)
GET_FOLDERS_FOR_DOCUMENT = StoredQueryForm(
    name="GetFoldersForDocument",
    query_id="urn:uuid:10cae35a-c7f9-4cf5-b61e-fc3278ffb578",
    parameters=(*_ENTRY_ID, _LEVEL),
    one_of=_names(_ENTRY_ID),
)
GET_RELATED_DOCUMENTS = StoredQueryForm(
    name="GetRelatedDocuments",
    query_id="urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6",
    parameters=(*_ENTRY_ID, Parameter("$AssociationTypes", _F.TEXTS, required=True), _ENTRY_TYPE, _LEVEL),
    one_of=_names(_ENTRY_ID),
)
_ENTRY_PATIENTS = Parameter("$XDSDocumentEntryPatientId", _F.TEXTS)
FIND_DOCUMENTS_FOR_MULTIPLE_PATIENTS = StoredQueryForm(
    name="FindDocumentsForMultiplePatients",
    query_id="urn:uuid:3d1bdb10-39a2-11de-89c2-2f44d94eaa9f",
    parameters=(_ENTRY_PATIENTS, _ENTRY_STATUS, *_ENTRY_FILTERS),
    some_of=(
        "$XDSDocumentEntryPatientId",
        "$XDSDocumentEntryClassCode",
        "$XDSDocumentEntryEventCodeList",
        "$XDSDocumentEntryHealthcareFacilityTypeCode",
    ),
    multi_patient=True,
)
FIND_FOLDERS_FOR_MULTIPLE_PATIENTS = StoredQueryForm(
    name="FindFoldersForMultiplePatients",
    query_id="urn:uuid:50d3f5ac-39a2-11de-a1ca-b366239e58df",
    parameters=(
        Parameter("$XDSFolderPatientId", _F.TEXTS),
        Parameter("$XDSFolderStatus", _F.TEXTS, required=True),
        *_FOLDER_FILTERS,
    ),
    some_of=("$XDSFolderPatientId", "$XDSFolderCodeList"),
    multi_patient=True,
)
FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_MULTIPLE_PATIENTS = StoredQueryForm(
    name="FindDocumentsByReferenceIdForMultiplePatients",
    query_id="urn:uuid:1191642d-86c4-42d8-b784-f95445f9f0d5",
    parameters=(_ENTRY_PATIENTS, _ENTRY_STATUS, *_ENTRY_FILTERS, _REFERENCE_IDS),
    # Without a patient, or a code that an index knows, every entry would have to be read.
    some_of=FIND_DOCUMENTS_FOR_MULTIPLE_PATIENTS.some_of,
    multi_patient=True,
)

STORED_QUERIES = {
    query.query_id: query
    for query in (
        FIND_DOCUMENTS,
        FIND_SUBMISSION_SETS,
        FIND_FOLDERS,
        GET_ALL,
        GET_DOCUMENTS,
        GET_FOLDERS,
        GET_ASSOCIATIONS,
        GET_DOCUMENTS_AND_ASSOCIATIONS,
        GET_SUBMISSION_SETS,
        GET_SUBMISSION_SET_AND_CONTENTS,
        GET_FOLDER_AND_CONTENTS,
        GET_FOLDERS_FOR_DOCUMENT,
        GET_RELATED_DOCUMENTS,
        FIND_DOCUMENTS_BY_REFERENCE_ID,
        FIND_DOCUMENTS_FOR_MULTIPLE_PATIENTS,
        FIND_FOLDERS_FOR_MULTIPLE_PATIENTS,
        FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_MULTIPLE_PATIENTS,
    )
}
