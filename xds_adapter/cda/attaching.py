"""Put a file into a case: as the body of a level 1 document, or as an attached document of a structured one.

Source: IHE ITI TF-3 5.2 (XDS-SD); ANS CI-SIS, section Documents ajoutés.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from xds_adapter.cda.base64body import media_type_of
from xds_adapter.cda.schema import flat_schema
from xds_adapter.errors import ConfigError

_SUFFIXES = {
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".rtf": "text/rtf",
    ".txt": "text/plain",
}


def with_file(folder: str, case: Mapping[str, Any], name: str, content: bytes) -> dict[str, Any]:
    """Return a case that also holds a file.

    Args:
        folder: The kind's folder in ``cda_templates``.
        case: Parsed JSON; not changed.
        name: The file's name: its suffix tells the media type when the content does not, and its stem is the title of
            an attached document.
        content: The bytes of the file.

    Raises:
        ConfigError: The case has a body already, or the media type is none that documents take.
    """
    media_type = media_type_of(content) or _SUFFIXES.get(PurePath(name).suffix.lower())
    if media_type not in _SUFFIXES.values():
        raise ConfigError(f"{name} is none of the files that a document takes: {', '.join(_SUFFIXES)}")
    file = {"media_type": media_type, "content": base64.b64encode(content).decode("ascii")}
    if "body" in flat_schema(folder)["properties"]:
        if "body" in case:
            raise ConfigError(f"the case has a body already; leave it out to attach {name}")
        return {**case, "body": file}
    sections = case.get("sections")
    if not isinstance(sections, dict):
        return dict(case)
    attached = sections.get("attached_documents", [])
    files = [*attached, {"title": PurePath(name).stem, **file}] if isinstance(attached, list) else attached
    return {**case, "sections": {**sections, "attached_documents": files}}
