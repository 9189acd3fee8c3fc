"""What goes out beside a body."""

from __future__ import annotations

from xds_adapter.soap import BytesContent
from xds_adapter.transactions import Attachment
from xds_adapter.vocabulary.namespaces import XOP, qname
from xds_adapter.xmlio import parse


def test_every_attachment_has_a_content_id_of_its_own() -> None:
    attachments = [Attachment.of(BytesContent(b"same"), "text/plain") for _ in range(100)]
    assert 100 == len({attachment.cid for attachment in attachments})


def test_an_attachment_is_included_by_its_content_id() -> None:
    attachment = Attachment(cid="a@b", mime_type="text/plain", content=BytesContent(b""))
    include = parse(attachment.include.encode())
    assert (qname(XOP, "Include"), [("href", "cid:a@b")]) == (include.tag, include.items())
