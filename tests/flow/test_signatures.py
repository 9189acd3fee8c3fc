"""Documents are signed, submitted, found through their signatures, retrieved unchanged and verified."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from cryptography.hazmat.primitives.serialization import Encoding

from tests import pki
from tests.flow.running import Site, running
from tests.signing import signer
from xds_adapter.cda.build import build, example
from xds_adapter.cda.validate import validate
from xds_adapter.cli.main import run
from xds_adapter.client import DocumentConsumer, DocumentSource
from xds_adapter.client.signatures import SignedEntry, signature_submission, submitted_documents
from xds_adapter.client.submission import derive, submission_from_cda
from xds_adapter.errors import ConfigError
from xds_adapter.model import DocumentEntry, ParameterSlot, StoredQuery
from xds_adapter.signature import Credentials, sign_cda, sign_documents
from xds_adapter.soap import BytesContent
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.stored_queries import GET_RELATED_DOCUMENTS, GET_SUBMISSION_SETS

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("signatures") / "data") as site:
        yield site


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command; its exit code, output and errors."""

    def call(*arguments: object) -> tuple[int, str, str]:
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def keys(tmp_path: Path) -> list[object]:
    """The options that name a signer."""
    key, certificate, _ = pki.save(tmp_path, signer())
    return ["--key", key, "--cert", certificate]


@pytest.fixture
def trust(tmp_path: Path) -> list[object]:
    path = tmp_path / "root.pem"
    path.write_bytes(pki.pem(pki.root()))
    return ["--trust", path]


def _urls(site: Site) -> list[object]:
    return ["--registry", site.registry, "--repository", site.repository]


_numbers = iter(range(1, 1000))


def _document(folder: Path, site: Site) -> tuple[Path, str]:
    """A report with a uniqueId of its own, of a patient that the registry knows; its path and uniqueId."""
    case: dict[str, Any] = example("imaging-report")
    number = next(_numbers)
    path = folder / f"report-{number}.xml"
    case["unique_id"] = f"1.2.250.1.999.41.{number}"
    path.write_bytes(build("imaging-report", case))
    entry = derive(path)[0].entry
    assert entry.patient_id is not None
    site.installation.registry.add_patients([entry.patient_id.key])
    return path, str(entry.unique_id)


def _submitted(site: Site, path: Path) -> None:
    with DocumentSource(site.repository) as source:
        assert source.submit(submission_from_cda(path)).is_success


def _related(site: Site, unique_id: str) -> tuple[dict[str | None, DocumentEntry], list[tuple[str, str]]]:
    """What GetRelatedDocuments gives for signs: entries by entryUUID, and source and target of each association."""
    parameters = {
        "$XDSDocumentEntryUniqueId": (ParameterSlot((unique_id,)),),
        "$AssociationTypes": (ParameterSlot((AssociationType.SIGNS,), listed=True),),
    }
    with DocumentConsumer(site.registry) as consumer:
        result = consumer.query(StoredQuery(query_id=GET_RELATED_DOCUMENTS.query_id, parameters=parameters))
    entries = {entry.entry_uuid: entry for entry in result.document_entries}
    links = [
        (str(entries[a.source_object].unique_id), str(entries[a.target_object].unique_id)) for a in result.associations
    ]
    return entries, links


def test_a_signed_document_is_stored_and_returned_unchanged(
    site: Site, tmp_path: Path, command: Command, keys: list[object], trust: list[object]
) -> None:
    path, unique_id = _document(tmp_path, site)
    signed = tmp_path / "signed.xml"
    assert (0, f"{signed}  signed\n", "") == command("sign", path, *keys, "-o", signed)
    assert () == validate(signed)
    assert command("submit", signed, "--repository", site.repository)[0] == 0
    code, out, _ = command("retrieve", unique_id, *_urls(site), "-o", tmp_path / "out", "--json")
    assert code == 0
    returned = Path(json.loads(out)["path"])
    assert hashlib.sha256(signed.read_bytes()).digest() == hashlib.sha256(returned.read_bytes()).digest()
    code, out, _ = command("verify", returned, *trust)
    assert code == 0
    assert "valid signature" in out
    assert "signed by       GN=Hugo,SN=MARTEL" in out


def test_registered_documents_are_signed_beside_them(
    site: Site, tmp_path: Path, command: Command, keys: list[object], trust: list[object]
) -> None:
    """Sign --detached UNIQUE_ID... --submit, then query, retrieve and verify."""
    (first, one), (second, two) = _document(tmp_path, site), _document(tmp_path, site)
    _submitted(site, first)
    _submitted(site, second)
    arguments = [*keys, *_urls(site), "--submit", "--purpose", "validation", "--json"]
    code, out, err = command("sign", "--detached", one, two, *arguments)
    assert (0, "") == (code, err)
    facts = json.loads(out)
    assert ([one, two], "Success") == (facts["documents"], facts["status"])

    entries, links = _related(site, two)
    assert [(facts["unique_id"], two)] == links
    (signature,) = [entry for entry in entries.values() if entry.unique_id == facts["unique_id"]]
    assert ("text/xml", "art", "Validation Signature") == (
        signature.mime_type,
        signature.language_code,
        signature.title,
    )
    assert signature.class_code is not None
    assert "Digital Signature" == signature.class_code.display
    assert ["urn:ihe:iti:dsg:detached:2014^^1.3.6.1.4.1.19376.1.2.3"] == [
        signature.format_code and signature.format_code.key
    ]
    assert ["1.2.840.10065.1.12.1.6"] == [code.code for code in signature.event_code_list]
    code, out, _ = command("retrieve", facts["unique_id"], *_urls(site), "-o", tmp_path / "out", "--json")
    code, out, _ = command("verify", json.loads(out)["path"], *trust, *_urls(site), "--json")
    result = json.loads(out)
    assert (0, True, "detached") == (code, result["valid"], result["kind"])
    assert [(one, "passed"), (two, "passed")] == [(d["unique_id"], d["verdict"]) for d in result["documents"]]


def test_documents_and_their_signature_go_in_one_submission(
    site: Site, tmp_path: Path, command: Command, keys: list[object], trust: list[object]
) -> None:
    """One document is new and one is registered; the signature lists and links both."""
    (new, one), (old, two) = _document(tmp_path, site), _document(tmp_path, site)
    _submitted(site, old)
    output = tmp_path / "signature.xml"
    code, out, err = command("sign", "--detached", new, two, *keys, *_urls(site), "--submit", "-o", output)
    assert (0, "") == (code, err)
    unique_id = out.splitlines()[1].split()[0]
    assert [f"{output}  signs {one}, {two}", f"{unique_id}  Success  signs {one}, {two}"] == out.splitlines()
    assert [(unique_id, one)] == _related(site, one)[1]
    assert [(unique_id, two)] == _related(site, two)[1]
    assert command("verify", output, *trust, *_urls(site))[0] == 0


def test_a_submission_is_signed_as_a_whole(
    site: Site, tmp_path: Path, command: Command, keys: list[object], trust: list[object]
) -> None:
    """The signature names the SubmissionSet; verify asks the registry whether it is complete."""
    (first, one), (second, two) = _document(tmp_path, site), _document(tmp_path, site)
    output = tmp_path / "signature.xml"
    arguments = ["--submit", "--submission-set", "--purpose", "source", "-o", output]
    code, out, err = command("sign", "--detached", first, second, *keys, *_urls(site), *arguments)
    assert (0, "") == (code, err)
    signature = out.splitlines()[1].split()[0]
    code, out, _ = command("verify", output, *trust, *_urls(site), "--json")
    result = json.loads(out)
    assert (0, [one, two]) == (code, [d["unique_id"] for d in result["documents"]])
    with DocumentConsumer(site.registry) as consumer:
        assert {one, two, signature} == set(submitted_documents(consumer, result["submission_set"]))
    code, out, _ = command("verify", output, *trust, "--document", first, "--document", second)
    assert (1, True) == (code, "not known whether submission" in out)


def test_the_signature_of_another_submission_is_found(
    site: Site, tmp_path: Path, command: Command, keys: list[object], trust: list[object]
) -> None:
    """It was made for a submission that was never sent, over a document that was sent in another."""
    path, unique_id = _document(tmp_path, site)
    _submitted(site, path)
    content = derive(path)[1]
    with DocumentConsumer(site.registry) as consumer:
        parameters = {"$uuid": (ParameterSlot((str(consumer.get_documents([unique_id])[0].entry_uuid),), listed=True),)}
        sets = consumer.query(StoredQuery(query_id=GET_SUBMISSION_SETS.query_id, parameters=parameters)).submission_sets
    output = tmp_path / "signature.xml"
    for named, words in (("1.2.250.1.999.48", f"it lacks {unique_id}"), (str(sets[0].unique_id), "does not hold this")):
        output.write_bytes(sign_documents({unique_id: content}, signer(), submission_set=named))
        code, out, _ = command("verify", output, *trust, *_urls(site))
        assert (1, True) == (code, words in out), out
        assert "but its submission was changed" in out


def test_a_signature_by_an_author_of_the_document_is_that_author(site: Site, tmp_path: Path) -> None:
    """The certificate names the person by the identifier that the document has."""
    path, _ = _document(tmp_path, site)
    derived, content = derive(path)
    for entry in (derived.entry, replace(derived.entry, authors=())):
        person = entry.authors[0].person if entry.authors else entry.legal_authenticator
        assert person is not None
        credentials = pki.signer(common=person.id_number)
        signature = sign_documents({str(entry.unique_id): content}, credentials)
        made = signature_submission(signature, [SignedEntry(entry=entry, content=content)])
        assert [person.text] == [author.person and author.person.text for author in made.document_entries[-1].authors]


@pytest.mark.parametrize(
    ("credentials", "person"),
    [
        (pki.signer(common="899700000001"), "^MARTEL^Hugo"),
        (pki.signer(common="Cachet ^ & CHU", person=False), "^Cachet CHU"),
        (pki.signer(common="^", person=False), None),
    ],
)
def test_a_signer_whom_the_document_does_not_know_is_named_as_in_the_certificate(
    site: Site, tmp_path: Path, credentials: Credentials, person: str | None
) -> None:
    path, unique_id = _document(tmp_path, site)
    derived, content = derive(path)
    signature = sign_documents({unique_id: content}, credentials)
    made = signature_submission(signature, [SignedEntry(entry=derived.entry, content=content)])
    (author,) = made.document_entries[-1].authors
    assert (person, ("Centre Hospitalier de Test",)) == (author.person and author.person.text, author.institutions)
    with DocumentSource(site.repository) as source:
        assert source.submit(made).is_success


def test_a_document_that_nobody_keeps_is_not_compared(
    site: Site, tmp_path: Path, command: Command, trust: list[object]
) -> None:
    output = tmp_path / "signature.xml"
    output.write_bytes(sign_documents({"1.2.250.1.999.47": BytesContent(b"x")}, signer()))
    code, out, _ = command("verify", output, *trust, *_urls(site))
    assert (1, True) == (code, "NOT CHECKED" in out)


def test_files_of_any_kind_are_signed_without_a_registry(
    tmp_path: Path, command: Command, keys: list[object], trust: list[object]
) -> None:
    scan, output = tmp_path / "scan.pdf", tmp_path / "signature.xml"
    scan.write_bytes(b"%PDF")
    item = f"1.2.250.1.999.42={scan}"
    assert command("sign", "--detached", item, *keys, "-o", output)[0] == 0
    code, out, _ = command("verify", output, *trust)
    assert code == 1
    assert "NOT CHECKED: not at hand, so not compared: 1.2.250.1.999.42" in out
    assert "NOT VALID: signed by a trusted signer, but not every document that it names was compared" in out
    assert command("verify", output, *trust, "--document", item)[0] == 0
    scan.write_bytes(b"%PDF ")
    code, out, _ = command("verify", output, *trust, "--document", item)
    assert (1, True) == (code, "FAILED: not the bytes that were signed: 1.2.250.1.999.42" in out)


def test_a_signature_of_nobody_known_is_no_success(
    tmp_path: Path, command: Command, keys: list[object], site: Site
) -> None:
    path, _ = _document(tmp_path, site)
    signed = tmp_path / "signed.xml"
    command("sign", path, *keys, "-o", signed)
    code, out, _ = command("verify", signed)
    assert code == 1
    assert "NOT VALID: unchanged since it was signed, but the signer is not proven" in out
    assert "(as the certificate says; not proven)" in out
    signed.write_bytes(signed.read_bytes().replace(b"</title>", b" </title>", 1))
    code, out, _ = command("verify", signed)
    assert (1, True, False) == (code, "NO VALID SIGNATURE" in out, "signed by" in out)


def test_without_output_the_signed_document_goes_to_standard_output(
    site: Site, tmp_path: Path, keys: list[object], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path, _ = _document(tmp_path, site)
    assert run(["sign", str(path), *map(str, keys)]) == 0
    out, err = capfdbinary.readouterr()
    assert b"" == err
    assert path.read_bytes()[:500] == out[:500]
    assert b"SignatureValue" in out


def test_a_signature_that_is_refused_says_why(site: Site, tmp_path: Path, command: Command, keys: list[object]) -> None:
    """A document that is registered with other bytes makes the repository refuse the whole submission."""
    path, unique_id = _document(tmp_path, site)
    _submitted(site, path)
    path.write_bytes(path.read_bytes().replace(b"</title>", b" </title>", 1))
    arguments = ["sign", "--detached", path, *keys, *_urls(site), "--submit"]
    code, out, err = command(*arguments)
    assert (1, "") == (code, out)
    assert "the signature refused by" in err
    assert unique_id in err
    code, out, _ = command(*arguments, "--json")
    assert (1, "Failure") == (code, json.loads(out)["status"])


def test_the_passphrase_comes_from_the_environment(
    site: Site, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = _document(tmp_path, site)
    key, certificate, _ = pki.save(tmp_path, signer(), "open sesame")
    arguments = ["sign", path, "--key", key, "--cert", certificate, "-o", tmp_path / "signed.xml"]
    code, _, err = command(*arguments)
    assert (2, True) == (code, "XDS_SIGNING_PASSPHRASE" in err)
    monkeypatch.setenv("XDS_SIGNING_PASSPHRASE", "open sesame")
    assert command(*arguments)[0] == 0
    monkeypatch.setenv("OTHER", "wrong")
    code, _, err = command(*arguments, "--passphrase-env", "OTHER")
    assert (2, False) == (code, "wrong." in err)
    assert "the passphrase is wrong" in err


def test_the_passphrase_is_asked_for_on_a_terminal(
    site: Site, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, object]] = []

    def prompt(text: str, **options: object) -> str:
        asked.append((text, options["hide_input"]))
        return "open sesame"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "prompt", prompt)
    path, _ = _document(tmp_path, site)
    key, certificate, _ = pki.save(tmp_path, signer(), "open sesame")
    assert command("sign", path, "--key", key, "--cert", certificate, "-o", tmp_path / "signed.xml")[0] == 0
    assert [(f"Passphrase of {key}", True)] == asked


def test_a_key_that_everybody_can_read_is_told(
    site: Site, tmp_path: Path, command: Command, keys: list[object]
) -> None:
    path, _ = _document(tmp_path, site)
    (tmp_path / "key.pem").chmod(0o644)
    code, _, err = command("sign", path, *keys, "-o", tmp_path / "signed.xml")
    assert code == 0
    assert "warning: " in err
    assert "can be read by its group and everybody: chmod 600" in err


def test_a_revoked_signer_is_told(
    site: Site, tmp_path: Path, command: Command, keys: list[object], trust: list[object]
) -> None:
    path, _ = _document(tmp_path, site)
    signed, revoked = tmp_path / "signed.xml", tmp_path / "revoked.crl"
    command("sign", path, *keys, "-o", signed)
    revoked.write_bytes(pki.revocation_list(signer().certificate).public_bytes(Encoding.PEM))
    code, out, _ = command("verify", signed, *trust, "--crl", revoked)
    assert (1, True) == (code, "revocation      FAILED: GN=Hugo" in out)


def test_a_policy_of_a_site_is_named_and_asked_for(
    site: Site, tmp_path: Path, command: Command, keys: list[object], trust: list[object]
) -> None:
    path, _ = _document(tmp_path, site)
    text, signed = tmp_path / "policy.txt", tmp_path / "signed.xml"
    text.write_bytes(b"Rules of this site.")
    policy = ["--policy", "1.2.250.1.999.50", "--policy-document", text]
    assert command("sign", path, *keys, *policy, "-o", signed)[0] == 0
    assert command("verify", signed, *trust, *policy)[0] == 0
    code, out, _ = command("verify", signed, *trust, "--policy", "1.2.250.1.999.51")
    assert (1, True) == (code, "urn:oid:1.2.250.1.999.51 is asked for" in out)
    assert "signed by a trusted signer, but not as asked for" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sign", "a.xml", "b.xml"], "--detached signs several"),
        (["sign", "a.xml", "--submit"], "takes --submit"),
        (["sign", "a.xml", "--purpose", "autor"], "did you mean author"),
        (["sign", "a.xml", "--policy-document", "p"], "give --policy ID"),
        (["sign", "a.xml", "--submission-set"], "goes with --detached --submit"),
        (["sign", "--detached", "1.2.3"], "client.registry"),
        (["sign", "--detached", "1.2.3", "--registry", "http://127.0.0.1:9/x"], "client.repository"),
        (
            ["sign", "--detached", f"1.2.3={__file__}", "--submit", "--repository", "http://127.0.0.1:9/x"],
            "submit the file first",
        ),
    ],
)
def test_a_wrong_use_of_sign_is_refused(arguments: list[str], words: str, command: Command, keys: list[object]) -> None:
    code, _, err = command(*arguments, *keys)
    assert (2, True) == (code, words in err), err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--document", "1.2.3"], "1.2.3=FILE"),
        (["--registry", "http://127.0.0.1:9/x"], "both --registry URL and --repository URL"),
        (["--trust", "nothing.pem"], "nothing.pem"),
    ],
)
def test_a_wrong_use_of_verify_is_refused(arguments: list[str], words: str, command: Command) -> None:
    code, _, err = command("verify", "a.xml", *arguments)
    assert (2, True) == (code, words in err), err


def test_a_document_that_cannot_be_signed_is_named(tmp_path: Path, command: Command, keys: list[object]) -> None:
    path = tmp_path / "other.xml"
    path.write_bytes(b"<a/>")
    code, _, err = command("sign", path, *keys)
    assert (1, True) == (code, err.startswith(f"{path}: the root element is a"))


def test_a_document_that_the_registry_does_not_know_is_told(site: Site, command: Command, keys: list[object]) -> None:
    code, out, err = command("sign", "--detached", "1.2.250.1.999.49", *keys, *_urls(site))
    assert (1, "", "1.2.250.1.999.49: there is no such document\n") == (code, out, err)


def test_a_signature_is_submitted_with_the_documents_that_it_names(site: Site, tmp_path: Path) -> None:
    path, unique_id = _document(tmp_path, site)
    derived, content = derive(path)
    signed = [SignedEntry(entry=derived.entry, content=content)]
    signature = sign_documents({unique_id: content}, signer())
    with pytest.raises(ConfigError, match="other documents than those given"):
        signature_submission(signature, [])
    of_set = sign_documents({unique_id: content}, signer(), submission_set="1.2.3")
    with pytest.raises(ConfigError, match="registered already"):
        signature_submission(of_set, [SignedEntry(entry=derived.entry)])
    for broken in (signature.replace(b"urn:oid:1", b"urn:oid:2"), sign_cda(path.read_bytes(), signer())):
        with pytest.raises(ConfigError, match="no intact signature document"):
            signature_submission(broken, signed)
