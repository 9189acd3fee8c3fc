"""Tell from its header whether a document is of a kind whose rules are known here.

A document is known when it says that it follows the French rules (templateId of CI-SIS) and a document model of
imaging or telemedicine, or is a level 1 document with the code of such a report. Other documents, foreign ones among
them, are nobody's business here.

Source: ANS CI-SIS, volet Structuration minimale (templateId, code).
"""

from __future__ import annotations

from collections.abc import Iterable

from xds_adapter.cda.tree import Unreadable, all_of, first, get, name_of, read_tree
from xds_adapter.vocabulary.cda import (
    CI_SIS,
    FORMAT_CODE_FR,
    FORMAT_CODES,
    KIND_OF_LEVEL_1,
    KIND_OF_MODEL,
    LEVEL_1,
)

_FRENCH_FORMATS = frozenset((code, scheme) for code, scheme, _ in FORMAT_CODES.values() if scheme == FORMAT_CODE_FR)


def is_french_format(code: str, scheme: str) -> bool:
    """Tell whether a formatCode names a French document model alone.

    Those of IHE, such as the one of imaging reports and those of XDS-SD, are shared with documents of other countries.
    """
    return (code, scheme) in _FRENCH_FORMATS


def is_known_kind(chunks: Iterable[bytes]) -> bool:
    """Tell whether a document says of itself that it is of a known kind.

    Args:
        chunks: The document; only its header is read.
    """
    try:
        root = read_tree(chunks, header_only=True)
    except Unreadable:
        return False
    templates = {get(template, "root") for template in all_of(root, "templateId")}
    if name_of(root) != "ClinicalDocument" or CI_SIS not in templates:
        return False
    code = first(root, "code")
    is_report = code is not None and get(code, "code") in KIND_OF_LEVEL_1
    return bool(KIND_OF_MODEL.keys() & templates) or (LEVEL_1 in templates and is_report)
