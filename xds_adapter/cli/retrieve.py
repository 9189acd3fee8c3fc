"""`retrieve`: bring documents into a folder (ITI-43), verified by size and hash."""

from __future__ import annotations

import mimetypes
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from xds_adapter.cli.common import (
    ConfigOption,
    JsonOption,
    RegistryOption,
    RepositoryOption,
    json_line,
    needed,
    one_command,
    settings_of,
    write_whole,
)
from xds_adapter.cli.main import REFUSED
from xds_adapter.client import DocumentConsumer
from xds_adapter.model import RetrievedDocument

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_EXTENSIONS = {"text/xml": ".xml", "application/xml": ".xml", "application/dicom": ".dcm", "text/plain": ".txt"}


def command(
    unique_ids: Annotated[list[str], typer.Argument(metavar="UNIQUE_ID...", help="uniqueIds of documents.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write to.", metavar="DIR")],
    registry: RegistryOption = None,
    repository: RepositoryOption = None,
    json_output: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Retrieve documents; prints path, size and SHA-1 of each."""
    settings = settings_of(config).client
    registry_url = needed(registry, settings.registry, "--registry URL", "client.registry")
    repository_url = needed(repository, settings.repository, "--repository URL", "client.repository")
    with DocumentConsumer(registry_url, repository_url, timeout_s=settings.timeout_s) as consumer:
        entries = {entry.unique_id: entry for entry in consumer.get_documents(unique_ids)}
        missing = [unique_id for unique_id in unique_ids if unique_id not in entries]
        for unique_id in missing:
            print(f"{unique_id}: the registry knows no such document", file=sys.stderr)
        failed = bool(missing)
        if entries:
            with consumer.retrieve(list(entries.values())) as documents:
                for document in documents:
                    _report(_save(document, output), document, json_output=json_output)
                for error in documents.outcome.errors:
                    print(f"{error.code}  {error.code_context}", file=sys.stderr)
                failed = failed or not documents.outcome.is_success
    if failed:
        raise typer.Exit(REFUSED)


def file_name(document: RetrievedDocument) -> str:
    """A file name that stays inside its folder, whatever the uniqueId and MIME type say."""
    extension = _EXTENSIONS.get(document.mime_type) or mimetypes.guess_extension(document.mime_type) or ".bin"
    stem = _UNSAFE.sub("_", document.document_unique_id).strip(".") or "document"
    return stem[:200] + extension


def _save(document: RetrievedDocument, folder: Path) -> Path:
    path = folder / file_name(document)
    write_whole(path, document.content.chunks())
    return path


def _report(path: Path, document: RetrievedDocument, *, json_output: bool) -> None:
    content = document.content
    if json_output:
        facts = {
            "unique_id": document.document_unique_id,
            "path": str(path),
            "size": content.size,
            "hash": content.sha1,
            "mime_type": document.mime_type,
        }
        if document.new_document_unique_id is not None:
            facts["new_document_unique_id"] = document.new_document_unique_id
        print(json_line(facts))
    else:
        print(f"{path}  {content.size}  {content.sha1}")


app = one_command(command)
