"""What is forged, changed, moved, weak or not trusted never passes, and the check that fails says why."""

from __future__ import annotations

import re
import socket
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import pki
from tests.signing import (
    BLOCK,
    DOCUMENT,
    END,
    START,
    TRUSTING,
    Mutation,
    block,
    crafted,
    failed,
    only_failure,
    placed,
    replaced,
    signed,
    signer,
)
from xds_adapter.signature import (
    ENVELOPED_POLICY,
    CheckName,
    Credentials,
    SignaturePolicy,
    VerificationSettings,
    reading,
    sign_cda,
    sign_documents,
    verify,
)
from xds_adapter.signature import block as writing
from xds_adapter.signature.canonical import canonical_document, hidden_prefix_fault
from xds_adapter.soap import BytesContent
from xds_adapter.vocabulary import signature as names
from xds_adapter.xmlio import parse_signed

DETACHED = sign_documents({"1.2.3": BytesContent(b"x"), "1.2.4": BytesContent(b"y")}, signer())
FORM, COVERAGE, INTEGRITY = CheckName.FORM, CheckName.COVERAGE, CheckName.INTEGRITY
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XPATH2 = "http://www.w3.org/2002/06/xmldsig-filter2"
BASE64 = "http://www.w3.org/2000/09/xmldsig#base64"
HMAC = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
RSA_SHA_1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"


def _without_block(document: bytes) -> bytes:
    return BLOCK.sub(b"", document)


def _moved_to_end(document: bytes) -> bytes:
    """The signature leaves its place; what it covers is the same."""
    bare = _without_block(document)
    return bare.replace(b"</ClinicalDocument>", block(document) + b"</ClinicalDocument>")


def _moved_into_narrative(document: bytes) -> bytes:
    return _without_block(document).replace(b"<text>", b"<text>" + block(document))


def _wrapped(document: bytes) -> bytes:
    """The signed document becomes a part of a forged one."""
    original = document.partition(b"?>\n<Cl")[2]
    inner = b"<Cl" + original.replace(b"10 mGy", b"10 mGy")
    forged = DOCUMENT.replace(b"10 mGy", b"99 mGy").rstrip()
    return forged.removesuffix(b"</ClinicalDocument>") + b"<hidden>" + inner + b"</hidden></ClinicalDocument>"


def _original_inside_signature(document: bytes) -> bytes:
    """The forged document carries the signature, the signature carries the original in an Object."""
    original = _without_block(document).replace(START.encode() + END.encode(), b"").partition(b"?>\n<Cl")[2]
    hidden = b'<ds:Object Id="x"><Cl' + original.rstrip() + b"</ds:Object></ds:Signature>"
    return document.replace(b"10 mGy", b"99 mGy").replace(b"</ds:Signature>", hidden)


def _second_legal_authenticator(document: bytes) -> bytes:
    place = b"<legalAuthenticator>" + START.encode() + END.encode() + b"</legalAuthenticator>"
    return document.replace(b"<component><structuredBody>", place + b"<component><structuredBody>")


def _signature_of_another_document(document: bytes) -> bytes:
    other = sign_cda(document.replace(block(document), b"").replace(START.encode() + END.encode(), b""), signer())
    return placed(block(other), DOCUMENT.replace(b"10 mGy", b"11 mGy"))


def _properties_twice(document: bytes) -> bytes:
    """Two elements with the id of the signed properties: which one is covered?"""
    found = re.search(rb"<xades:QualifyingProperties.*</xades:QualifyingProperties>", document)
    assert found is not None
    return document.replace(found.group(), found.group() + found.group().replace(b' Id="', b' Id="x'))


def _id_in_document(document: bytes) -> bytes:
    found = re.search(rb'SignedProperties Id="([^"]*)"', document)
    assert found is not None
    return document.replace(b'ID="p1"', b'ID="' + found.group(1) + b'"')


def _properties_moved(document: bytes) -> bytes:
    """The signed properties leave the signature for the document; the signature has others, not covered."""
    found = re.search(rb"<ds:Object>(<xades:QualifyingProperties.*</xades:QualifyingProperties>)</ds:Object>", document)
    assert found is not None
    other = re.sub(rb'(SignedProperties Id=")', rb"\1x", found.group())
    theirs = found.group(1).replace(b" xmlns:xades", b' xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:xades', 1)
    return document.replace(found.group(), other).replace(b"<text>", b"<text>" + theirs)


def _reference_to_narrative(document: bytes) -> bytes:
    return re.sub(rb'(<ds:Reference[^>]*) URI=""', rb'\1 URI="#p1"', document)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a document names is ever fetched."""

    def connect(*_: object) -> None:
        pytest.fail("a connection was made")

    monkeypatch.setattr(socket, "socket", connect)


CHANGED: list[tuple[str, Mutation, CheckName, str]] = [
    ("a byte of the narrative", replaced("10 mGy", "11 mGy"), INTEGRITY, "the document"),
    ("a blank", replaced("10 mGy", "10  mGy"), INTEGRITY, "the document"),
    ("an attribute", replaced('extension="801234560801"', 'extension="801234560802"'), INTEGRITY, "the document"),
    ("an added attribute", replaced("<title>", '<title nullFlavor="NI">'), INTEGRITY, "the document"),
    ("an added element", replaced("<text>", "<title/><text>"), INTEGRITY, "the document"),
    ("another style sheet", replaced("cda.xsl", "evil.xsl"), INTEGRITY, "the document"),
    (
        "an added style sheet",
        replaced("<ClinicalDocument", "<?xml-stylesheet?><ClinicalDocument"),
        INTEGRITY,
        "document",
    ),
    (
        "a removed style sheet",
        replaced('<?xml-stylesheet type="text/xsl" href="cda.xsl"?>\n', ""),
        INTEGRITY,
        "document",
    ),
    ("an instruction in the narrative", replaced("10 mGy", "10 <?x?>mGy"), INTEGRITY, "the document"),
    ("the media type of the place", replaced('mediaType="text/xml"', 'mediaType="text/html"'), INTEGRITY, "document"),
    ("the time of signing", replaced("<xades:SigningTime>2", "<xades:SigningTime>1"), INTEGRITY, "SignedProperties"),
    ("the purpose", replaced("Author's Signature", "Consent Signature"), INTEGRITY, "SignedProperties"),
    ("the policy", replaced("urn:oid:2.25.", "urn:oid:2.26."), INTEGRITY, "SignedProperties"),
    ("the signature value", replaced("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"), INTEGRITY, "forged"),
    ("a digest", replaced("<ds:DigestValue>", "<ds:DigestValue>AAAA"), INTEGRITY, "forged"),
    ("the form of SignedInfo", replaced("xml-exc-c14n#", "xml-exc-c14n#WithComments"), INTEGRITY, "forged"),
    ("the id of a reference", replaced('<ds:Reference Id="', '<ds:Reference Id="x'), INTEGRITY, "forged"),
]

MOVED: list[tuple[str, Mutation, CheckName, str]] = [
    ("removed", _without_block, FORM, "is not signed"),
    ("at the end of the document", _moved_to_end, FORM, "is no place"),
    ("in the narrative", _moved_into_narrative, FORM, "is no place"),
    ("in a document inside the document", _wrapped, FORM, "is no place"),
    ("with the original inside", _original_inside_signature, INTEGRITY, "the document"),
    ("with a second place", _second_legal_authenticator, FORM, "is no place"),
    ("of another document", _signature_of_another_document, INTEGRITY, "the document"),
    ("with properties twice", _properties_twice, FORM, "2 SignedProperties"),
    ("with its id in the document", _id_in_document, COVERAGE, "2 elements have the id"),
    ("with properties in the document", _properties_moved, COVERAGE, "a part only"),
    ("on the narrative alone", _reference_to_narrative, COVERAGE, "0 references cover the whole document"),
    ("with a reference to itself", replaced('URI=""', 'URI="#signature"'), COVERAGE, "0 references"),
    ("twice", lambda d: d.replace(block(d), block(d) * 2), FORM, "2 signatures"),
    (
        "inside itself",
        lambda d: d.replace(b"</ds:Object>", b"<ds:Object>" + block(d) + b"</ds:Object></ds:Object>"),
        FORM,
        "2",
    ),
    ("without certificate", lambda d: re.sub(rb"<ds:X509Certificate>.*?</ds:X509Certificate>", b"", d), FORM, "schema"),
    ("without KeyInfo", lambda d: re.sub(rb"<ds:KeyInfo>.*</ds:KeyInfo>", b"", d), FORM, "no certificate"),
    ("with an unknown part", replaced("<ds:KeyInfo>", "<ds:More/><ds:KeyInfo>"), FORM, "schema"),
    ("with SignedInfo twice", lambda d: re.sub(rb"(<ds:SignedInfo>.*</ds:SignedInfo>)", rb"\1\1", d), FORM, "schema"),
]

NOT_ACCEPTED: list[tuple[str, Mutation, CheckName, str]] = [
    ("RSA with SHA-1", replaced(names.ECDSA_SHA_256, RSA_SHA_1), FORM, "rsa-sha1 is not accepted"),
    (
        "a SHA-1 digest",
        replaced(f'DigestMethod Algorithm="{names.SHA_256}"', f'DigestMethod Algorithm="{names.SHA_1}"'),
        FORM,
        "sha1 is not",
    ),
    ("HMAC", replaced(names.ECDSA_SHA_256, HMAC), FORM, "hmac-sha256 is not accepted"),
    ("an unknown form", replaced("xml-exc-c14n#", "xml-other#"), FORM, "xml-other# is not accepted"),
    ("no document type", replaced("<?xml-stylesheet", "<!DOCTYPE a><?xml-stylesheet"), FORM, "DTD"),
    ("an entity", replaced("10 mGy", "&dose;"), FORM, "cannot be read"),
    ("a file", replaced('URI=""', 'URI="file:///etc/hostname"'), COVERAGE, "leads out"),
    ("a server", replaced('URI=""', 'URI="http://127.0.0.1:9/x"'), COVERAGE, "nothing is fetched"),
    ("a relative address", replaced('URI=""', 'URI="x.xml"'), COVERAGE, "leads out"),
    ("an XPointer", replaced('URI=""', 'URI="#xpointer(/)"'), COVERAGE, "0 references"),
    ("no address", replaced(' URI=""', ""), COVERAGE, "no URI"),
    ("a value that is not base64", replaced("<ds:SignatureValue>", "<ds:SignatureValue>!"), FORM, "not base64"),
    (
        "a certificate that is none",
        replaced("<ds:X509Certificate>MI", "<ds:X509Certificate>AA"),
        FORM,
        "cannot be read",
    ),
]


@pytest.mark.parametrize(
    ("mutation", "name", "words"), [case[1:] for case in CHANGED], ids=[case[0] for case in CHANGED]
)
def test_what_changed_after_signing_is_found(mutation: Mutation, name: CheckName, words: str) -> None:
    found = only_failure(mutation(signed()))
    assert found[0] == name
    assert words in found[1]


@pytest.mark.parametrize(("mutation", "name", "words"), [case[1:] for case in MOVED], ids=[case[0] for case in MOVED])
def test_a_signature_that_moved_or_covers_something_else_is_refused(
    mutation: Mutation, name: CheckName, words: str
) -> None:
    found = only_failure(mutation(signed()))
    assert found[0] == name, found
    assert words in found[1]


@pytest.mark.parametrize(
    ("mutation", "name", "words"), [case[1:] for case in NOT_ACCEPTED], ids=[case[0] for case in NOT_ACCEPTED]
)
def test_what_is_weak_or_leads_elsewhere_is_refused(mutation: Mutation, name: CheckName, words: str) -> None:
    found = only_failure(mutation(signed()))
    assert found[0] == name, found
    assert words in found[1]


@pytest.mark.parametrize(
    "transforms",
    [
        (names.ENVELOPED_TRANSFORM, XSLT),
        (names.ENVELOPED_TRANSFORM, XPATH),
        (XPATH2,),
        (names.ENVELOPED_TRANSFORM, BASE64),
        (names.EXCLUSIVE_C14N,),
        (),
        (names.EXCLUSIVE_C14N, names.ENVELOPED_TRANSFORM),
        (names.ENVELOPED_TRANSFORM, names.EXCLUSIVE_C14N, names.EXCLUSIVE_C14N),
    ],
)
def test_a_key_holder_cannot_have_the_document_transformed(transforms: tuple[str, ...]) -> None:
    """The signature value is genuine; a transform could make it cover anything."""
    name, words = only_failure(crafted(transforms=transforms))
    assert name == COVERAGE
    assert "transforms" in words


def test_a_key_holder_cannot_cover_a_part_of_the_document() -> None:
    name, words = only_failure(crafted(uri="#p1", transforms=(names.EXCLUSIVE_C14N,), octets=b"<a/>"))
    assert (COVERAGE, "0 references") == (name, words[:12])


def test_a_key_holder_cannot_cover_another_object_of_the_signature() -> None:
    objects = '<ds:Object Id="other"><a/></ds:Object>'
    name, _ = only_failure(crafted(uri="#other", transforms=(names.EXCLUSIVE_C14N,), objects=objects))
    assert COVERAGE == name


def test_another_key_under_the_same_certificate_is_found() -> None:
    mixed = Credentials(key=pki.key("p256", 5), chain=signer().chain)
    name, words = only_failure(crafted(credentials=mixed))
    assert INTEGRITY == name
    assert "not that of the certificate's key" in words


def test_another_certificate_under_the_same_name_is_found() -> None:
    """The signed properties hold the digest of the signer's certificate, so it cannot be exchanged."""
    other = pki.pem(pki.signer(number=5).certificate)
    theirs = b"".join(other.splitlines()[1:-1])
    document = re.sub(rb"(<ds:X509Certificate>)[^<]*", lambda found: found[1] + theirs, signed(), count=1)
    name, words = only_failure(document)
    assert CheckName.PROPERTIES == name
    assert "not in the signature" in words


WEAK = [("rsa1024", "1024 bits"), ("secp256k1", "secp256k1")]


@pytest.mark.parametrize(("kind", "words"), WEAK)
def test_a_weak_key_is_refused(kind: str, words: str) -> None:
    found = only_failure(crafted(credentials=pki.signer(kind)))
    assert CheckName.CERTIFICATE == found[0]
    assert words in found[1]


@pytest.mark.parametrize(
    ("use", "words"),
    [(("key_encipherment",), "not for signatures"), (None, "keyUsage is missing")],
)
def test_a_certificate_for_something_else_is_refused(use: tuple[str, ...] | None, words: str) -> None:
    found = only_failure(crafted(credentials=pki.signer(use=use)))
    assert CheckName.CERTIFICATE == found[0]
    assert words in found[1]


def test_a_certificate_for_nonrepudiation_alone_will_do() -> None:
    """So are those of the cards of health professionals."""
    credentials = pki.signer(use=("content_commitment",))
    assert verify(sign_cda(DOCUMENT, credentials), TRUSTING).is_valid


DAY = timedelta(days=1)


def test_an_expired_certificate_fails_unless_the_time_of_signing_is_asked_for() -> None:
    old = pki.signer(begin=pki.TODAY - pki.YEAR, end=pki.TODAY - 30 * DAY)
    document = sign_cda(DOCUMENT, old, moment=pki.TODAY - 60 * DAY)
    name, words = only_failure(document)
    assert CheckName.TIME == name
    assert "expired on" in words
    assert "nothing but the signer's word" in words
    assert verify(document, VerificationSettings(anchors=(pki.root(),), at_signing_time=True)).is_valid


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (pki.TODAY - 2 * pki.YEAR, "was not valid before"),
        (pki.TODAY + DAY, "is still to come"),
    ],
)
@pytest.mark.parametrize("at_signing_time", [True, False])
def test_a_time_of_signing_that_cannot_be_is_found(moment: datetime, words: str, at_signing_time: bool) -> None:
    document = sign_cda(DOCUMENT, signer(), moment=moment)
    settings = VerificationSettings(anchors=(pki.root(),), at_signing_time=at_signing_time)
    found = failed(verify(document, settings))
    assert words in found[CheckName.TIME]


def test_without_anchors_nobody_is_trusted() -> None:
    result = verify(signed())
    assert {CheckName.TRUST: "no trust anchor was given: who signed is not known"} == failed(result)
    assert (True, False, False) == (result.is_intact, result.is_trusted, result.is_valid)


def test_a_policy_that_is_asked_for_must_be_named() -> None:
    asked = VerificationSettings(anchors=(pki.root(),), policy=ENVELOPED_POLICY)
    assert verify(signed(), asked).is_valid
    other = VerificationSettings(anchors=(pki.root(),), policy=SignaturePolicy.of("1.2.3"))
    assert "urn:oid:1.2.3 is asked for" in only_failure(signed(), other)[1]
    text = SignaturePolicy.of(ENVELOPED_POLICY.identifier, b"another text")
    name, words = only_failure(signed(), VerificationSettings(anchors=(pki.root(),), policy=text))
    assert CheckName.POLICY == name
    assert "another text" in words


def test_a_signature_without_policy_fails_when_one_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_policy", lambda _: "")
    document = sign_cda(DOCUMENT, signer())
    assert verify(document, TRUSTING).is_valid
    name, words = only_failure(document, VerificationSettings(anchors=(pki.root(),), policy=ENVELOPED_POLICY))
    assert CheckName.POLICY == name
    assert "no signature policy is named" in words


PROPERTIES = [
    (r"<xades:SigningTime>[^<]*</xades:SigningTime>", "", "no SigningTime"),
    (r"<xades:SigningCertificateV2>.*</xades:SigningCertificateV2>", "", "which certificate signed"),
    (r"(CertDigest><ds:DigestMethod Algorithm=)\"[^\"]*", rf'\1"{names.SHA_1}', "sha1 is not accepted"),
    (r"Target=\"#", 'Target="#x', "of another signature"),
]


@pytest.mark.parametrize(("pattern", "new", "words"), PROPERTIES)
def test_signed_properties_that_say_too_little_fail(
    pattern: str, new: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = writing._properties
    monkeypatch.setattr(writing, "_properties", lambda *given: re.sub(pattern, new, written(*given)))
    name, found = only_failure(sign_cda(DOCUMENT, signer()))
    assert CheckName.PROPERTIES == name
    assert words in found


def test_a_document_beyond_the_limits_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_OCTETS", len(signed()) - 1)
    assert "are read at most" in only_failure(signed())[1]


def test_a_text_beyond_the_parser_s_limit_is_refused() -> None:
    assert FORM == only_failure(signed().replace(b"Dose", b"x" * 10_000_001))[0]


def test_too_many_certificates_are_refused() -> None:
    document = re.sub(rb"(<ds:X509Certificate>.*?</ds:X509Certificate>)", rb"\1" * 6, signed())
    assert "12 certificates" in only_failure(document)[1]


def test_too_many_references_are_refused() -> None:
    document = re.sub(rb'(<ds:Reference) Id="[^"]*"(.*?</ds:Reference>)', rb"\1\2" * 1000, signed())
    assert "1001 references" in only_failure(document)[1]


def test_what_is_no_xml_is_refused() -> None:
    assert FORM == only_failure(b"no xml")[0]


@given(data=st.data())
def test_no_single_change_goes_unnoticed(data: st.DataObject) -> None:
    """Any octet, anywhere: what still verifies covers the same, and nothing raises."""
    document = bytearray(signed())
    place = data.draw(st.integers(0, len(document) - 1))
    document[place] = data.draw(st.sampled_from(b"<>/&;:#=\"' \tAaZz09\x00\xff"))
    result = verify(bytes(document), TRUSTING)
    if result.is_valid:
        assert verify(signed(), TRUSTING).signed_octets == result.signed_octets


INSERTED = [
    b"<?x?>",
    b"<!-- -->",
    b"<a/>",
    b"<ds:Object/>",
    b'<x xmlns="y"/>',
    b"<![CDATA[]]>",
    b"&#65;",
    b' xml:id="p1"',
    b" ",
]


@given(data=st.data())
def test_nothing_can_be_inserted_unnoticed(data: st.DataObject) -> None:
    """Beside another octet in every place: an instruction, an element, an attribute, also in the signature itself."""
    document = data.draw(st.sampled_from([signed(), DETACHED]))
    place = data.draw(st.sampled_from([found.start() for found in re.finditer(rb"[<>/ ]", document)]))
    result = verify(document[:place] + data.draw(st.sampled_from(INSERTED)) + document[place:], TRUSTING)
    if result.is_intact:
        assert verify(document, TRUSTING).signed_octets == result.signed_octets
        assert verify(document, TRUSTING).documents == result.documents


@pytest.mark.parametrize(
    "place", [b"<ds:SignedInfo>", b"<ds:CanonicalizationMethod", b"<ds:DigestValue>", b"<xades:Cert>"]
)
def test_an_instruction_in_the_signature_is_refused(place: bytes) -> None:
    name, words = only_failure(signed().replace(place, b"<?x?>" + place, 1))
    assert (FORM, True) == (name, "processing instruction" in words)


TYPED = DOCUMENT.replace(b"<title>", b'<title xmlns:x="urn:hl7-org:v3" xsi:type="x:ST">')


def test_what_a_prefixed_type_means_is_covered() -> None:
    document = sign_cda(TYPED, signer())
    assert verify(document, TRUSTING).is_valid
    changed = document.replace(b'xmlns:x="urn:hl7-org:v3"', b'xmlns:x="urn:other"')
    assert INTEGRITY == only_failure(changed)[0]


@pytest.mark.parametrize(
    ("attributes", "prefixes", "covered"),
    [
        (b'xmlns:x="urn:hl7-org:v3" xsi:type="x:ST"', (), False),
        (b'xmlns:x="urn:hl7-org:v3" xsi:type="x:ST"', ("x",), True),
        (b'xmlns:x="urn:hl7-org:v3" xsi:type="x:ST" x:a=""', (), True),
        (b'xsi:type="ST"', (), True),
        (b'xsi:type="xsi:ST"', (), True),
    ],
)
def test_the_exclusive_form_may_leave_a_type_open(attributes: bytes, prefixes: tuple[str, ...], covered: bool) -> None:
    root = parse_signed(DOCUMENT.replace(b"<title>", b"<title " + attributes + b">"))
    fault = hidden_prefix_fault(root, names.EXCLUSIVE_C14N, prefixes)
    assert covered == (fault is None)
    assert hidden_prefix_fault(root, names.C14N_11, ()) is None


def test_a_foreign_signature_that_leaves_a_type_open_is_refused() -> None:
    place = TYPED.partition(b"<assignedEntity>")
    whole = b"".join((place[0], START.encode(), END.encode(), place[1], place[2]))
    octets = canonical_document(parse_signed(whole), names.EXCLUSIVE_C14N)
    made = crafted(transforms=(names.ENVELOPED_TRANSFORM, names.EXCLUSIVE_C14N), octets=octets)
    name, words = only_failure(placed(block(made), TYPED))
    assert (COVERAGE, True) == (name, "xsi:type=x:" in words)
