"""One module a transaction: encode and decode its request and its response, both directions.

Client and server share them, so whatever we send we can read. A body goes out as text plus the documents that travel
beside it; a document comes in through a resolver that follows ``xop:Include`` or decodes base64.

Source: IHE ITI TF-2 3.18, 3.41, 3.42, 3.43; supplements XDS Metadata Update and Restricted Metadata Update.
"""

from xds_adapter.transactions.body import Attachment, Body, Resolve

__all__ = ["Attachment", "Body", "Resolve"]
