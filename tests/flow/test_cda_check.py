"""Submitted CDA documents, checked or not, over a real server: what is stored, what is answered, who waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cda_cases import report_case
from tests.flow.running import EMPTY, Site, running, settled_footprint
from tests.flow.submissions import numbered
from tests.flow.test_large_documents import MB, level_1_cda, pdf
from tests.rule_packs import XSD, write_pack
from xds_adapter import DocumentSource, RemoteRefusal
from xds_adapter.app import Installation
from xds_adapter.cda.build import build
from xds_adapter.cli.main import run
from xds_adapter.config import RepositorySettings, ServerSettings, Settings
from xds_adapter.datatypes import Coded
from xds_adapter.errors import ConfigError
from xds_adapter.model import Outcome
from xds_adapter.schematron.layout import PROFILES, XSD_FILE
from xds_adapter.vocabulary.status import Severity

REPORT = build("imaging-report", report_case())
BROKEN = REPORT.replace(b'<realmCode code="FR"', b'<realmCode code="XX"')
FRENCH_FORMAT = Coded("urn:ans:ci-sis:img-da:2022", "1.2.250.1.213.1.1.4.2.282", "Demande")

_HEAD = 'xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"'
_OFFICIAL = f"""<schema {_HEAD}><ns prefix="cda" uri="urn:hl7-org:v3"/>
  <pattern id="flow">
    <rule context="cda:ClinicalDocument[cda:title = 'OFFICIAL']">
      <assert test="false()">refused officially</assert></rule>
    <rule context="cda:ClinicalDocument[cda:title = 'ODD']"><assert test="false()" role="warning">odd</assert></rule>
    <rule context="cda:ClinicalDocument[cda:title = 'MANY']">
      <assert test="false()"><value-of select="1"/></assert></rule>
    <rule context="cda:ClinicalDocument[cda:title = 'SLOW']">
      <assert test="sum(for $i in 1 to 100000, $j in 1 to 100000 return $i mod ($j + 1)) = 1">slow</assert></rule>
    <rule context="*[ancestor::cda:ClinicalDocument/cda:title = 'MANY']">
      <assert test="false()">one of many</assert></rule>
  </pattern></schema>"""
_NOTHING = f"<schema {_HEAD}/>"


def titled(title: str) -> bytes:
    """A report that the built-in rules accept, with a title of which the pack makes something."""
    before, _, rest = REPORT.partition(b"<title>")
    return before + b"<title>" + title.encode() + b"</title>" + rest.partition(b"</title>")[2]


def pack(folder: Path) -> Path:
    changes: dict[str, str | None] = dict.fromkeys(PROFILES.values(), _NOTHING)
    # Its XML schema leaves everything to the Schematron.
    changes |= {PROFILES["header"]: _OFFICIAL, XSD_FILE: XSD.replace('"lax"', '"skip"')}
    return write_pack(folder / "pack", changes)


@contextmanager
def checking(folder: Path, mode: str, *, with_pack: bool = False, threads: int = 32, **more: Any) -> Iterator[Site]:
    if with_pack:
        pytest.importorskip("saxonche", reason="needs the extra schematron")
        more["cda_rules"] = pack(folder)
    chosen = Settings(repository=RepositorySettings(cda_check=mode, **more), server=ServerSettings(threads=threads))
    with running(folder / "data", chosen) as site:
        yield site


def submitted(site: Site, content: bytes, number: int = 1, **changes: Any) -> Outcome:
    with DocumentSource(site.repository) as source:
        return source.submit(numbered(number, content, **changes))


def refused(site: Site, content: bytes, number: int = 1, **changes: Any) -> Outcome:
    with pytest.raises(RemoteRefusal) as caught:
        submitted(site, content, number, **changes)
    return caught.value.outcome


def rule(context: str) -> str:
    return context.rpartition("[")[2].rstrip("]")


def told(outcome: Outcome) -> list[tuple[str, str, bool]]:
    """Code, rule and whether it is an error, of each thing told."""
    return [(error.code, rule(error.code_context), error.severity is Severity.ERROR) for error in outcome.errors]


INVALID = "InvalidDocumentContent"


def test_nothing_is_checked_unless_it_is_asked_for(tmp_path: Path) -> None:
    with running(tmp_path / "data") as site:
        assert () == submitted(site, BROKEN).errors


def test_warn_takes_a_broken_document_and_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    with checking(tmp_path, "warn") as site:
        outcome = submitted(site, BROKEN)
        assert (INVALID, "CDA-013", False) in told(outcome)
        assert {False} == {is_error for _, _, is_error in told(outcome)}
        assert () == submitted(site, REPORT, 2).errors


def test_refuse_stores_nothing_and_tells_each_finding_with_its_place(tmp_path: Path) -> None:
    with checking(tmp_path, "refuse") as site:
        outcome = refused(site, BROKEN)
        assert (INVALID, "CDA-013", True) in told(outcome)
        error = next(each for each in outcome.errors if "CDA-013" in each.code_context)
        assert error.location.startswith("DocumentEntry 1.2.250.1.999.20.1, line ")
        assert error.location.endswith(", /ClinicalDocument/realmCode")
        assert "1.2.250.1.999.20.1" in error.code_context
        assert EMPTY == settled_footprint(site.data, EMPTY)
        assert () == submitted(site, REPORT).errors


OTHERS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "a file of another type": (BROKEN, {"mime_type": "application/octet-stream"}),
    "no XML": (b"%PDF-1.7", {}),
    "XML that is no CDA": (b"<html/>", {}),
    "a CDA of another country": (BROKEN.replace(b'1.2.250.1.213.1.1.1.1"', b'1.2.840.1"'), {}),
    "a CDA of a model not known here": (BROKEN.replace(b'1.2.250.1.213.1.1.1.45"', b'1.2.250.1.213.1.1.1.9"'), {}),
}


@pytest.mark.parametrize(("content", "changes"), OTHERS.values(), ids=OTHERS.keys())
def test_what_is_of_no_known_kind_is_nobodys_business(tmp_path: Path, content: bytes, changes: dict[str, Any]) -> None:
    with checking(tmp_path, "refuse") as site:
        assert () == submitted(site, content, **changes).errors


def test_a_french_format_code_alone_asks_for_the_check(tmp_path: Path) -> None:
    """What claims to be a request and is no CDA at all is refused."""
    with checking(tmp_path, "refuse") as site:
        assert [(INVALID, "CDA-002", True)] == told(refused(site, b"<html/>", format_code=FRENCH_FORMAT))


def test_a_document_with_a_dtd_is_refused_before_anything_reads_it(tmp_path: Path) -> None:
    with checking(tmp_path, "refuse", with_pack=True) as site:
        hostile = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'
        assert [(INVALID, "CDA-001", True)] == told(refused(site, hostile, format_code=FRENCH_FORMAT))


def test_the_official_rules_refuse_and_warn_too(tmp_path: Path) -> None:
    with checking(tmp_path, "refuse", with_pack=True) as site:
        assert [(INVALID, "header:flow", True)] == told(refused(site, titled("OFFICIAL")))
        assert EMPTY == settled_footprint(site.data, EMPTY)
        assert [(INVALID, "header:flow", False)] == told(submitted(site, titled("ODD")))
        assert [] == told(submitted(site, REPORT, 2))


def test_many_findings_are_told_in_part_and_counted(tmp_path: Path) -> None:
    with checking(tmp_path, "refuse", with_pack=True) as site:
        *found, last = refused(site, titled("MANY")).errors
        assert 20 == len(found)
        assert "REPO-009" == rule(last.code_context)
        assert " more errors and 0 more warnings" in last.code_context


def test_what_takes_too_long_is_refused_for_good_and_nothing_is_stored(tmp_path: Path) -> None:
    with checking(tmp_path, "refuse", with_pack=True, cda_check_limit_s=0.5) as site:
        outcome = refused(site, titled("SLOW"))
        assert [("XDSRepositoryOutOfResources", "REPO-011", True)] == told(outcome)
        assert "cannot be taken as it is" in outcome.errors[0].code_context
        assert EMPTY == settled_footprint(site.data, EMPTY)
        assert () == submitted(site, REPORT).errors


def test_what_takes_too_long_is_stored_with_a_word_where_findings_warn(tmp_path: Path) -> None:
    with checking(tmp_path, "warn", with_pack=True, cda_check_limit_s=0.5) as site:
        assert [("XDSRepositoryOutOfResources", "REPO-011", False)] == told(submitted(site, titled("SLOW")))


def test_too_many_at_a_time_are_told_to_come_again(tmp_path: Path) -> None:
    """With two threads one document may be with the rules; the next is busy, and nothing of it is stored."""
    with (
        checking(tmp_path, "refuse", with_pack=True, cda_check_limit_s=2.0, threads=2) as site,
        ThreadPoolExecutor(1) as pool,
    ):
        slow = pool.submit(refused, site, titled("SLOW"))
        time.sleep(0.7)
        assert [("XDSRepositoryBusy", "REPO-010", True)] == told(refused(site, REPORT, 2))
        slow.result()
        assert () == submitted(site, REPORT, 2).errors


def test_others_are_answered_while_a_document_is_with_the_rules(tmp_path: Path) -> None:
    with (
        checking(tmp_path, "refuse", with_pack=True, cda_check_limit_s=2.0) as site,
        ThreadPoolExecutor(1) as pool,
    ):
        slow = pool.submit(refused, site, titled("SLOW"))
        time.sleep(0.3)
        took = []
        for number in range(2, 12):
            began = time.monotonic()
            submitted(site, b"%PDF-1.7", number, mime_type="application/pdf")
            took.append(time.monotonic() - began)
        assert not slow.done()
        assert max(took) < 1.0
        assert "XDSRepositoryOutOfResources" == slow.result().errors[0].code


def test_a_level_1_document_of_30_mb_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    level_1_cda(path, pdf(30 * MB))
    with checking(tmp_path, "warn", with_pack=True) as site:
        outcome = submitted(site, path.read_bytes())
        assert outcome.is_success
        assert not [error for error in outcome.errors if rule(error.code_context) in ("CDA-001", "REPO-011")]


def test_a_broken_pack_ends_the_start(tmp_path: Path) -> None:
    folder = pack(tmp_path)
    (folder / PROFILES["ihe"]).write_text("<schema")
    settings = Settings(repository=RepositorySettings(cda_check="warn", cda_rules=folder))
    installation = Installation(settings, tmp_path / "data")
    try:
        with pytest.raises(ConfigError, match=r"IHE\.sch"):
            installation.application()
    finally:
        installation.close()


def test_a_pack_that_nobody_uses_is_a_mistake(tmp_path: Path) -> None:
    settings = Settings(repository=RepositorySettings(cda_rules=pack(tmp_path)))
    with pytest.raises(ConfigError, match=r'repository\.cda_check is "off", so nobody uses repository\.cda_rules'):
        Installation(settings, tmp_path / "data")


def test_a_pack_with_missing_files_ends_the_start_of_serve_with_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDS_ADAPTER_REPOSITORY_CDA_CHECK", "warn")
    monkeypatch.setenv("XDS_ADAPTER_REPOSITORY_CDA_RULES", str(tmp_path))
    assert 2 == run(["serve", "--data", str(tmp_path / "data"), "--port", "0"])
    assert "it lacks infrastructure/cda/CDA_extended.xsd" in capsys.readouterr().err
