"""`submit`: documents and their metadata to a repository (ITI-41)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from xds_adapter.cli.common import (
    ConfigOption,
    JsonOption,
    RepositoryOption,
    json_line,
    needed,
    not_yet,
    one_command,
    outcome_json,
    print_refusal,
    settings_of,
)
from xds_adapter.cli.main import REFUSED
from xds_adapter.client import DocumentSource
from xds_adapter.client.submission import SubmissionSettings, submission_from_cda, submission_from_file
from xds_adapter.config import ClientSettings
from xds_adapter.datatypes import Coded
from xds_adapter.errors import ConfigError
from xds_adapter.model import DocumentEntry, Outcome, RemoteRefusal, Submission
from xds_adapter.model.entry_json import from_json


def command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Documents; CDA needs no metadata.")],
    repository: RepositoryOption = None,
    replace: Annotated[str | None, typer.Option("--replace", help="uniqueId to replace (not available yet).")] = None,
    metadata: Annotated[
        Path | None,
        typer.Option("--metadata", help="JSON object of the document, or list in the order of files.", metavar="FILE"),
    ] = None,
    json_output: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Submit documents, one submission each."""
    not_yet("--replace", replace)
    settings = settings_of(config).client
    url = needed(repository, settings.repository, "--repository URL", "client.repository")
    submissions = list(_submissions(files, metadata, submission_settings(settings)))
    refused = False
    with DocumentSource(url, timeout_s=settings.timeout_s) as source:
        for path, submission in zip(files, submissions, strict=True):
            try:
                outcome = source.submit(submission)
            except RemoteRefusal as error:
                outcome, refused = error.outcome, True
            _report(path, submission, outcome, url, json_output=json_output)
    if refused:
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


def _submissions(files: list[Path], metadata: Path | None, settings: SubmissionSettings) -> list[Submission]:
    if metadata is None:
        return [submission_from_cda(path, settings) for path in files]
    return [
        submission_from_file(path, entry, settings)
        for path, entry in zip(files, _entries(metadata, len(files)), strict=True)
    ]


def _entries(metadata: Path, count: int) -> list[DocumentEntry]:
    try:
        content = json.loads(metadata.read_bytes())
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ConfigError(f"{metadata} is no JSON: {error}") from error
    rows = content if isinstance(content, list) else [content]
    if len(rows) != count:
        raise ConfigError(f"{metadata} describes {len(rows)} documents, {count} are given")
    return [from_json(row, str(metadata)) for row in rows]


def _report(path: Path, submission: Submission, outcome: Outcome, url: str, *, json_output: bool) -> None:
    entry = submission.document_entries[0]
    if json_output:
        content = submission.documents[0].content
        facts = {"file": str(path), "unique_id": entry.unique_id, "size": content.size, "hash": content.sha1}
        print(json_line(facts | outcome_json(outcome)))
    elif not outcome.is_success:
        print_refusal(outcome, url, str(path))
    else:
        print(f"{path}  {outcome.status.word}  {entry.unique_id}")
        for error in outcome.errors:
            print(f"  {error.code} (warning)  {error.code_context}")


app = one_command(command)
