"""What `sign` and `verify` share: keys with their passphrase, policies, and documents by uniqueId."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from xds_adapter.client.submission import derive
from xds_adapter.datatypes import is_oid
from xds_adapter.errors import ConfigError
from xds_adapter.model import DocumentContent, DocumentEntry
from xds_adapter.signature import Credentials, SignaturePolicy, exposure, load_credentials
from xds_adapter.soap import FileContent

PASSPHRASE_VARIABLE = "XDS_SIGNING_PASSPHRASE"


def credentials_of(key: Path, certificate: Path, more: Sequence[Path], variable: str) -> Credentials:
    """Load a signer; warns when others can read the key.

    Args:
        key: File of the private key.
        certificate: File of the signer's certificate.
        more: Files with certificates of issuers.
        variable: Environment variable with the passphrase; unset, a person is asked on the terminal.

    Raises:
        ConfigError: The files are not fit to sign.
    """
    if told := exposure(key):
        print(f"warning: {told}", file=sys.stderr)
    return load_credentials(key, certificate, passphrase=lambda: _passphrase(key, variable), more=more)


def _passphrase(key: Path, variable: str) -> str:
    if (given := os.environ.get(variable)) is not None:
        return given
    if not sys.stdin.isatty():
        raise ConfigError(f"{key} is encrypted: put its passphrase into the environment variable {variable}")
    asked: str = typer.prompt(f"Passphrase of {key}", hide_input=True, err=True)
    return asked


def policy_of(identifier: str | None, text: Path | None) -> SignaturePolicy | None:
    """The signature policy that options name, or None.

    Raises:
        ConfigError: A text is given without its identifier.
    """
    if identifier is None:
        if text is not None:
            raise ConfigError("give --policy ID with --policy-document")
        return None
    return SignaturePolicy.of(identifier, text.read_bytes() if text else None)


def split_item(item: str) -> tuple[str | None, Path | None]:
    """Read ``UNIQUE_ID``, ``UNIQUE_ID=FILE`` or ``FILE``: what looks like an identifier is one."""
    head, equals, tail = item.partition("=")
    if not (is_oid(head.partition("^")[0]) or head.startswith("urn:")):
        return None, Path(item)
    return head, Path(tail) if equals else None


def local_document(unique_id: str | None, path: Path) -> tuple[str, DocumentContent, DocumentEntry | None]:
    """A document in a file: its uniqueId as given or as in its CDA header, its bytes, and its metadata if it is CDA.

    Raises:
        CdaInvalid: No uniqueId is given, and the file is no CDA document that has one.
        MalformedMessage: No uniqueId is given, and the file is no XML.
    """
    if unique_id is not None:
        return unique_id, FileContent(path), None
    derived, content = derive(path)
    return str(derived.entry.unique_id), content, derived.entry
