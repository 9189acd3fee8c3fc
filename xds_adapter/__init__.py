"""Teleradiology document exchange: CDA R2 documents over IHE XDS.b.

The names in ``__all__`` are the public interface; everything else may change.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xds_adapter.cda.build import build as build
    from xds_adapter.cda.parse import parse as parse
    from xds_adapter.cda.validate import validate as validate
    from xds_adapter.cda.versions import addendum as addendum
    from xds_adapter.cda.versions import next_version as next_version
    from xds_adapter.cda.view.page import render_html as render_html
    from xds_adapter.cda.view.pdf import render_pdf as render_pdf
    from xds_adapter.client import DocumentAdministrator as DocumentAdministrator
    from xds_adapter.client import DocumentConsumer as DocumentConsumer
    from xds_adapter.client import DocumentSource as DocumentSource
    from xds_adapter.client import Retrieved as Retrieved
    from xds_adapter.client.signatures import SignedEntry as SignedEntry
    from xds_adapter.client.signatures import signature_submission as signature_submission
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
    from xds_adapter.signature import Credentials as Credentials
    from xds_adapter.signature import SignaturePolicy as SignaturePolicy
    from xds_adapter.signature import Verification as Verification
    from xds_adapter.signature import VerificationSettings as VerificationSettings
    from xds_adapter.signature import load_certificates as load_certificates
    from xds_adapter.signature import load_credentials as load_credentials
    from xds_adapter.signature import sign_cda as sign_cda
    from xds_adapter.signature import sign_documents as sign_documents
    from xds_adapter.signature import verify as verify

__version__ = "0.1.0"

# Loaded when first used: the client library takes longer to import than most commands take to run.
_PLACES = {
    "xds_adapter.cda.build": ("build",),
    "xds_adapter.cda.parse": ("parse",),
    "xds_adapter.cda.validate": ("validate",),
    "xds_adapter.cda.versions": ("addendum", "next_version"),
    "xds_adapter.cda.view.page": ("render_html",),
    "xds_adapter.cda.view.pdf": ("render_pdf",),
    "xds_adapter.client": ("DocumentAdministrator", "DocumentConsumer", "DocumentSource", "Retrieved"),
    "xds_adapter.client.signatures": ("SignedEntry", "signature_submission"),
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
    "xds_adapter.signature": (
        "Credentials",
        "SignaturePolicy",
        "Verification",
        "VerificationSettings",
        "load_certificates",
        "load_credentials",
        "sign_cda",
        "sign_documents",
        "verify",
    ),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [*sorted(_MODULE_OF), "__version__"]  # noqa: PLE0604 - names of strings, made from the table above


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'xds_adapter' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
