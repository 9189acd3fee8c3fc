"""Links to the images of a study.

Source: ANS volet Téléradiologie, class Images (urlPartielleViewer): a partial URL, in base64, that the author of the
report completes with the id of the document.
"""

from __future__ import annotations

import binascii
from urllib.parse import quote


def plain_url(text: str) -> str | None:
    """Return a partial URL as text, or None when it is neither an URL nor one in base64."""
    if "://" in text:
        return text
    try:
        return binascii.a2b_base64(text, strict_mode=True).decode("ascii")
    except (ValueError, binascii.Error):
        return None


def completed_url(url: str, parameter: str, document_root: str) -> str:
    """Append the id of the document to a partial URL.

    Args:
        url: An http or https URL, with or without a query.
        parameter: Name of the query parameter that takes the id.
        document_root: The root of the document's id.
    """
    base, hash_mark, fragment = url.partition("#")
    joint = "" if base.endswith(("?", "&")) else "&" if "?" in base else "?"
    return f"{base}{joint}{quote(parameter, safe='')}={quote(document_root, safe='')}{hash_mark}{fragment}"


def filled_url(url: str, document_root: str) -> str:
    """Put the id of the document where ``{unique_id}`` stands in a URL."""
    return url.replace("{unique_id}", quote(document_root, safe=""))
