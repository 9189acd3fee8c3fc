"""The stored queries of ITI-18 and their parameters, one row a query.

Source: IHE ITI TF-2 3.18.4.1.2.3.7 and 3.18.4.1.2.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ParameterForm(Enum):
    """How the value of a parameter is written."""

    TEXT = "single"
    TEXTS = "list"
    TIME = "single DTM"
    CODES = "list of code^^scheme"
    CODES_AND_OR = "list of code^^scheme, repeated slots AND"
    PATTERNS = "list of LIKE patterns"
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
    """

    name: str
    query_id: str
    parameters: tuple[Parameter, ...]
    one_of: tuple[str, ...] = ()

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter called `name`, or None."""
        return next((p for p in self.parameters if p.name == name), None)


_F = ParameterForm
_CONTENT_FILTERS = (
    Parameter("$XDSDocumentEntryFormatCode", _F.CODES),
    Parameter("$XDSDocumentEntryConfidentialityCode", _F.CODES_AND_OR),
    Parameter("$XDSDocumentEntryType", _F.TEXTS),
)

FIND_DOCUMENTS = StoredQueryForm(
    name="FindDocuments",
    query_id="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d",
    parameters=(
        Parameter("$XDSDocumentEntryPatientId", _F.TEXT, required=True),
        Parameter("$XDSDocumentEntryStatus", _F.TEXTS, required=True),
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
        Parameter("$XDSDocumentEntryType", _F.TEXTS),
    ),
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
GET_DOCUMENTS = StoredQueryForm(
    name="GetDocuments",
    query_id="urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4",
    parameters=(
        Parameter("$XDSDocumentEntryEntryUUID", _F.TEXTS),
        Parameter("$XDSDocumentEntryUniqueId", _F.TEXTS),
    ),
    one_of=("$XDSDocumentEntryEntryUUID", "$XDSDocumentEntryUniqueId"),
)
GET_ASSOCIATIONS = StoredQueryForm(
    name="GetAssociations",
    query_id="urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155",
    parameters=(Parameter("$uuid", _F.TEXTS, required=True),),
)
GET_SUBMISSION_SET_AND_CONTENTS = StoredQueryForm(
    name="GetSubmissionSetAndContents",
    query_id="urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83",
    parameters=(
        Parameter("$XDSSubmissionSetEntryUUID", _F.TEXT),
        Parameter("$XDSSubmissionSetUniqueId", _F.TEXT),
        *_CONTENT_FILTERS,
    ),
    one_of=("$XDSSubmissionSetEntryUUID", "$XDSSubmissionSetUniqueId"),
)

STORED_QUERIES = {
    query.query_id: query
    for query in (
        FIND_DOCUMENTS,
        FIND_SUBMISSION_SETS,
        GET_DOCUMENTS,
        GET_ASSOCIATIONS,
        GET_SUBMISSION_SET_AND_CONTENTS,
    )
}
