"""On-demand documents, made by a real program, given as snapshots that stay."""

from __future__ import annotations

import json
import logging
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.factories import DOCUMENT_UNIQUE_ID, PATIENT, make_document_entry, make_submission
from tests.flow.running import Site, post, running, settled_footprint
from tests.flow.running import footprint as footprint_of
from tests.flow.submissions import numbered, plain, unique_id
from xds_adapter import DocumentConsumer, DocumentSource, RemoteRefusal
from xds_adapter.app import Installation
from xds_adapter.config import RegistrySettings, RepositorySettings, ServerSettings, Settings
from xds_adapter.errors import ConfigError
from xds_adapter.model import DocumentEntry, DocumentRequest, Outcome, ParameterSlot, RetrievedDocument, StoredQuery
from xds_adapter.transactions import iti61
from xds_adapter.vocabulary.ebrim import AssociationType, DocumentEntryType
from xds_adapter.vocabulary.status import AvailabilityStatus, ResponseStatus
from xds_adapter.vocabulary.stored_queries import GET_DOCUMENTS_AND_ASSOCIATIONS
from xds_adapter.vocabulary.transactions import ITI_61

REPOSITORY = "1.2.250.1.999.5"
APPROVED, DEPRECATED = AvailabilityStatus.APPROVED, AvailabilityStatus.DEPRECATED
NOT_MADE = [("OD-008", "XDSRepositoryError")]


def program(folder: Path, source: str) -> tuple[str, ...]:
    """A program that can be started."""
    path = folder / "assemble.py"
    path.write_text(textwrap.dedent(source))
    return (sys.executable, str(path))


def gives(folder: Path, content: bytes) -> tuple[str, ...]:
    """A program that writes what lies in a file now."""
    (folder / "content").write_bytes(content)
    return program(
        folder, f"import pathlib, sys\nsys.stdout.buffer.write(pathlib.Path({str(folder)!r}, 'content').read_bytes())"
    )


def settings(command: tuple[str, ...] | None, *, limit_s: float = 20.0, **registry: Any) -> Settings:
    return Settings(
        repository=RepositorySettings(unique_id=REPOSITORY, on_demand_command=command, on_demand_limit_s=limit_s),
        registry=RegistrySettings(**registry),
        server=ServerSettings(max_document_bytes=1 << 20),
    )


@contextmanager
def site_with(folder: Path, command: tuple[str, ...] | None, **more: Any) -> Iterator[Site]:
    """A server that holds one on-demand entry."""
    with running(folder / "data", settings(command, **more)) as site:
        register(site)
        yield site


def register(site: Site) -> None:
    """Register the entry by ITI-61."""
    bare = {"creation_time": None, "hash": None, "size": None}
    entry = make_document_entry(object_type=DocumentEntryType.ON_DEMAND, repository_unique_id=REPOSITORY, **bare)
    submission = make_submission(document_entries=(entry,))
    answer = post(site.registry, *plain(iti61.encode_request(submission), ITI_61))
    assert "Success" == answer.status_word, answer.errors


@dataclass(frozen=True)
class Given:
    """A document as it was given."""

    document: RetrievedDocument
    content: bytes

    @property
    def new_unique_id(self) -> str:
        return self.document.new_document_unique_id or ""


def request(document_unique_id: str = DOCUMENT_UNIQUE_ID) -> DocumentRequest:
    return DocumentRequest(repository_unique_id=REPOSITORY, document_unique_id=document_unique_id)


def retrieve(site: Site, *requests: DocumentRequest) -> tuple[Outcome, list[Given]]:
    with (
        DocumentConsumer(repository=site.repository) as consumer,
        consumer.retrieve_by_id(requests or [request()]) as documents,
    ):
        given = [Given(document, b"".join(document.content.chunks())) for document in documents]
        return documents.outcome, given


def given_by(site: Site) -> Given:
    outcome, (given,) = retrieve(site)
    assert outcome.is_success
    return given


def refused(site: Site) -> list[tuple[str, str]]:
    """Rule and code of each error of a retrieve that gives nothing."""
    with pytest.raises(RemoteRefusal) as caught:
        retrieve(site)
    return [(e.code_context.rpartition("[")[2].rstrip("]"), e.code) for e in caught.value.outcome.errors]


def stable(site: Site, *status: str) -> list[DocumentEntry]:
    """The stable entries of the patient, oldest first."""
    with DocumentConsumer(site.registry) as consumer:
        return list(consumer.find_documents(PATIENT, status=status or (APPROVED,)))


def links_of(site: Site, document_unique_id: str) -> set[tuple[str | None, str | None]]:
    """Type and target of the relationships that start at a document."""
    parameters = {"$XDSDocumentEntryUniqueId": (ParameterSlot((document_unique_id,), listed=True),)}
    query = StoredQuery(query_id=GET_DOCUMENTS_AND_ASSOCIATIONS.query_id, parameters=parameters)
    with DocumentConsumer(site.registry) as consumer:
        result = consumer.query(query)
    (entry,) = result.document_entries
    return {(a.association_type, a.target_object) for a in result.associations if a.source_object == entry.entry_uuid}


@pytest.mark.parametrize("content", [b"a small one", b"L" * 500_000], ids=["small", "large"])
def test_a_document_is_made_kept_and_registered_before_it_is_given(tmp_path: Path, content: bytes) -> None:
    with site_with(tmp_path, gives(tmp_path, content)) as site:
        assert [] == stable(site)
        given = given_by(site)
        document = given.document
        assert (content, DOCUMENT_UNIQUE_ID, "text/xml") == (
            given.content,
            document.document_unique_id,
            document.mime_type,
        )
        assert (REPOSITORY, REPOSITORY) == (document.repository_unique_id, document.new_repository_unique_id)
        (entry,) = stable(site)
        assert (given.new_unique_id, document.content.sha1, len(content)) == (entry.unique_id, entry.hash, entry.size)
        expected = make_document_entry()
        assert (expected.title, expected.type_code, expected.reference_id_list, REPOSITORY) == (
            entry.title,
            entry.type_code,
            entry.reference_id_list,
            entry.repository_unique_id,
        )
        with DocumentConsumer(site.registry) as consumer:
            (on_demand,) = consumer.get_documents([DOCUMENT_UNIQUE_ID])
        assert {(AssociationType.IS_SNAPSHOT_OF, on_demand.entry_uuid)} == links_of(site, given.new_unique_id)
        _, (again,) = retrieve(site, request(given.new_unique_id))
        assert (content, None) == (again.content, again.document.new_document_unique_id)


def test_the_same_bytes_are_the_same_snapshot(tmp_path: Path) -> None:
    with site_with(tmp_path, gives(tmp_path, b"unchanged")) as site:
        first, second = given_by(site), given_by(site)
        assert first.new_unique_id == second.new_unique_id
        assert 1 == len(stable(site, APPROVED, DEPRECATED))


def test_other_bytes_replace_the_snapshot_before_which_stays_retrievable(tmp_path: Path) -> None:
    with site_with(tmp_path, gives(tmp_path, b"yesterday")) as site:
        first = given_by(site)
        (tmp_path / "content").write_bytes(b"today")
        second = given_by(site)
        former, latest = stable(site, APPROVED, DEPRECATED)
        assert [(first.new_unique_id, DEPRECATED), (second.new_unique_id, APPROVED)] == [
            (entry.unique_id, entry.availability_status) for entry in (former, latest)
        ]
        assert (AssociationType.RPLC, former.entry_uuid) in links_of(site, second.new_unique_id)
        _, kept = retrieve(site, request(first.new_unique_id), request(second.new_unique_id))
        assert [b"yesterday", b"today"] == [one.content for one in kept]


def test_the_program_reads_what_is_asked_for(tmp_path: Path) -> None:
    with site_with(tmp_path, program(tmp_path, "import sys\nsys.stdout.write(sys.stdin.read())")) as site:
        given = given_by(site)
        read = json.loads(given.content)
        entry = read["document_entry"]
        assert (given.new_unique_id, DOCUMENT_UNIQUE_ID, PATIENT.text, "Compte rendu d’imagerie") == (
            read["new_document_unique_id"],
            entry["unique_id"],
            entry["patient_id"],
            entry["title"],
        )


def test_stored_made_and_missing_documents_are_answered_together(tmp_path: Path) -> None:
    with site_with(tmp_path, gives(tmp_path, b"made")) as site:
        with DocumentSource(site.repository) as source:
            source.submit(numbered(7, b"stored"))
        outcome, given = retrieve(site, request(unique_id(8)), request(), request(unique_id(7)))
        assert (ResponseStatus.PARTIAL_SUCCESS, [b"made", b"stored"]) == (
            outcome.status,
            [one.content for one in given],
        )
        assert ["XDSDocumentUniqueIdError"] == [error.code for error in outcome.errors]


SECRET = "DUPONT Marie"
FAILING = {
    "status": f"import sys\nprint({SECRET!r})\nsys.stderr.write({SECRET!r})\nsys.exit(3)",
    "nothing": "",
    "endless": "import sys\nwhile True:\n    sys.stdout.write('x' * 100_000)",
    "silent": "import time\ntime.sleep(60)",
    "orphan": """
        import subprocess, sys
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        """,
    "slow reader of its input": "import sys, time\nsys.stdout.write('x')\nsys.stdout.flush()\ntime.sleep(60)",
}


@pytest.mark.parametrize("source", FAILING.values(), ids=FAILING.keys())
def test_a_program_that_fails_gives_no_document_and_leaves_nothing(
    tmp_path: Path, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with site_with(tmp_path, program(tmp_path, source), limit_s=1.0) as site:
        before = footprint_of(site.data)
        assert NOT_MADE == refused(site)
        assert before == settled_footprint(site.data, before)
    assert "repository.on_demand_command" in caplog.text
    assert not [name for name in (SECRET, PATIENT.text, "DUPONT") if name in caplog.text]


def test_without_a_program_the_answer_names_the_setting(tmp_path: Path) -> None:
    with site_with(tmp_path, None) as site, pytest.raises(RemoteRefusal) as caught:
        retrieve(site)
    (error,) = caught.value.outcome.errors
    assert "XDSRepositoryError" == error.code
    assert "repository.on_demand_command is not set" in error.code_context


def test_a_program_that_is_not_there_is_found_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"repository\.on_demand_command: no-such-program is no program"):
        Installation(settings(("no-such-program",)), tmp_path / "data")
    with running(tmp_path / "data"):
        """The folder was not left locked."""


def test_an_entry_out_of_force_gives_no_document(tmp_path: Path) -> None:
    with site_with(tmp_path, gives(tmp_path, b"made")) as site:
        with DocumentConsumer(site.registry) as consumer:
            (entry,) = consumer.get_documents([DOCUMENT_UNIQUE_ID])
        ids = [entry.entry_uuid or ""]
        site.installation.database.write(lambda t: t.registry.set_status("DocumentEntry", ids, DEPRECATED))
        assert [("OD-007", "XDSDocumentUniqueIdError")] == refused(site)
        assert [] == stable(site, APPROVED, DEPRECATED)


def test_a_snapshot_that_the_registry_refuses_is_not_given(tmp_path: Path) -> None:
    command = gives(tmp_path, b"made")
    with running(tmp_path / "data", settings(command, unknown_patients="accept"), patients=()) as site:
        register(site)
    with running(tmp_path / "data", settings(command), patients=()) as site:
        before = footprint_of(site.data)
        assert [("OD-009", "XDSRepositoryError"), ("REG-001", "XDSUnknownPatientId")] == refused(site)[:2]
        assert before == settled_footprint(site.data, before)


def test_retrieves_at_the_same_moment_each_give_what_is_kept(tmp_path: Path) -> None:
    with site_with(tmp_path, program(tmp_path, "import uuid\nprint(uuid.uuid4())")) as site:
        with ThreadPoolExecutor(6) as pool:
            given = list(pool.map(given_by, [site] * 12))
        assert 12 == len({one.new_unique_id for one in given})
        _, kept = retrieve(site, *(request(one.new_unique_id) for one in given))
        assert [one.content for one in given] == [one.content for one in kept]
        last = given_by(site)
        assert [last.new_unique_id] == [entry.unique_id for entry in stable(site)]


def test_the_registry_may_be_elsewhere(tmp_path: Path) -> None:
    command = gives(tmp_path, b"made")
    with ExitStack() as stack:
        registry = stack.enter_context(running(tmp_path / "registry"))
        register(registry)
        apart = RepositorySettings(unique_id=REPOSITORY, registry=registry.registry, on_demand_command=command)
        site = stack.enter_context(running(tmp_path / "repository", Settings(repository=apart)))
        first, second = given_by(site), given_by(site)
        assert (b"made", first.new_unique_id) == (second.content, second.new_unique_id)
        assert [first.new_unique_id] == [entry.unique_id for entry in stable(registry)]


def test_a_registry_that_is_away_is_named(tmp_path: Path) -> None:
    with running(tmp_path / "registry") as registry:
        url = registry.registry
    apart = RepositorySettings(unique_id=REPOSITORY, registry=url, on_demand_command=gives(tmp_path, b"made"))
    with running(tmp_path / "repository", Settings(repository=apart)) as site:
        assert [("REPO-006", "XDSRegistryNotAvailable")] == refused(site)
