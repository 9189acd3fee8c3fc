"""`verify`: who signed, when, what is covered, and every check that failed, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from xds_adapter.cli.common import (
    ConfigOption,
    JsonOption,
    RegistryOption,
    RepositoryOption,
    json_line,
    one_command,
    read_input,
    settings_of,
)
from xds_adapter.cli.main import REFUSED
from xds_adapter.cli.signing import local_document, policy_of, split_item
from xds_adapter.client import DocumentConsumer
from xds_adapter.client.signatures import retrieved_contents, submitted_documents
from xds_adapter.config import ClientSettings
from xds_adapter.errors import ConfigError
from xds_adapter.model import DocumentContent
from xds_adapter.signature import (
    Check,
    CheckName,
    Verdict,
    Verification,
    VerificationSettings,
    load_certificates,
    load_revocation_list,
    verify,
)

_MARKS = {Verdict.PASSED: "ok", Verdict.FAILED: "FAILED", Verdict.NOT_CHECKED: "NOT CHECKED"}

_NOT_AS_ASKED = "not as asked for"
_SHORTCOMINGS = {
    (CheckName.DOCUMENTS, Verdict.FAILED): "what it names was changed",
    (CheckName.DOCUMENTS, Verdict.NOT_CHECKED): "not every document that it names was compared",
    (CheckName.SUBMISSION_SET, Verdict.FAILED): "its submission was changed",
    (CheckName.SUBMISSION_SET, Verdict.NOT_CHECKED): "its submission was not compared",
}


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A signed CDA document, or a signature document.")],
    trust: Annotated[
        list[Path] | None,
        typer.Option("--trust", help="Authorities (or signers) that are trusted (PEM).", metavar="CA"),
    ] = None,
    chain: Annotated[
        list[Path] | None, typer.Option("--chain", help="Certificates that may lie between (PEM).", metavar="FILE")
    ] = None,
    crl: Annotated[
        list[Path] | None,
        typer.Option("--crl", help="Revocation lists; without one revocation is not checked.", metavar="FILE"),
    ] = None,
    documents: Annotated[
        list[str] | None,
        typer.Option("--document", help="A document that is signed: CDA, or UNIQUE_ID=FILE.", metavar="FILE"),
    ] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", help="Signature policy that must be named.", metavar="ID")
    ] = None,
    policy_document: Annotated[
        Path | None, typer.Option("--policy-document", help="Its text, whose hash must be named.", metavar="FILE")
    ] = None,
    at_signing_time: Annotated[
        bool,
        typer.Option("--at-signing-time", help="Accept a certificate that expired since the stated time of signing."),
    ] = False,
    registry: RegistryOption = None,
    repository: RepositoryOption = None,
    json_output: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Verify a signature; exit code 0 only when it is intact, its signer is trusted, and every document was compared.

    Documents of a detached signature are taken from --document, others are retrieved when a registry and a repository
    are known. Nothing else is ever fetched: revocation lists are given with --crl.
    """
    settings = VerificationSettings(
        anchors=_certificates(trust),
        intermediates=_certificates(chain),
        revocation_lists=tuple(load_revocation_list(path) for path in crl or ()),
        policy=policy_of(policy, policy_document),
        at_signing_time=at_signing_time,
    )
    client = settings_of(config).client
    urls = (registry or client.registry, repository or client.repository)
    if (registry or repository) and not all(urls):
        raise ConfigError("documents are retrieved with both --registry URL and --repository URL")
    local = dict(local_document(*_local(item))[:2] for item in documents or ())
    with ExitStack() as stack:
        result = _verified(read_input(file), settings, local, urls, client, stack)
    print(json_line({"file": file} | as_json(result)) if json_output else "\n".join(lines(file, result)))
    if not result.is_valid:
        raise typer.Exit(REFUSED)


def _certificates(paths: Iterable[Path] | None) -> tuple[Any, ...]:
    return tuple(one for path in paths or () for one in load_certificates(path))


def _local(item: str) -> tuple[str | None, Path]:
    unique_id, path = split_item(item)
    if path is None:
        raise ConfigError(f"--document {item}: name its file, {item}=FILE")
    return unique_id, path


def _verified(
    document: bytes,
    settings: VerificationSettings,
    local: Mapping[str, DocumentContent],
    urls: tuple[str | None, str | None],
    client: ClientSettings,
    stack: ExitStack,
) -> Verification:
    result = verify(document, settings, documents=local.get)
    missing = [one.unique_id for one in result.documents if one.verdict == Verdict.NOT_CHECKED]
    if not all(urls) or not result.is_intact or not (missing or result.submission_set):
        return result
    consumer = stack.enter_context(DocumentConsumer(*urls, timeout_s=client.timeout_s))
    contents = stack.enter_context(retrieved_contents(consumer, missing))
    found = {name: content for name, (_, content) in contents.items()} | {**local}

    def members(unique_id: str) -> dict[str, str]:
        return submitted_documents(consumer, unique_id)

    return verify(document, settings, documents=found.get, submission_sets=members)


def as_json(result: Verification) -> dict[str, object]:
    """A verification in names of snake_case."""
    signer = result.signer
    return {
        "valid": result.is_valid,
        "intact": result.is_intact,
        "trusted": result.is_trusted,
        "kind": result.kind or None,
        "signer": signer
        and {"subject": signer.subject, "issuer": signer.issuer, "serial_number": signer.serial_number},
        "signing_time": result.signing_time.isoformat() if result.signing_time else None,
        "policy": result.policy,
        "purposes": [{"code": one.code, "display": one.display} for one in result.purposes],
        "submission_set": result.submission_set,
        "documents": [{"unique_id": one.unique_id, "verdict": one.verdict} for one in result.documents],
        "checks": [{"name": one.name, "verdict": one.verdict, "words": one.words} for one in result.checks],
    }


def lines(file: str, result: Verification) -> list[str]:
    """A verification for a person: the answer, who and when, then the checks."""
    facts = [f"{file}: {answer(result)}"]
    if result.signer is not None:
        said = "" if result.is_trusted else " (as the certificate says; not proven)"
        facts.append(f"  signed by       {result.signer.subject}{said}")
        facts.append(f"  issued by       {result.signer.issuer}")
    if result.signing_time is not None:
        facts.append(f"  signed at       {result.signing_time:%Y-%m-%d %H:%M:%S %Z}, as the signer states")
    if result.purposes:
        facts.append(f"  as              {', '.join(one.display or one.code for one in result.purposes)}")
    if result.policy:
        facts.append(f"  policy          {result.policy}")
    return [*facts, *(_line(check) for check in result.checks)]


def answer(result: Verification) -> str:
    """The answer in a few words; anything but a valid signature sounds like what it is."""
    if result.is_valid:
        return "valid signature"
    if not result.is_intact:
        return "NO VALID SIGNATURE"
    if not result.is_trusted:
        return "NOT VALID: unchanged since it was signed, but the signer is not proven"
    wrong = next(check for check in result.checks if not check.passed)
    return f"NOT VALID: signed by a trusted signer, but {_SHORTCOMINGS.get((wrong.name, wrong.verdict), _NOT_AS_ASKED)}"


def _line(check: Check) -> str:
    return f"  {check.name:14}  {_MARKS[check.verdict]}: {check.words}"


app = one_command(command)
