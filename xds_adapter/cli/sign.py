"""`sign`: a signature inside a CDA document, or a signature document over documents of any kind."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
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
    outcome_json,
    print_refusal,
    read_input,
    settings_of,
    write_whole,
)
from xds_adapter.cli.main import REFUSED
from xds_adapter.cli.signing import PASSPHRASE_VARIABLE, credentials_of, local_document, policy_of, split_item
from xds_adapter.cli.submit import submission_settings
from xds_adapter.client import DocumentConsumer, DocumentSource
from xds_adapter.client.signatures import SignedEntry, retrieved_contents, signature_submission
from xds_adapter.config import ClientSettings
from xds_adapter.datatypes import Coded, new_oid
from xds_adapter.errors import CdaInvalid, ConfigError
from xds_adapter.model import DocumentContent, RemoteRefusal
from xds_adapter.signature import (
    DETACHED_POLICY,
    ENVELOPED_POLICY,
    Credentials,
    SignaturePolicy,
    purposes,
    sign_cda,
    sign_documents,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """How to sign, as the options say."""

    credentials: Credentials
    policy: SignaturePolicy | None
    purpose: tuple[Coded, ...]
    whole: bool
    json_output: bool


def command(
    items: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|UNIQUE_ID...",
            help="A CDA document; with --detached documents by uniqueId, CDA files, or UNIQUE_ID=FILE for other files.",
        ),
    ],
    key: Annotated[
        Path, typer.Option("--key", help="Private key (PEM): RSA from 2048 bits, or P-256.", metavar="FILE")
    ],
    certificate: Annotated[
        Path, typer.Option("--cert", help="Its certificate (PEM), issuers may follow.", metavar="FILE")
    ],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write.", metavar="OUT.xml")] = None,
    detached: Annotated[
        bool,
        typer.Option("--detached", help="Make a signature document (IHE DSG) and leave the documents as they are."),
    ] = False,
    submit: Annotated[
        bool, typer.Option("--submit", help="With --detached: submit the signature, with the CDA files that it names.")
    ] = False,
    submission_set: Annotated[
        bool,
        typer.Option("--submission-set", help="With --submit: sign the submission as a whole, nothing may be added."),
    ] = False,
    purpose: Annotated[
        list[str] | None, typer.Option("--purpose", help="What the signature is for: author (default), validation, ...")
    ] = None,
    policy: Annotated[str | None, typer.Option("--policy", help="Signature policy: OID or URI.", metavar="ID")] = None,
    policy_document: Annotated[
        Path | None, typer.Option("--policy-document", help="Text of the policy, to be hashed.", metavar="FILE")
    ] = None,
    chain: Annotated[
        list[Path] | None, typer.Option("--chain", help="Certificates of issuers to send along.", metavar="FILE")
    ] = None,
    passphrase_variable: Annotated[
        str, typer.Option("--passphrase-env", help="Environment variable with the key's passphrase.", metavar="NAME")
    ] = PASSPHRASE_VARIABLE,
    registry: RegistryOption = None,
    repository: RepositoryOption = None,
    json_output: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Sign a CDA document inside itself (XAdES), or with --detached any documents beside them (IHE DSG).

    The passphrase of an encrypted key is taken from an environment variable or asked for, never given as an option.
    """
    asked = _Asked(
        credentials=credentials_of(key, certificate, chain or (), passphrase_variable),
        policy=policy_of(policy, policy_document),
        purpose=purposes(purpose or ()),
        whole=submission_set,
        json_output=json_output,
    )
    if submission_set and not (detached and submit):
        raise ConfigError("--submission-set goes with --detached --submit")
    if not detached:
        if submit or len(items) != 1:
            raise ConfigError("one document is signed inside itself; --detached signs several, and takes --submit")
        _sign_inside(items[0], asked, output)
        return
    settings = settings_of(config).client
    urls = (registry or settings.registry, repository or settings.repository)
    with ExitStack() as stack:
        signed = _documents(items, urls, settings, stack)
        _sign_beside(signed, asked, output, settings, needed_url(urls[1]) if submit else None)


def needed_url(repository: str | None) -> str:
    """The repository to submit to."""
    return needed(repository, None, "--repository URL", "client.repository")


def _sign_inside(item: str, asked: _Asked, output: Path | None) -> None:
    document = read_input(item)
    try:
        signed = sign_cda(document, asked.credentials, policy=asked.policy or ENVELOPED_POLICY, purpose=asked.purpose)
    except CdaInvalid as error:
        raise CdaInvalid(tuple(f"{item}: {finding}" for finding in error.findings)) from error
    _write(signed, output)
    if output is not None:
        _report(asked, {"file": str(output), "size": len(signed)}, f"{output}  signed")


def _documents(
    items: Sequence[str], urls: tuple[str | None, str | None], settings: ClientSettings, stack: ExitStack
) -> dict[str, tuple[DocumentContent, SignedEntry | None]]:
    """The documents by uniqueId in the order given; entries of what is registered, or of a CDA file."""
    split = [split_item(item) for item in items]
    remote = [unique_id for unique_id, path in split if unique_id is not None and path is None]
    known = _retrieved(remote, urls, settings, stack)
    missing = [unique_id for unique_id in remote if unique_id not in known]
    if missing:
        for unique_id in missing:
            print(f"{unique_id}: there is no such document", file=sys.stderr)
        raise typer.Exit(REFUSED)
    found: dict[str, tuple[DocumentContent, SignedEntry | None]] = {}
    for name, path in split:
        if path is None:
            found[str(name)] = known[str(name)]
        else:
            unique_id, content, entry = local_document(name, path)
            found[unique_id] = (content, SignedEntry(entry=entry, content=content) if entry else None)
    return found


def _retrieved(
    unique_ids: Sequence[str], urls: tuple[str | None, str | None], settings: ClientSettings, stack: ExitStack
) -> dict[str, tuple[DocumentContent, SignedEntry | None]]:
    if not unique_ids:
        return {}
    registry = needed(urls[0], None, "--registry URL", "client.registry")
    consumer = stack.enter_context(DocumentConsumer(registry, needed_url(urls[1]), timeout_s=settings.timeout_s))
    contents = stack.enter_context(retrieved_contents(consumer, unique_ids))
    return {name: (content, SignedEntry(entry=entry)) for name, (entry, content) in contents.items()}


def _sign_beside(
    documents: dict[str, tuple[DocumentContent, SignedEntry | None]],
    asked: _Asked,
    output: Path | None,
    settings: ClientSettings,
    repository: str | None,
) -> None:
    entries = {name: entry for name, (_, entry) in documents.items() if entry is not None}
    if repository is not None and (strange := [name for name in documents if name not in entries]):
        raise ConfigError(f"{strange[0]}: submit the file first, then sign it by its uniqueId")
    signature = sign_documents(
        {name: content for name, (content, _) in documents.items()},
        asked.credentials,
        policy=asked.policy or DETACHED_POLICY,
        purpose=asked.purpose,
        submission_set=new_oid() if asked.whole else None,
    )
    if output is not None or repository is None:
        _write(signature, output)
    facts: dict[str, object] = {"documents": list(documents), "size": len(signature)}
    if output is not None:
        _report(asked, {"file": str(output)} | facts, f"{output}  signs {', '.join(documents)}")
    if repository is not None:
        _submit(signature, list(entries.values()), asked, settings, repository)


def _submit(
    signature: bytes, signed: Sequence[SignedEntry], asked: _Asked, settings: ClientSettings, repository: str
) -> None:
    submission = signature_submission(signature, signed, submission_settings(settings))
    unique_id = submission.document_entries[-1].unique_id
    with DocumentSource(repository, timeout_s=settings.timeout_s) as source:
        try:
            outcome = source.submit(submission)
        except RemoteRefusal as error:
            if asked.json_output:
                print(json_line({"unique_id": unique_id} | outcome_json(error.outcome)))
            else:
                print_refusal(error.outcome, repository, "the signature")
            raise typer.Exit(REFUSED) from error
    targets = [str(one.entry.unique_id) for one in signed]
    facts: dict[str, object] = {"unique_id": unique_id, "documents": targets}
    _report(asked, facts | outcome_json(outcome), f"{unique_id}  {outcome.status.word}  signs {', '.join(targets)}")


def _write(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_whole(output, (content,))


def _report(asked: _Asked, facts: dict[str, object], line: str) -> None:
    print(json_line(facts) if asked.json_output else line)


app = one_command(command)
