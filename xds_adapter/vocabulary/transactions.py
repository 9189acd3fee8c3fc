"""Names and wsa:Action values of the transactions.

Source: IHE ITI TF-2 3.18, 3.41, 3.42, 3.43, 3.51, 3.61; supplements XDS Metadata Update and Restricted Metadata Update,
Remove Metadata and Documents.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from xds_adapter.vocabulary.identity_feed import ACKNOWLEDGEMENT, INTERACTIONS_OF_FEED
from xds_adapter.vocabulary.namespaces import HL7_V3


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One IHE transaction.

    Attributes:
        number: e.g. ``ITI-41``.
        name: The name the technical framework gives it.
        actor: Actor that answers; also the WSDL port type without its suffix.
        operation: WSDL operation.
        request_action: wsa:Action of the request.
        response_action: wsa:Action of the answer.
        mtom: The framework demands MTOM.
        mtom_answer: Answered in MTOM even when the request is plain: the framework knows no plain form.
    """

    number: str
    name: str
    actor: str
    operation: str
    request_action: str
    response_action: str
    mtom: bool = False
    mtom_answer: bool = False


ITI_18 = Transaction(
    number="ITI-18",
    name="Registry Stored Query",
    actor="DocumentRegistry",
    operation="DocumentRegistry_RegistryStoredQuery",
    request_action="urn:ihe:iti:2007:RegistryStoredQuery",
    response_action="urn:ihe:iti:2007:RegistryStoredQueryResponse",
)
ITI_41 = Transaction(
    number="ITI-41",
    name="Provide and Register Document Set-b",
    actor="DocumentRepository",
    operation="DocumentRepository_ProvideAndRegisterDocumentSet-b",
    request_action="urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b",
    response_action="urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse",
    mtom=True,
)
ITI_42 = Transaction(
    number="ITI-42",
    name="Register Document Set-b",
    actor="DocumentRegistry",
    operation="DocumentRegistry_RegisterDocumentSet-b",
    request_action="urn:ihe:iti:2007:RegisterDocumentSet-b",
    response_action="urn:ihe:iti:2007:RegisterDocumentSet-bResponse",
)
ITI_43 = Transaction(
    number="ITI-43",
    name="Retrieve Document Set",
    actor="DocumentRepository",
    operation="DocumentRepository_RetrieveDocumentSet",
    request_action="urn:ihe:iti:2007:RetrieveDocumentSet",
    response_action="urn:ihe:iti:2007:RetrieveDocumentSetResponse",
    mtom=True,
    mtom_answer=True,
)
ITI_51 = Transaction(
    number="ITI-51",
    name="Multi-Patient Stored Query",
    actor="DocumentRegistry",
    operation="DocumentRegistry_MultiPatientStoredQuery",
    request_action="urn:ihe:iti:2009:MultiPatientStoredQuery",
    response_action="urn:ihe:iti:2009:MultiPatientStoredQueryResponse",
)
ITI_57 = Transaction(
    number="ITI-57",
    name="Update Document Set",
    actor="DocumentRegistry",
    operation="DocumentRegistry_UpdateDocumentSet",
    request_action="urn:ihe:iti:2010:UpdateDocumentSet",
    response_action="urn:ihe:iti:2010:UpdateDocumentSetResponse",
)
ITI_92 = Transaction(
    number="ITI-92",
    name="Restricted Update Document Set",
    actor="UpdateResponder",
    operation="UpdateResponder_RestrictedUpdateDocumentSet",
    request_action="urn:ihe:iti:2018:RestrictedUpdateDocumentSet",
    response_action="urn:ihe:iti:2018:RestrictedUpdateDocumentSetResponse",
)
ITI_61 = Transaction(
    number="ITI-61",
    name="Register On-Demand Document Entry",
    actor="DocumentRegistry",
    operation="DocumentRegistry_RegisterOnDemandDocumentEntry",
    request_action="urn:ihe:iti:2010:RegisterOnDemandDocumentEntry",
    # Not named after its request: ITI TF-2 3.61.5 leaves "Entry" out.
    response_action="urn:ihe:iti:2010:RegisterOnDemandDocumentResponse",
)
ITI_62 = Transaction(
    number="ITI-62",
    name="Remove Metadata",
    actor="DocumentRegistry",
    operation="DocumentRegistry_DeleteDocumentSet",
    request_action="urn:ihe:iti:2010:DeleteDocumentSet",
    response_action="urn:ihe:iti:2010:DeleteDocumentSetResponse",
)
ITI_86 = Transaction(
    number="ITI-86",
    name="Remove Documents",
    actor="DocumentRepository",
    operation="DocumentRepository_RemoveDocuments",
    request_action="urn:ihe:iti:2017:RemoveDocuments",
    response_action="urn:ihe:iti:2017:RemoveDocumentsResponse",
)

XDR_ITI_41 = replace(ITI_41, actor="DocumentRecipient", operation="DocumentRecipient_ProvideAndRegisterDocumentSet-b")
"""The same message to a Document Recipient: only the address tells the two apart."""

ITI_44 = tuple(
    Transaction(
        number="ITI-44",
        name=f"Patient Identity Feed HL7 v3, {interaction.event.value}",
        actor="DocumentRegistry",
        operation=f"DocumentRegistry_{interaction.name}",
        request_action=f"{HL7_V3}:{interaction.name}",
        response_action=f"{HL7_V3}:{ACKNOWLEDGEMENT}",
    )
    for interaction in INTERACTIONS_OF_FEED
)
PIX_ITI_44 = tuple(
    replace(t, actor="PIXManager", operation=t.operation.replace("DocumentRegistry", "PIXManager")) for t in ITI_44
)
"""The same messages to a PIX manager: only the address tells the two apart."""

TRANSACTIONS = (ITI_18, ITI_41, ITI_42, ITI_43, ITI_51, ITI_57, ITI_61, ITI_62, ITI_86, ITI_92)
OFFERED = (*TRANSACTIONS, *ITI_44, XDR_ITI_41, *PIX_ITI_44)
"""What the server offers, actor by actor."""
