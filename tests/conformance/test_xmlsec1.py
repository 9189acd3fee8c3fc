"""xmlsec1 verifies what we sign, and we verify what xmlsec1 signs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import pki
from tests.shared import shared_files
from tests.signing import DOCUMENT, TRUSTING, failed, only_failure, placed, signer
from xds_adapter.cda.build import build, example
from xds_adapter.model import DocumentContent
from xds_adapter.signature import CheckName, sign_cda, sign_documents, verify
from xds_adapter.signature import block as writing
from xds_adapter.soap import BytesContent
from xds_adapter.vocabulary import signature as names

PROPERTIES = "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"
MANIFEST = "http://www.w3.org/2000/09/xmldsig#:Manifest"
SAMPLES = shared_files("data", "cda", "samples", pattern="*.xml")
KINDS = ["rsa", "p256"]
DOCUMENTS: dict[str, DocumentContent] = {"1.2.250.1.999.1": BytesContent(b"one"), "1.2.3^4": BytesContent(b"two")}


@pytest.fixture(scope="module")
def program() -> str:
    found = shutil.which("xmlsec1")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("needs the program xmlsec1")
        pytest.skip("needs the program xmlsec1")
    return found


Verifies = Callable[[bytes], bool]


@pytest.fixture
def accepts(program: str, tmp_path: Path) -> Verifies:
    """Whether xmlsec1 verifies a document, trusting the root of the tests."""
    root, document = tmp_path / "root.pem", tmp_path / "document.xml"
    root.write_bytes(pki.pem(pki.root()))

    def run(octets: bytes) -> bool:
        document.write_bytes(octets)
        # The documents of a manifest are elsewhere; that its list is unchanged is what the signature shows.
        options = ["--verify", "--ignore-manifests", "--enabled-key-data", "x509", "--trusted-pem", str(root)]
        ids = ["--id-attr:Id", PROPERTIES, "--id-attr:Id", MANIFEST]
        done = subprocess.run([program, *options, *ids, str(document)], capture_output=True, check=False, timeout=60)
        return done.returncode == 0

    return run


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("document", ["imaging-request", "imaging-report"])
def test_it_verifies_a_document_that_we_built_and_signed(kind: str, document: str, accepts: Verifies) -> None:
    signed = sign_cda(build(document, example(document)), signer(kind))
    assert accepts(signed)
    assert not accepts(signed.replace(b"</title>", b" </title>", 1))


@pytest.mark.shared
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_it_verifies_official_samples_that_we_signed(path: Path, accepts: Verifies) -> None:
    """With comments, and instructions before the root element."""
    signed = sign_cda(path.read_bytes(), signer())
    assert verify(signed, TRUSTING).is_valid
    assert accepts(signed)


@pytest.mark.parametrize("kind", KINDS)
def test_it_verifies_a_detached_signature_of_ours(kind: str, accepts: Verifies) -> None:
    signed = sign_documents(DOCUMENTS, signer(kind))
    assert accepts(signed)
    assert not accepts(signed.replace(b"urn:oid:1.2.3", b"urn:oid:1.2.4"))


@pytest.mark.parametrize("target", ["<ClinicalDocument", "Dose 10 mGy"])
def test_it_agrees_on_instructions(target: str, accepts: Verifies) -> None:
    """An instruction is covered, before the root and in a text; a comment is not."""
    signed = sign_cda(DOCUMENT, signer())
    for added, valid in (("<?x y?>", False), ("<!-- x -->", True)):
        changed = signed.replace(target.encode(), added.encode() + target.encode())
        assert (valid, valid) == (accepts(changed), verify(changed, TRUSTING).is_valid)


Signs = Callable[[bytes, str], bytes]


@pytest.fixture
def signs(program: str, tmp_path: Path) -> Signs:
    """Let xmlsec1 fill in a template."""

    def run(template: bytes, kind: str) -> bytes:
        key, *_ = pki.save(tmp_path, signer(kind))
        leaf, authority = tmp_path / "leaf.pem", tmp_path / "authority.pem"
        leaf.write_bytes(pki.pem(signer(kind).certificate))
        authority.write_bytes(pki.pem(pki.authority()))
        source, output = tmp_path / "template.xml", tmp_path / "signed.xml"
        source.write_bytes(template)
        options = [
            "--sign",
            "--ignore-manifests",
            "--privkey-pem",
            f"{key},{leaf},{authority}",
            "--output",
            str(output),
        ]
        ids = ["--id-attr:Id", PROPERTIES, "--id-attr:Id", MANIFEST]
        subprocess.run([program, *options, *ids, str(source)], capture_output=True, check=True, timeout=60)
        return output.read_bytes()

    return run


def _emptied(block: bytes) -> bytes:
    """A template: our form of a signature without its values."""
    head, _, rest = block.partition(b"<ds:SignatureValue>")
    _, _, rest = rest.partition(b"</ds:SignatureValue>")
    head = _without_digests(head)
    return head + b"<ds:SignatureValue></ds:SignatureValue>" + _without_certificates(rest)


def _without_digests(text: bytes) -> bytes:
    parts = text.split(b"<ds:DigestValue>")
    return parts[0] + b"".join(b"<ds:DigestValue>" + part[part.index(b"</ds:") :] for part in parts[1:])


def _without_certificates(text: bytes) -> bytes:
    begin, end = text.index(b"<ds:X509Data>"), text.index(b"</ds:X509Data>")
    return text[:begin] + b"<ds:X509Data>" + text[end:]


def _template(kind: str) -> bytes:
    signed = sign_cda(DOCUMENT, signer(kind))
    begin, end = signed.index(b"<ds:Signature "), signed.index(b"</sdtc:signatureText>")
    return placed(_emptied(signed[begin:end]))


@pytest.mark.parametrize("kind", KINDS)
def test_we_verify_a_document_that_it_signed(kind: str, signs: Signs) -> None:
    signed = signs(_template(kind), kind)
    result = verify(signed, TRUSTING)
    assert {} == failed(result)
    changed = signed.replace(b"10 mGy", b"11 mGy")
    assert only_failure(changed)[0] == CheckName.INTEGRITY


@pytest.mark.parametrize("form", [names.C14N_10, names.C14N_11, names.EXCLUSIVE_C14N])
def test_we_verify_the_canonical_forms_that_it_writes(form: str, signs: Signs) -> None:
    template = _template("p256")
    for written in (names.EXCLUSIVE_C14N, names.C14N_11):
        template = template.replace(f'"{written}"'.encode(), f'"{form}"'.encode())
    assert {} == failed(verify(signs(template, "p256"), TRUSTING))


@pytest.mark.parametrize("kind", KINDS)
def test_we_verify_a_detached_signature_of_its(kind: str, signs: Signs) -> None:
    head, _, block = sign_documents(DOCUMENTS, signer(kind)).partition(b"\n")
    signed = signs(head + b"\n" + _emptied(block), kind)
    assert {} == failed(verify(signed, TRUSTING, documents=DOCUMENTS.get))


WEAK = [
    ("rsa", names.RSA_SHA_256, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
    ("rsa", f'DigestMethod Algorithm="{names.SHA_256}"', f'DigestMethod Algorithm="{names.SHA_1}"'),
]


@pytest.mark.parametrize(("kind", "old", "new"), WEAK)
def test_what_it_signs_with_sha_1_is_refused(kind: str, old: str, new: str, signs: Signs) -> None:
    name, words = only_failure(signs(_template(kind).replace(old.encode(), new.encode()), kind))
    assert CheckName.FORM == name
    assert "sha1 is not accepted" in words


XPATH = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor-or-self::*[@ID="p1"])'
    "</ds:XPath></ds:Transform>"
)


def test_what_it_signs_but_for_a_part_is_refused(signs: Signs, accepts: Verifies) -> None:
    """A genuine signature with an XPath that leaves the narrative out: anybody could rewrite it."""
    transform = f'<ds:Transform Algorithm="{names.C14N_11}"/></ds:Transforms>'
    template = _template("p256").replace(transform.encode(), (XPATH + transform).encode(), 1)
    rewritten = signs(template, "p256").replace(b"10 mGy", b"99 mGy")
    assert accepts(rewritten)
    name, words = only_failure(rewritten)
    assert CheckName.COVERAGE == name
    assert "REC-xpath" in words


def test_a_signature_of_another_time_zone_is_read(monkeypatch: pytest.MonkeyPatch, signs: Signs) -> None:
    written = writing._properties
    monkeypatch.setattr(
        writing, "_properties", lambda *given: written(*given).replace("Z</xades:SigningTime>", "</xades:SigningTime>")
    )
    result = verify(signs(_template("p256"), "p256"), TRUSTING)
    assert result.is_valid
    assert result.signing_time is not None
    assert result.signing_time.tzinfo is not None
