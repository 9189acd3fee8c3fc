"""A repository whose registry is another server: nothing is lost, nothing is guessed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.messages import mtom
from benchmarks.serving import add_patient, serving
from tests.factories import LOCAL_PATIENT, PATIENT, make_association
from tests.flow.relay import Clock, Relay, Way
from tests.flow.running import EMPTY, HttpAnswer, Site, footprint, post, request, rows, running, settled_footprint
from tests.flow.submissions import numbered, plain, unique_id
from xds_adapter import app
from xds_adapter.actors import RemoteRegistration
from xds_adapter.config import ClientSettings, RepositorySettings, ServerSettings, Settings
from xds_adapter.model import DocumentRequest
from xds_adapter.server import listen
from xds_adapter.transactions import iti43
from xds_adapter.vocabulary.transactions import ITI_43

SMALL, LARGE = b"small\r\n", b"L" * 200_000
"""Kept in the database, and as a file."""

documents = pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])


GRACE_S = 60


@dataclass(frozen=True)
class Split:
    """Registry, relay and repository."""

    registry: Site
    relay: Relay
    repository: Site
    remote: RemoteRegistration
    clock: Clock

    def submit(self, number: int, content: bytes, **changes: Any) -> HttpAnswer:
        return post(self.repository.repository, *mtom(numbered(number, content, **changes)))

    def settle(self) -> int:
        """What the background thread does at intervals."""
        return self.remote.settle()

    @property
    def states(self) -> list[tuple[object, ...]]:
        return rows(self.repository.data, "SELECT document_unique_id, state FROM document ORDER BY row_id")

    def retrieve(self, number: int) -> bytes | None:
        wanted = DocumentRequest(
            repository_unique_id=self.repository.installation.repository_unique_id,
            document_unique_id=unique_id(number),
        )
        answer = post(self.repository.repository, *plain(iti43.encode_request([wanted]), ITI_43))
        outcome, found = iti43.decode_response(answer.envelope.body, answer.message.resolve)
        return b"".join(found[0].content.chunks()) if outcome.is_success else None

    def registered(self) -> int:
        return dict(footprint(self.registry.data).rows)["document_entry"]


def repository_settings(registry: str) -> Settings:
    return Settings(
        server=ServerSettings(actors=("repository",)),
        repository=RepositorySettings(registry=registry, unique_id="1.2.250.1.999.5"),
        client=ClientSettings(timeout_s=GRACE_S),
    )


@contextmanager
def split(folder: Path) -> Iterator[Split]:
    with ExitStack() as stack:
        registry = stack.enter_context(
            running(folder / "registry", Settings(server=ServerSettings(actors=("registry",))))
        )
        relay = Relay(registry.registry)
        stack.callback(relay.close)
        repository = stack.enter_context(running(folder / "repository", repository_settings(relay.url)))
        clock = Clock()
        remote = repository.installation.repository._registration
        assert isinstance(remote, RemoteRegistration)
        remote._clock, remote._started = clock, clock()
        yield Split(registry, relay, repository, remote, clock)


@pytest.fixture(autouse=True)
def _settling_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Background rounds come so rarely that a test alone decides when outcomes are settled."""
    monkeypatch.setattr(app, "_SETTLE_S", 3600.0)


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Split]:
    with split(tmp_path) as both:
        yield both


def not_available(answer: HttpAnswer, words: str) -> None:
    assert ("Failure", ["XDSRegistryNotAvailable"]) == (answer.status_word, answer.codes)
    assert words in answer.errors[0][2]


def test_each_server_offers_its_actor_only(both: Split) -> None:
    assert 404 == request("GET", both.registry.repository + "?wsdl").status
    assert 404 == request("GET", both.repository.registry + "?wsdl").status


@documents
def test_a_submission_is_stored_here_and_registered_there(both: Split, content: bytes) -> None:
    answer = both.submit(1, content)
    assert ("Success", []) == (answer.status_word, answer.errors)
    assert [(unique_id(1), "bound")] == both.states
    assert (1, content) == (both.registered(), both.retrieve(1))
    assert (0, 0) == (
        dict(footprint(both.repository.data).rows)["document_entry"],
        len(footprint(both.registry.data).content),
    )


@documents
def test_what_the_registry_refuses_leaves_nothing(both: Split, content: bytes) -> None:
    answer = both.submit(1, content, patient_id=LOCAL_PATIENT, creation_time=None)
    assert ("Failure", {"XDSUnknownPatientId", "XDSRegistryMetadataError"}) == (answer.status_word, set(answer.codes))
    assert all(location.startswith(("DocumentEntry", "SubmissionSet")) for _, location, _ in answer.errors)
    assert any(LOCAL_PATIENT.text in context for _, _, context in answer.errors)
    assert (EMPTY, EMPTY) == (settled_footprint(both.repository.data, EMPTY), footprint(both.registry.data))
    assert None is both.retrieve(1)


def test_what_the_repository_sees_itself_is_reported_with_the_rest_and_not_sent(both: Split) -> None:
    answer = both.submit(1, LARGE, hash="0" * 40, creation_time=None)
    assert ["XDSRepositoryMetadataError", "XDSRegistryMetadataError"] == answer.codes
    assert (0, EMPTY) == (both.relay.seen, settled_footprint(both.repository.data, EMPTY))


@documents
def test_without_a_registry_nothing_is_stored(tmp_path: Path, content: bytes) -> None:
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/xds/registry"
    listener.close()
    with running(tmp_path / "data", repository_settings(url)) as repository:
        not_available(post(repository.repository, *mtom(numbered(1, content))), "nothing was stored")
        assert EMPTY == settled_footprint(repository.data, EMPTY)


@documents
@pytest.mark.parametrize("fault", ["Sender", "ActionNotSupported", "MessageAddressingHeaderRequired"])
def test_a_registry_that_does_not_understand_the_message_has_not_acted_on_it(
    both: Split, content: bytes, fault: str
) -> None:
    both.relay.way, both.relay.fault = Way.FAULT, fault
    not_available(both.submit(1, content), "not for me")
    assert EMPTY == settled_footprint(both.repository.data, EMPTY)


OPEN = [Way.LOSE_ANSWER, Way.LOSE_REQUEST, Way.NONSENSE, Way.HTML]


@documents
@pytest.mark.parametrize("way", OPEN)
def test_an_unknown_outcome_is_not_guessed(both: Split, content: bytes, way: Way) -> None:
    both.relay.way = way
    not_available(both.submit(1, content), "settled")
    assert [(unique_id(1), "pending")] == both.states
    assert content == both.retrieve(1)
    assert (way is Way.LOSE_ANSWER) == (both.registered() == 1)


@documents
def test_a_failing_registry_may_have_acted(both: Split, content: bytes) -> None:
    both.relay.way, both.relay.fault = Way.FAULT, "Receiver"
    not_available(both.submit(1, content), "settled")
    assert [(unique_id(1), "pending")] == both.states


@documents
def test_an_entry_that_the_registry_has_is_bound(both: Split, content: bytes) -> None:
    both.relay.way = Way.LOSE_ANSWER
    both.submit(1, content)
    assert 0 == both.settle()
    assert [(unique_id(1), "bound")] == both.states
    assert content == both.retrieve(1)
    assert 0 == both.settle()


@documents
def test_an_entry_that_the_registry_has_not_is_awaited_and_then_dropped(both: Split, content: bytes) -> None:
    both.relay.way = Way.LOSE_REQUEST
    both.submit(1, content)
    assert 1 == both.settle()
    assert [(unique_id(1), "pending")] == both.states
    both.clock.now += GRACE_S
    assert 0 == both.settle()
    assert EMPTY == settled_footprint(both.repository.data, EMPTY)
    assert None is both.retrieve(1)


def test_the_time_to_wait_begins_when_the_outcome_becomes_unknown(both: Split) -> None:
    """A registration that hangs for long may still be under way when its connection breaks."""
    both.relay.way = Way.LOSE_REQUEST
    both.relay.hold.clear()
    thread = threading.Thread(target=lambda: both.submit(1, LARGE))
    thread.start()
    assert both.relay.arrived.wait(10)
    both.clock.now += 2 * GRACE_S
    both.relay.hold.set()
    thread.join()
    both.clock.now += GRACE_S - 1
    assert (1, [(unique_id(1), "pending")]) == (both.settle(), both.states)
    both.clock.now += 1
    assert (0, []) == (both.settle(), both.states)


@documents
def test_a_registry_that_cannot_be_asked_leaves_the_outcome_open(both: Split, content: bytes) -> None:
    both.relay.way, both.relay.deaf = Way.LOSE_ANSWER, True
    both.submit(1, content)
    both.clock.now += GRACE_S
    assert 1 == both.settle()
    assert [(unique_id(1), "pending")] == both.states
    both.relay.deaf = False
    assert 0 == both.settle()
    assert [(unique_id(1), "bound")] == both.states


@documents
def test_a_retry_while_the_outcome_is_open_is_put_off(both: Split, content: bytes) -> None:
    both.relay.way, both.relay.deaf = Way.LOSE_REQUEST, True
    both.submit(1, content)
    both.relay.way = Way.PASS
    not_available(both.submit(1, content), "not settled yet")
    assert (1, [(unique_id(1), "pending")]) == (both.relay.seen, both.states)
    # The registry can be asked again, but the first registration may still be on its way.
    both.relay.deaf = False
    not_available(both.submit(1, content), "not settled yet")
    assert (1, 0) == (both.relay.seen, both.registered())


@documents
def test_a_retry_settles_what_was_registered(both: Split, content: bytes) -> None:
    both.relay.way = Way.LOSE_ANSWER
    both.submit(1, content)
    both.relay.way = Way.PASS
    assert ["XDSDuplicateUniqueIdInRegistry"] == both.submit(1, content).codes
    assert (1, [(unique_id(1), "bound")]) == (both.registered(), both.states)
    assert content == both.retrieve(1)


@documents
def test_a_retry_after_the_time_to_wait_succeeds(both: Split, content: bytes) -> None:
    both.relay.way = Way.LOSE_REQUEST
    both.submit(1, content)
    both.relay.way = Way.PASS
    both.clock.now += GRACE_S
    assert "Success" == both.submit(1, content).status_word
    assert (1, [(unique_id(1), "bound")]) == (both.registered(), both.states)


@documents
def test_a_restart_settles_what_was_open(tmp_path: Path, content: bytes) -> None:
    with split(tmp_path) as both:
        both.relay.way = Way.LOSE_ANSWER
        both.submit(1, content)
        both.relay.way = Way.LOSE_REQUEST
        both.submit(2, content)
        assert [(unique_id(1), "pending"), (unique_id(2), "pending")] == both.states
    # The second start waits anew: it cannot know when the last attempt was made.
    with split(tmp_path) as both:
        _until(lambda: (unique_id(1), "bound") in both.states)
        assert [(unique_id(1), "bound"), (unique_id(2), "pending")] == both.states
        assert content == both.retrieve(1)


def test_other_submissions_are_taken_while_one_is_open(both: Split) -> None:
    both.relay.way, both.relay.deaf = Way.LOSE_REQUEST, True
    both.submit(1, LARGE)
    both.relay.way = Way.PASS
    assert "Success" == both.submit(2, LARGE).status_word
    assert [(unique_id(1), "pending"), (unique_id(2), "bound")] == both.states


def test_bytes_that_another_document_uses_too_are_kept(both: Split) -> None:
    assert "Success" == both.submit(1, LARGE).status_word
    both.submit(2, LARGE, patient_id=LOCAL_PATIENT)
    assert [(unique_id(1), "bound")] == both.states
    assert LARGE == both.retrieve(1)


def test_a_document_submitted_again_with_the_same_bytes_is_bound_once(both: Split) -> None:
    assert "Success" == both.submit(1, LARGE).status_word
    assert "Success" == both.submit(1, LARGE, set_number=2).status_word
    assert (2, [(unique_id(1), "bound")]) == (both.registered(), both.states)
    both.relay.way = Way.LOSE_ANSWER
    both.submit(1, LARGE, set_number=3)
    assert 0 == both.settle()
    assert (3, [(unique_id(1), "bound")]) == (both.registered(), both.states)


def test_other_bytes_for_a_known_document_are_refused_and_dropped(both: Split) -> None:
    both.submit(1, LARGE)
    expected = settled_footprint(both.repository.data, footprint(both.repository.data))
    assert ["XDSNonIdenticalHash"] == both.submit(1, SMALL, set_number=2).codes
    assert ["XDSNonIdenticalHash"] == both.submit(1, LARGE + SMALL, set_number=3).codes
    assert expected == settled_footprint(both.repository.data, expected)
    assert LARGE == both.retrieve(1)


@documents
def test_what_is_being_sent_is_not_judged_meanwhile(both: Split, content: bytes) -> None:
    both.relay.hold.clear()
    answers: list[HttpAnswer] = []
    thread = threading.Thread(target=lambda: answers.append(both.submit(1, content)))
    thread.start()
    assert both.relay.arrived.wait(10)
    assert [(unique_id(1), "pending")] == both.states
    # Retrievable before it is registered, as the registry's clients may come at once.
    assert content == both.retrieve(1)
    both.clock.now += 2 * GRACE_S
    assert 0 == both.settle()
    assert [(unique_id(1), "pending")] == both.states
    both.relay.hold.set()
    thread.join()
    assert "Success" == answers[0].status_word
    assert [(unique_id(1), "bound")] == both.states


def test_the_same_submission_twice_at_the_same_time_is_registered_once(both: Split) -> None:
    both.relay.hold.clear()
    answers: list[HttpAnswer] = []
    threads = [threading.Thread(target=lambda: answers.append(both.submit(1, LARGE))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert both.relay.arrived.wait(10)
    both.relay.hold.set()
    for thread in threads:
        thread.join()
    words = sorted(answer.status_word for answer in answers)
    assert ["Failure", "Failure", "Success"] == words
    assert {"XDSDuplicateUniqueIdInRegistry"} == {code for answer in answers for code in answer.codes}
    assert (1, [(unique_id(1), "bound")]) == (both.registered(), both.states)
    assert LARGE == both.retrieve(1)


def test_the_background_settles_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_SETTLE_S", 0.05)
    with split(tmp_path) as both:
        both.relay.way = Way.LOSE_ANSWER
        both.submit(1, LARGE)
        _until(lambda: [(unique_id(1), "bound")] == both.states)


def test_two_documents_of_one_submission_share_its_fate(both: Split) -> None:
    one, two = numbered(1, SMALL), numbered(2, LARGE, entry_uuid="Document02")
    submission = replace(
        one,
        document_entries=(*one.document_entries, *two.document_entries),
        documents=(*one.documents, replace(two.documents[0], document_id="Document02")),
        associations=(*one.associations, make_association(entry_uuid="A2", target_object="Document02")),
    )
    both.relay.way = Way.LOSE_ANSWER
    not_available(post(both.repository.repository, *mtom(submission)), "settled")
    assert [(unique_id(1), "pending"), (unique_id(2), "pending")] == both.states
    assert 0 == both.settle()
    assert [(unique_id(1), "bound"), (unique_id(2), "bound")] == both.states


def test_registry_and_repository_as_processes_of_their_own(tmp_path: Path) -> None:
    add_patient(tmp_path / "registry", PATIENT.text)
    with serving(tmp_path / "registry") as registry:
        config = tmp_path / "repository.toml"
        config.write_text(f'[server]\nactors = ["repository"]\n[repository]\nregistry = "{registry.registry}"\n')
        with serving(tmp_path / "repository", "--config", str(config)) as repository:
            answer = post(repository.repository, *mtom(numbered(1, LARGE)))
            assert ("Success", []) == (answer.status_word, answer.errors)
            assert 404 == request("GET", f"{repository.registry}?wsdl").status
    assert [(unique_id(1), "bound")] == rows(tmp_path / "repository", "SELECT document_unique_id, state FROM document")


def test_a_repository_stops_in_time_although_its_registry_hangs(tmp_path: Path) -> None:
    """What is on its way stays pending, and is settled after the next start."""
    listener = listen("127.0.0.1", 0)
    try:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/xds/registry"
        config = tmp_path / "repository.toml"
        config.write_text(f'[server]\nactors = ["repository"]\n[repository]\nregistry = "{url}"\n')
        with serving(tmp_path / "repository", "--config", str(config)) as repository:
            message = mtom(numbered(1, LARGE))
            thread = threading.Thread(target=lambda: _ignore(lambda: post(repository.repository, *message)))
            thread.start()
            _until(lambda: dict(footprint(tmp_path / "repository").rows)["document"])
            started = time.monotonic()
            repository.process.terminate()
            assert 0 == repository.process.wait(20)
            assert 10 > time.monotonic() - started
            thread.join()
    finally:
        listener.close()
    assert [("pending",)] == rows(tmp_path / "repository", "SELECT state FROM document")


def _ignore(work: Callable[[], object]) -> None:
    try:
        work()
    except OSError:
        return


def _until(condition: Callable[[], object], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)
