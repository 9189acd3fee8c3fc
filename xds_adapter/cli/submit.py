"""`submit`: documents and their metadata to a repository (ITI-41)."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from xds_adapter.cli.common import (
    ConfigOption,
    JsonOption,
    RepositoryOption,
    json_line,
    needed,
    one_command,
    outcome_json,
    print_not_sent,
    print_refusal,
    settings_of,
)
from xds_adapter.cli.main import REFUSED
from xds_adapter.client import DocumentConsumer, DocumentSource
from xds_adapter.client.replacement import NOTHING, assign
from xds_adapter.client.submission import PreparedDocument, SubmissionSettings, prepare, submission_of
from xds_adapter.config import ClientSettings
from xds_adapter.datatypes import Coded
from xds_adapter.errors import CdaInvalid, ConfigError
from xds_adapter.model import DocumentEntry, Outcome, RemoteRefusal, Submission
from xds_adapter.model.entry_json import from_json
from xds_adapter.model.outcome import SubmissionRefused


@dataclass(frozen=True, slots=True)
class _Batch:
    """What goes out in one submission.

    Attributes:
        replaces: uniqueId of a new document to the uniqueId of the one that it replaces.
    """

    paths: tuple[Path, ...]
    documents: tuple[PreparedDocument, ...]
    replaces: Mapping[str, str]

    def is_ready(self, earlier: set[str]) -> bool:
        """False while something that it replaces is itself still to be sent, by an `earlier` batch."""
        return earlier.isdisjoint(self.replaces.values())


def command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Documents; CDA needs no metadata.")],
    repository: RepositoryOption = None,
    registry: Annotated[
        str | None,
        typer.Option("--registry", metavar="URL", help="URL of the registry that knows what is replaced."),
    ] = None,
    replace: Annotated[
        list[str] | None,
        typer.Option(
            "--replace",
            metavar="UNIQUE_ID",
            help="Document to replace, one a file. CDA names it itself (relatedDocument): the option is not needed "
            "then, and may not say another. none: replace nothing.",
        ),
    ] = None,
    mask: Annotated[
        list[str] | None,
        typer.Option(
            "--mask",
            metavar="CODE",
            help="Hide in the DMP: MASQUE_PS, INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX; may repeat. A new "
            "version is hidden like the one that it replaces unless this says otherwise; none: not hidden.",
        ),
    ] = None,
    together: Annotated[
        bool,
        typer.Option("--together", help="One submission for all files, all stored or none: the forms of one report."),
    ] = False,
    metadata: Annotated[
        Path | None,
        typer.Option(
            "--metadata",
            metavar="FILE",
            help="JSON object of the document, or list in the order of files; for CDA, what its header does not say.",
        ),
    ] = None,
    json_output: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Submit documents, one submission each unless --together."""
    settings = settings_of(config).client
    url = needed(repository, settings.repository, "--repository URL", "client.repository")
    documents = _prepared(files, metadata, [] if mask == [NOTHING] else mask)
    batches = _batches(files, documents, _replaced(files, documents, replace or []), together=together)
    with ExitStack() as stack:
        consumer = None
        if any(batch.replaces for batch in batches):
            place = needed(
                registry, settings.registry, "--registry URL, to look up what is replaced", "client.registry"
            )
            consumer = stack.enter_context(DocumentConsumer(place, timeout_s=settings.timeout_s))
        source = stack.enter_context(DocumentSource(url, timeout_s=settings.timeout_s))
        sender = _Sender(source, url, submission_settings(settings), consumer, json_output=json_output)
        if not sender.send(batches):
            raise typer.Exit(REFUSED)


def submission_settings(settings: ClientSettings) -> SubmissionSettings:
    """What the configuration says about every submission."""
    given: dict[str, Any] = {}
    if settings.source_id is not None:
        given["source_id"] = settings.source_id
    if settings.content_type_code is not None:
        parts = settings.content_type_code.split("^")
        if len(parts) != 3 or not all(parts):
            raise ConfigError("client.content_type_code must be code^display^scheme")
        given["content_type_code"] = Coded(parts[0], parts[2], parts[1])
    return SubmissionSettings(**given)


def _prepared(files: Sequence[Path], metadata: Path | None, mask: Sequence[str] | None) -> list[PreparedDocument]:
    entries = [None] * len(files) if metadata is None else _entries(metadata, len(files))
    documents, faults = [], []
    for path, entry in zip(files, entries, strict=True):
        try:
            documents.append(prepare(path, entry=entry, masking=mask))
        except CdaInvalid as error:
            faults += [f"{path}, {finding}" for finding in error.findings]
    if faults:
        raise CdaInvalid(tuple(faults))
    return documents


def _entries(metadata: Path, count: int) -> list[DocumentEntry]:
    try:
        content = json.loads(metadata.read_bytes())
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ConfigError(f"{metadata} is no JSON: {error}") from error
    rows = content if isinstance(content, list) else [content]
    if len(rows) != count:
        raise ConfigError(f"{metadata} describes {len(rows)} documents, {count} are given")
    return [from_json(row, str(metadata)) for row in rows]


def _replaced(files: Sequence[Path], documents: Sequence[PreparedDocument], wanted: Sequence[str]) -> list[str | None]:
    """What each file replaces, by its own words and by --replace."""
    olds = assign([(str(path), one.replaces) for path, one in zip(files, documents, strict=True)], wanted)
    for path, document, old in zip(files, documents, olds, strict=True):
        if old and document.is_cda and document.replaces is None:
            print(f"{path}: replaces {old} in the registry; the document itself does not say so", file=sys.stderr)
    return olds


def _batches(
    files: Sequence[Path], documents: Sequence[PreparedDocument], olds: Sequence[str | None], *, together: bool
) -> list[_Batch]:
    rows = list(zip(files, documents, olds, strict=True))
    groups = [rows] if together else [[row] for row in rows]
    return [
        _Batch(
            paths=tuple(path for path, _, _ in group),
            documents=tuple(document for _, document, _ in group),
            replaces={document.unique_id: old for _, document, old in group if old},
        )
        for group in groups
    ]


class _Sender:
    """Sends batches; what cannot replace what it should is refused before anything is sent."""

    def __init__(
        self,
        source: DocumentSource,
        url: str,
        settings: SubmissionSettings,
        registry: DocumentConsumer | None,
        *,
        json_output: bool,
    ) -> None:
        self._source = source
        self._url = url
        self._settings = settings
        self._registry = registry
        self._json_output = json_output

    def send(self, batches: Sequence[_Batch]) -> bool:
        """Send all batches in order; tell whether all were taken."""
        ours: set[str] = set()
        ready: list[Submission | None] = []
        refused = False
        for batch in batches:
            try:
                # What an earlier batch brings can be looked up only after that one was sent.
                ready.append(self._submission(batch) if batch.is_ready(ours) else None)
            except SubmissionRefused as error:
                refused = True
                self._report(batch, error.outcome, sent=False)
            ours |= {document.unique_id for document in batch.documents}
        if refused:
            return False
        taken = [self._sent(batch, submission) for batch, submission in zip(batches, ready, strict=True)]
        return all(taken)

    def _submission(self, batch: _Batch) -> Submission:
        return submission_of(batch.documents, self._settings, replaces=batch.replaces, registry=self._registry)

    def _sent(self, batch: _Batch, submission: Submission | None) -> bool:
        try:
            outcome = self._source.submit(submission or self._submission(batch))
        except SubmissionRefused as error:
            self._report(batch, error.outcome, sent=False)
            return False
        except RemoteRefusal as error:
            self._report(batch, error.outcome)
            return False
        self._report(batch, outcome)
        return True

    def _report(self, batch: _Batch, outcome: Outcome, *, sent: bool = True) -> None:
        if self._json_output:
            for path, document in zip(batch.paths, batch.documents, strict=True):
                print(json_line(_facts(path, document) | outcome_json(outcome)))
        elif not outcome.is_success:
            names = ", ".join(map(str, batch.paths))
            if sent:
                print_refusal(outcome, self._url, names)
            else:
                print_not_sent(outcome, names)
        else:
            for path, document in zip(batch.paths, batch.documents, strict=True):
                old = batch.replaces.get(document.unique_id)
                print(f"{path}  {outcome.status.word}  {document.unique_id}" + (f"  replaces {old}" if old else ""))
            for error in outcome.errors:
                print(f"  {error.code} (warning)  {error.code_context}")


def _facts(path: Path, document: PreparedDocument) -> dict[str, object]:
    return {
        "file": str(path),
        "unique_id": document.unique_id,
        "size": document.content.size,
        "hash": document.content.sha1,
    }


app = one_command(command)
