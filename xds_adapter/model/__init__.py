"""The domain: frozen values named as IHE names them. No XML, no database, no network here."""

from xds_adapter.model.document import (
    DocumentContent,
    DocumentRequest,
    RetrievedDocument,
    SubmittedDocument,
)
from xds_adapter.model.facts import KnownObject, RegistryFacts
from xds_adapter.model.finding import finding, label
from xds_adapter.model.identity import IdentityChange, IdentityMessage, Refusal
from xds_adapter.model.identity_v3 import InstanceIdentifier, TransmissionWrapper
from xds_adapter.model.metadata import (
    Association,
    Author,
    DocumentEntry,
    Folder,
    RegistryObject,
    Slot,
    SubmissionSet,
)
from xds_adapter.model.outcome import Outcome, RegistryError, RemoteRefusal, SubmissionRefused
from xds_adapter.model.query import ParameterSlot, QueryResult, ReturnType, StoredQuery
from xds_adapter.model.removal import RemovalFacts
from xds_adapter.model.submission import Submission

__all__ = [
    "Association",
    "Author",
    "DocumentContent",
    "DocumentEntry",
    "DocumentRequest",
    "Folder",
    "IdentityChange",
    "IdentityMessage",
    "InstanceIdentifier",
    "KnownObject",
    "Outcome",
    "ParameterSlot",
    "QueryResult",
    "Refusal",
    "RegistryError",
    "RegistryFacts",
    "RegistryObject",
    "RemoteRefusal",
    "RemovalFacts",
    "RetrievedDocument",
    "ReturnType",
    "Slot",
    "StoredQuery",
    "Submission",
    "SubmissionRefused",
    "SubmissionSet",
    "SubmittedDocument",
    "TransmissionWrapper",
    "finding",
    "label",
]
