"""Teleradiology document exchange: CDA R2 documents over IHE XDS.b.

The names in ``__all__`` are the public interface; everything else may change.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xds_adapter.client import DocumentAdministrator as DocumentAdministrator
    from xds_adapter.client import DocumentConsumer as DocumentConsumer
    from xds_adapter.client import DocumentSource as DocumentSource
    from xds_adapter.client import Retrieved as Retrieved
    from xds_adapter.client.submission import SubmissionSettings as SubmissionSettings
    from xds_adapter.client.submission import submission_from_cda as submission_from_cda
    from xds_adapter.client.submission import submission_from_file as submission_from_file
    from xds_adapter.datatypes import CX as CX
    from xds_adapter.datatypes import DTM as DTM
    from xds_adapter.datatypes import XCN as XCN
    from xds_adapter.datatypes import XON as XON
    from xds_adapter.datatypes import Coded as Coded
    from xds_adapter.datatypes import CXi as CXi
    from xds_adapter.errors import XdsAdapterError as XdsAdapterError
    from xds_adapter.model import Author as Author
    from xds_adapter.model import DocumentEntry as DocumentEntry
    from xds_adapter.model import DocumentRequest as DocumentRequest
    from xds_adapter.model import Outcome as Outcome
    from xds_adapter.model import ParameterSlot as ParameterSlot
    from xds_adapter.model import QueryResult as QueryResult
    from xds_adapter.model import RegistryError as RegistryError
    from xds_adapter.model import RemoteRefusal as RemoteRefusal
    from xds_adapter.model import StoredQuery as StoredQuery
    from xds_adapter.model import Submission as Submission
    from xds_adapter.model import SubmissionSet as SubmissionSet

__version__ = "0.1.0"

# Loaded when first used: the client library takes longer to import than most commands take to run.
_PLACES = {
    "xds_adapter.client": ("DocumentAdministrator", "DocumentConsumer", "DocumentSource", "Retrieved"),
    "xds_adapter.client.submission": ("SubmissionSettings", "submission_from_cda", "submission_from_file"),
    "xds_adapter.datatypes": ("CX", "DTM", "XCN", "XON", "Coded", "CXi"),
    "xds_adapter.errors": ("XdsAdapterError",),
    "xds_adapter.model": (
        "Author",
        "DocumentEntry",
        "DocumentRequest",
        "Outcome",
        "ParameterSlot",
        "QueryResult",
        "RegistryError",
        "RemoteRefusal",
        "StoredQuery",
        "Submission",
        "SubmissionSet",
    ),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [*sorted(_MODULE_OF), "__version__"]  # noqa: PLE0604 - names of strings, made from the table above


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'xds_adapter' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
