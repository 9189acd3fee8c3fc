"""The signature policy that a signature names, and the purposes that its signer states.

Source: ETSI EN 319 132-1 5.2.9 (SignaturePolicyIdentifier) and 5.2.3 (CommitmentTypeIndication); IHE ITI TF-3 5.5.2.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from xds_adapter.datatypes import Coded
from xds_adapter.errors import ConfigError
from xds_adapter.vocabulary import signature as names


@dataclass(frozen=True, slots=True, kw_only=True)
class SignaturePolicy:
    """The rules under which a signature is made.

    Attributes:
        identifier: URI or ``urn:oid:`` of the policy.
        sha256: Of the text of the policy, 64 hexadecimal digits.
        description: What it is, in a few words; empty for none.
    """

    identifier: str
    sha256: str
    description: str = ""

    @classmethod
    def of(cls, identifier: str, text: bytes | None = None, description: str = "") -> SignaturePolicy:
        """Make a policy from its text.

        Args:
            identifier: URI, or an OID, which becomes ``urn:oid:``.
            text: The policy document; without it the identifier itself is hashed, since XAdES demands a hash and
                many a policy is only a name.
            description: In a few words.
        """
        uri = f"urn:oid:{identifier}" if identifier[:1].isdigit() else identifier
        octets = uri.encode() if text is None else text
        return cls(identifier=uri, sha256=hashlib.sha256(octets).hexdigest(), description=description)


ENVELOPED_POLICY = SignaturePolicy(
    identifier=names.ENVELOPED_POLICY,
    sha256=names.ENVELOPED_POLICY_SHA_256,
    description=names.ENVELOPED_POLICY_WORDS,
)
"""What a signature inside a CDA document says when nothing else is asked for."""

DETACHED_POLICY = SignaturePolicy.of(names.DSG_DETACHED, description=names.DSG_DETACHED_WORDS)
"""What a detached signature document says; DSG gives its policy a name and no text."""


def purpose(word: str) -> Coded:
    """Find a purpose of signature by name (``author``) or code.

    Raises:
        ConfigError: There is no such purpose; names the nearest.
    """
    for name, (code, display) in names.PURPOSES.items():
        if word in (name, code):
            return Coded(code, names.ASTM_PURPOSES, display)
    near = difflib.get_close_matches(word, names.PURPOSES, n=1)
    raise ConfigError(
        f"{word} is no purpose of a signature; "
        + (f"did you mean {near[0]}?" if near else f"there are {', '.join(names.PURPOSES)}")
    )


def purposes(words: Iterable[str]) -> tuple[Coded, ...]:
    """Find several purposes; none asked for is that of the author.

    Raises:
        ConfigError: One is not known.
    """
    return tuple(purpose(word) for word in words) or (purpose("author"),)


def policy_fault(asked: SignaturePolicy, named: tuple[str, str, bytes] | None) -> str | None:
    """Say why a signature does not follow a policy, or None.

    Args:
        asked: The policy that is asked for.
        named: Identifier, digest algorithm and digest that the signature names; None: it names no policy.
    """
    if named is None:
        return f"no signature policy is named, {asked.identifier} is asked for"
    identifier, method, value = named
    if identifier != asked.identifier:
        return f"the signature names the policy {identifier!r}, {asked.identifier} is asked for"
    if method != names.SHA_256 or value.hex() != asked.sha256:
        return f"the signature names another text of the policy {identifier}"
    return None
