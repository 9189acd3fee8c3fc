"""`query --accession`: with its issuer exactly, without issuer whoever issued it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import PATIENT
from tests.flow.running import Site, post, running
from tests.flow.submissions import mtom, numbered, unique_id
from xds_adapter.cli.main import run
from xds_adapter.client import DocumentConsumer
from xds_adapter.datatypes import DTM, CXi
from xds_adapter.vocabulary.ebrim import ReferenceIdType

ONE_ISSUER, OTHER_ISSUER = "1.2.250.1.999.1.3.27", "1.2.250.1.999.1.3.28"
REFERENCES = (
    CXi.of("ACC_1", ONE_ISSUER, ReferenceIdType.ACCESSION),
    CXi.of("ACC_1", OTHER_ISSUER, ReferenceIdType.ACCESSION),
    CXi.of("ACC_1", ONE_ISSUER, ReferenceIdType.ORDER),
    CXi.of("ACCX1", ONE_ISSUER, ReferenceIdType.ACCESSION),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(Path(tmp_path_factory.mktemp("accession")) / "data") as site:
        for number, reference in enumerate(REFERENCES, 1):
            created = DTM(f"2024030{number}")
            content_type, body = mtom(numbered(number, b"x", reference_id_list=(reference,), creation_time=created))
            assert "Success" == post(site.repository, content_type, body).status_word
        yield site


def found(site: Site, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    code = run(["query", "--registry", site.registry, "--patient", PATIENT.text, "--json", *arguments])
    captured = capsys.readouterr()
    assert (0, "") == (code, captured.err)
    return [json.loads(line)["unique_id"] for line in captured.out.splitlines()]


@pytest.mark.parametrize(
    ("accession", "numbers"),
    [
        (f"ACC_1^^^&{ONE_ISSUER}&ISO", [1]),
        (f"ACC_1^^^&{OTHER_ISSUER}&ISO", [2]),
        ("ACC_1", [1, 2]),
        ("ACCX1", [4]),
        ("acc_1", []),
    ],
)
def test_documents_are_found_by_their_accession_number(
    site: Site, capsys: pytest.CaptureFixture[str], accession: str, numbers: list[int]
) -> None:
    assert [unique_id(number) for number in numbers] == found(site, capsys, "--accession", accession)


@pytest.mark.parametrize("accession", ["ACC_1", f"ACC_1^^^&{OTHER_ISSUER}&ISO"])
def test_other_conditions_hold_as_well(site: Site, capsys: pytest.CaptureFixture[str], accession: str) -> None:
    assert [unique_id(2)] == found(site, capsys, "--accession", accession, "--since", "20240302")
    assert [] == found(site, capsys, "--accession", accession, "--since", "20240303")
    assert [] == found(site, capsys, "--accession", accession, "--status", "deprecated")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--patient", PATIENT.text, "--accession", "A^^^X"), None),
        (("--patient", PATIENT.text, "--accession", "A^^^&x&ISO"), "--accession A^^^&x&ISO"),
        (("--patient", PATIENT.text, "--accession", "^^^&1.2&ISO"), "is empty"),
        (("--unique-id", "1.2.3", "--accession", "A"), "needs --patient"),
    ],
)
def test_wrong_use_is_named(
    site: Site, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str | None
) -> None:
    code = run(["query", "--registry", site.registry, *arguments])
    err = capsys.readouterr().err
    assert (0 if words is None else 2) == code
    assert words is None or words in err


def test_a_consumer_finds_by_any_reference_id(site: Site) -> None:
    with DocumentConsumer(site.registry) as consumer:
        entries = consumer.find_documents_by_reference_id(PATIENT, REFERENCES[1:3])
    assert [unique_id(2), unique_id(3)] == [entry.unique_id for entry in entries]
