"""Two servers, each a process of its own, on one PostgreSQL database and one data folder."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from benchmarks.serving import Server, serving
from tests.factories import PATIENT
from tests.flow.racing import NUMBERS, adding, at_once, held, outcomes, registered, replacing
from tests.flow.running import HttpAnswer, post
from tests.flow.submissions import mtom, numbered, unique_id
from tests.postgresql import Cluster
from xds_adapter.datatypes import new_uuid_urn
from xds_adapter.storage import Database
from xds_adapter.storage.contents import INLINE_BYTES

pytestmark = pytest.mark.postgres

CLIENTS = 12
ROUNDS = 50
PATIENCE_S = 10


@dataclass(frozen=True)
class Servers:
    """Two servers; each client of a race asks one of them in turn."""

    pair: tuple[Server, Server]
    cluster: Cluster
    database: str

    def for_clients(self) -> Iterator[Server]:
        return itertools.islice(itertools.cycle(self.pair), CLIENTS)

    def count(self, where: str) -> int:
        with self.cluster.connect(self.database) as connection:
            (number,) = connection.execute(f"SELECT count(*) FROM {where}".encode()).fetchone() or (0,)
        return int(number)


def started(stack: ExitStack, cluster: Cluster, folder: Path) -> Servers:
    url = cluster.new_database()
    database = Database(folder / "data", url=url)
    database.write(lambda transaction: transaction.registry.add_patients([PATIENT.key]))
    database.close()
    config = folder / "site.toml"
    config.write_text(f'[registry]\ndatabase = "{url}"\n')
    first, second = (stack.enter_context(serving(folder / "data", "--config", str(config))) for _ in range(2))
    return Servers((first, second), cluster, make_url(url).database or "")


@pytest.fixture(scope="module")
def servers(postgresql: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with ExitStack() as stack:
        yield started(stack, postgresql, tmp_path_factory.mktemp("servers"))


def test_of_the_same_set_one_is_stored(servers: Servers) -> None:
    for _ in range(ROUNDS):
        of_set = next(NUMBERS)
        submissions = [numbered(next(NUMBERS), b"<a/>", set_number=of_set) for _ in range(CLIENTS)]
        pairs = zip(servers.for_clients(), submissions, strict=True)
        answers = at_once([(server.repository, *mtom(submission)) for server, submission in pairs])
        lost = ("Failure", "XDSDuplicateUniqueIdInRegistry")
        assert {("Success",): 1, lost: CLIENTS - 1} == outcomes(answers)
        assert 1 == servers.count(f"submission_set WHERE unique_id LIKE '%.30.{of_set}'")


def test_of_one_document_id_with_other_bytes_one_is_stored(servers: Servers) -> None:
    for _ in range(ROUNDS):
        number = next(NUMBERS)
        contents = [f"<a>{client}</a>".encode() for client in range(CLIENTS)]
        submissions = [numbered(number, content, set_number=next(NUMBERS)) for content in contents]
        pairs = zip(servers.for_clients(), submissions, strict=True)
        answers = at_once([(server.repository, *mtom(submission)) for server, submission in pairs])
        assert {("Success",): 1, ("Failure", "XDSNonIdenticalHash"): CLIENTS - 1} == outcomes(answers)
        assert 1 == servers.count(f"document_entry WHERE unique_id = '{unique_id(number)}'")


def test_of_the_replacements_of_one_document_one_wins(servers: Servers) -> None:
    for _ in range(ROUNDS):
        old, folder = new_uuid_urn(), new_uuid_urn()
        assert {("Success",): 1} == outcomes(at_once([registered(servers.pair[0], held(old, folder))]))
        answers = at_once([registered(server, replacing(old)) for server in servers.for_clients()])
        lost = ("Failure", "XDSRegistryDeprecatedDocumentError")
        assert {("Success",): 1, lost: CLIENTS - 1} == outcomes(answers)
        # The old document and the winner.
        assert 2 == servers.count(f"association WHERE source_object = '{folder}'")


def test_of_the_folders_with_one_unique_id_one_is_stored_and_takes_all(servers: Servers) -> None:
    for _ in range(ROUNDS):
        folders = [new_uuid_urn() for _ in range(CLIENTS)]
        number = next(NUMBERS)
        submissions = [held(new_uuid_urn(), folder, folder_number=number) for folder in folders]
        pairs = zip(servers.for_clients(), submissions, strict=True)
        answers = at_once([registered(server, submission) for server, submission in pairs])
        lost = ("Failure", "XDSDuplicateUniqueIdInRegistry")
        assert {("Success",): 1, lost: CLIENTS - 1} == outcomes(answers)
        (winner,) = [folder for folder in folders if servers.count(f"folder WHERE entry_uuid = '{folder}'")]
        answers = at_once([registered(server, adding(winner)) for server in servers.for_clients()])
        assert {("Success",): CLIENTS} == outcomes(answers)
        assert 1 + CLIENTS == servers.count(f"association WHERE source_object = '{winner}'")


@dataclass
class Load:
    """Clients that submit one document after the other, and what each of them was answered."""

    servers: Servers
    ended: threading.Event = field(default_factory=threading.Event)
    answers: list[tuple[int, float, HttpAnswer]] = field(default_factory=list)
    slowest_s: float = 0

    def run(self, server: Server) -> None:
        while not self.ended.is_set():
            number = next(NUMBERS)
            started = time.monotonic()
            answer = post(server.repository, *mtom(numbered(number, f"<a>{number}</a>".encode())))
            now = time.monotonic()
            self.slowest_s = max(self.slowest_s, now - started)
            self.answers.append((number, now, answer))
            # A client that is told to try later does not do so at once.
            time.sleep(0.02)

    def wait_for(self, count: int, outcome: str, since: float) -> None:
        """Wait until so many answers after a moment were of a kind."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if count <= sum(moment > since and answer.status_word == outcome for _, moment, answer in self.answers):
                return
            time.sleep(0.05)
        raise AssertionError(f"no {count} answers were {outcome}")


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_a_database_that_goes_away_in_mid_load(tmp_path: Path, how: str) -> None:
    cluster = Cluster()
    with ExitStack() as stack:
        stack.callback(cluster.close)
        servers = started(stack, cluster, tmp_path)
        load = Load(servers)
        threads = [threading.Thread(target=load.run, args=(server,)) for server in servers.for_clients()]
        for thread in threads:
            thread.start()
        try:
            load.wait_for(20, "Success", 0)
            gone = time.monotonic()
            cluster.stop("immediate") if how == "stopped" else cluster.freeze()
            load.wait_for(20, "Failure", gone)
            back = time.monotonic()
            cluster.start() if how == "stopped" else cluster.thaw()
            load.wait_for(40, "Success", back + 1)
        finally:
            load.ended.set()
            for thread in threads:
                thread.join()
        failed = [answer for _, _, answer in load.answers if answer.status_word != "Success"]
        assert failed
        assert {("XDSRepositoryBusy",), ("XDSRegistryBusy",)} >= {tuple(answer.codes) for answer in failed}
        told = [context for answer in failed for _, _, context in answer.errors]
        assert not any(cluster.folder.name in context for context in told), "partners need not know where it is"
        assert load.slowest_s < PATIENCE_S
        acknowledged = [number for number, _, answer in load.answers if answer.status_word == "Success"]
        stored = servers.count("document_entry")
        names = ", ".join(f"'{unique_id(number)}'" for number in acknowledged)
        assert len(acknowledged) == servers.count(f"document_entry WHERE unique_id IN ({names})")
        assert len(acknowledged) <= stored <= len(load.answers)


def test_a_server_that_is_killed_takes_nothing_with_it(postgresql: Cluster, tmp_path: Path) -> None:
    """The other goes on at once, all that was acknowledged is there, and the next start clears what lay half done."""
    large = b"x" * (INLINE_BYTES + 1)
    answered: list[tuple[int, float]] = []
    ended = threading.Event()
    with ExitStack() as stack:
        servers = started(stack, postgresql, tmp_path)

        def run(server: Server) -> None:
            with suppress(OSError, http.client.HTTPException):
                while not ended.is_set():
                    number = next(NUMBERS)
                    answer = post(server.repository, *mtom(numbered(number, large + str(number).encode())))
                    if answer.status_word == "Success":
                        answered.append((number, time.monotonic()))

        threads = [threading.Thread(target=run, args=(server,)) for server in servers.for_clients()]
        for thread in threads:
            thread.start()
        wait_for(lambda: len(answered) > 20)
        servers.pair[0].process.kill()
        killed = time.monotonic()
        wait_for(lambda: sum(moment > killed + 0.2 for _, moment in answered) > 20)
        ended.set()
        for thread in threads:
            thread.join()
        assert PATIENCE_S > max(later - sooner for (_, sooner), (_, later) in itertools.pairwise(answered))
        database = Database(tmp_path / "data", url=postgresql.url(servers.database), exclusive=True)
        stack.callback(database.close)
        for folder in ("spool", "staging"):
            assert 2 == len(list((tmp_path / "data" / folder).iterdir())), "one each of those that live"
        with database.reading() as transaction:
            for number, _ in answered:
                found = transaction.documents.find(unique_id(number))
                assert found is not None
                assert large + str(number).encode() == b"".join(found.content.chunks())


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
