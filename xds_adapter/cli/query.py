"""`query`: find documents in a registry (ITI-18)."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from xds_adapter.cli.common import (
    ConfigOption,
    JsonOption,
    RegistryOption,
    json_line,
    needed,
    not_yet,
    one_command,
    settings_of,
)
from xds_adapter.client import DocumentConsumer
from xds_adapter.datatypes import CX, DTM, CXi
from xds_adapter.errors import ConfigError
from xds_adapter.model import DocumentEntry
from xds_adapter.model.entry_json import to_json
from xds_adapter.vocabulary.ebrim import ReferenceIdType
from xds_adapter.vocabulary.status import AvailabilityStatus

_STATUSES = {status.word.lower(): status for status in AvailabilityStatus}


def command(
    registry: RegistryOption = None,
    patient: Annotated[str | None, typer.Option(help="Patient identifier.", metavar="CX")] = None,
    unique_id: Annotated[list[str] | None, typer.Option(help="uniqueId of a document.", metavar="UID")] = None,
    status: Annotated[list[str] | None, typer.Option(help="approved (default) or deprecated; may repeat.")] = None,
    type_code: Annotated[
        list[str] | None, typer.Option("--type", help="Type code, CODE or CODE^^SCHEME.", metavar="CODE")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Created then or later, e.g. 20260101.", metavar="DTM")] = None,
    accession: Annotated[
        str | None,
        typer.Option(help="Accession number, without issuer of any issuer.", metavar="NUMBER[^^^&OID&ISO]"),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Which parameter removed how many (not yet).")] = False,
    json_output: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Find documents: one line, or with --json one object, per document."""
    not_yet("--explain", explain)
    settings = settings_of(config).client
    url = needed(registry, settings.registry, "--registry URL", "client.registry")
    if (patient is None) == (unique_id is None):
        raise ConfigError("give either --patient CX or --unique-id UID")
    if accession is not None and patient is None:
        raise ConfigError("--accession NUMBER needs --patient CX")
    reference = None if accession is None else _checked_accession(accession)
    with DocumentConsumer(url, timeout_s=settings.timeout_s) as consumer:
        if unique_id is not None:
            entries = consumer.get_documents(unique_id)
        else:
            entries = _of_patient(
                consumer, _checked_patient(patient or ""), _statuses(status), _checked_time(since), reference
            )
    wanted = [entry for entry in entries if _has_type(entry, type_code or [])]
    for entry in wanted:
        print(json_line(to_json(entry)) if json_output else _line(entry))
    if not wanted and not json_output:
        print("no document found", file=sys.stderr)


def _of_patient(
    consumer: DocumentConsumer, patient: CX, status: list[AvailabilityStatus], since: str | None, reference: CXi | None
) -> tuple[DocumentEntry, ...]:
    if reference is None:
        return consumer.find_documents(patient, status=status, since=since)
    if reference.authority:
        entries = consumer.find_documents_by_reference_id(patient, (reference,), status=status)
        return tuple(entry for entry in entries if _is_since(entry, since))
    # A query names a whole reference id; a number without its issuer is looked for here, so that any registry serves.
    entries = consumer.find_documents(patient, status=status, since=since)
    wanted = (reference.id_number, ReferenceIdType.ACCESSION)
    return tuple(e for e in entries if any((r.id_number, r.type_code) == wanted for r in e.reference_id_list))


def _is_since(entry: DocumentEntry, since: str | None) -> bool:
    return since is None or entry.creation_time is None or entry.creation_time.padded >= DTM(since).padded


def _checked_accession(text: str) -> CXi:
    value = CXi(f"{text}^{ReferenceIdType.ACCESSION}" if "^" in text else f"{text}^^^^{ReferenceIdType.ACCESSION}")
    if fault := value.fault():
        raise ConfigError(f"--accession {text}: {fault}")
    return value


def _checked_patient(text: str) -> CX:
    value = CX(text)
    if fault := value.fault():
        raise ConfigError(f"--patient {text}: {fault}")
    return value


def _checked_time(text: str | None) -> str | None:
    if text is not None and (fault := DTM(text).fault()):
        raise ConfigError(f"--since {text}: {fault}")
    return text


def _statuses(words: list[str] | None) -> list[AvailabilityStatus]:
    unknown = [word for word in words or () if word.lower() not in _STATUSES]
    if unknown:
        raise ConfigError(f"--status {unknown[0]}: is neither approved nor deprecated")
    return [_STATUSES[word.lower()] for word in words or ["approved"]]


def _has_type(entry: DocumentEntry, wanted: list[str]) -> bool:
    """A bare code matches in any scheme: the registry asks for the scheme, people rarely know it."""
    return not wanted or (entry.type_code is not None and bool({entry.type_code.code, entry.type_code.key} & {*wanted}))


def _line(entry: DocumentEntry) -> str:
    created = entry.creation_time.text if entry.creation_time else "-"
    kind = entry.type_code.display or entry.type_code.code if entry.type_code else "-"
    status = (entry.availability_status or "").rsplit(":", 1)[-1]
    return f"{entry.unique_id}  {created}  {status}  {kind}  {entry.title or ''}".rstrip()


app = one_command(command)
