"""What happens seldom while submissions run, on two servers of one database: merge, update, removal, a locked table."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.factories import (
    LOCAL_PATIENT,
    make_association,
    make_document_entry,
    make_submission,
    make_submission_set,
)
from tests.flow.racing import NUMBERS, Request, adding, at_once, held, outcomes, registered, registering, replacing
from tests.flow.running import post
from tests.flow.submissions import mtom, numbered, plain, unique_id
from tests.flow.test_several_servers import CLIENTS, PATIENCE_S, Servers, started
from tests.postgresql import Cluster
from xds_adapter.datatypes import CX, new_uuid_urn
from xds_adapter.model import (
    DocumentRequest,
    IdentityChange,
    IdentityMessage,
    InstanceIdentifier,
    ParameterSlot,
    StoredQuery,
    TransmissionWrapper,
)
from xds_adapter.storage import Database
from xds_adapter.storage.contents import INLINE_BYTES
from xds_adapter.transactions import iti18, iti43, iti44, iti57, iti62, iti86
from xds_adapter.vocabulary.identity_feed import INTERACTIONS_OF_FEED, FeedEvent
from xds_adapter.vocabulary.stored_queries import GET_DOCUMENTS
from xds_adapter.vocabulary.transactions import ITI_18, ITI_43, ITI_44, ITI_57, ITI_62, ITI_86

pytestmark = pytest.mark.postgres

ROUNDS = 8
MERGE = next(t for t, i in zip(ITI_44, INTERACTIONS_OF_FEED, strict=True) if i.event is FeedEvent.MERGE)
AUTHORITY = "1.2.250.1.999.1"


@pytest.fixture(scope="module")
def servers(postgresql: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with ExitStack() as stack:
        yield started(stack, postgresql, tmp_path_factory.mktemp("servers"))


@pytest.fixture
def database(servers: Servers, postgresql: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(tmp_path_factory.mktemp("beside"), url=postgresql.url(servers.database))
    yield database
    database.close()


def announce(database: Database, *patient_ids: CX) -> None:
    database.write(lambda transaction: transaction.registry.add_patients([one.key for one in patient_ids]))


def merging(url: str, surviving: CX, subsumed: CX) -> Request:
    change = IdentityChange(event=FeedEvent.MERGE, patient_ids=(surviving,), subsumed_ids=(subsumed,))
    message = IdentityMessage(message_key="", content_hash="", changes=(change,))
    own = InstanceIdentifier("1.2.4")
    wrapper = TransmissionWrapper(
        message_id=InstanceIdentifier("1.2.3", str(next(NUMBERS))), sender=(own,), receiver=(own,)
    )
    return (url, *plain(iti44.encode_request(message, wrapper), MERGE))


def test_what_is_submitted_while_its_patient_is_merged_is_moved_or_refused(
    servers: Servers, database: Database
) -> None:
    first, second = servers.pair
    for _ in range(ROUNDS):
        old, new = (CX.of(f"{name}{next(NUMBERS)}", AUTHORITY) for name in ("old", "new"))
        announce(database, old, new)
        submissions = [numbered(next(NUMBERS), b"x", patient_id=old) for _ in range(10)]
        places = itertools.cycle([first.repository, second.repository])
        requests: list[Request] = [(url, *mtom(one)) for url, one in zip(places, submissions, strict=False)]
        answers = at_once([*requests[:5], merging(first.registry, new, old), *requests[5:]])
        taken = [a for a in answers if b"ResponseStatusType:Success" in a.content]
        assert 1 == sum(b'typeCode code="AA"' in a.content or b'typeCode code="CA"' in a.content for a in answers)
        refused = [a for a in answers if b"PIF-001" in a.content]
        assert len(submissions) == len(taken) + len(refused)
        for table in ("document_entry", "submission_set"):
            assert 0 == servers.count(f"{table} WHERE patient_id = '{old.key}' OR strpos(leaf, '{old.id_number}') > 0")
            assert len(taken) == servers.count(f"{table} WHERE patient_id = '{new.key}'")


def updating(url: str, logical_id: str, number: int) -> Request:
    update = make_submission(
        submission_set=make_submission_set(unique_id=f"1.2.250.1.999.40.{next(NUMBERS)}"),
        document_entries=(make_document_entry(logical_id=logical_id, unique_id=unique_id(number)),),
        associations=(make_association(previous_version="1"),),
    )
    return (url, *plain(iti57.encode_request(update), ITI_57))


def test_of_the_updates_of_one_version_one_wins(servers: Servers) -> None:
    for _ in range(ROUNDS):
        entry = new_uuid_urn()
        number = next(NUMBERS)
        one = make_submission(
            submission_set=make_submission_set(unique_id=f"1.2.250.1.999.40.{number}"),
            document_entries=(make_document_entry(entry_uuid=entry, unique_id=unique_id(number)),),
            associations=(make_association(target_object=entry),),
        )
        assert {("Success",): 1} == outcomes(at_once([registered(servers.pair[0], one)]))
        answers = at_once([updating(server.registry, entry, number) for server in servers.for_clients()])
        assert {("Success",): 1, ("Failure", "XDSMetadataVersionError"): CLIENTS - 1} == outcomes(answers)
        assert 1 == servers.count(f"document_entry WHERE logical_id = '{entry}' AND version = 2")
        assert 2 == servers.count(f"document_entry WHERE logical_id = '{entry}'")


def removing(url: str, *uuids: str) -> Request:
    return (url, *plain(iti62.encode_request(uuids), ITI_62))


def made_with(servers: Servers, entry: str, folder: str) -> set[str]:
    """Everything that the submission of a document in a folder has left."""
    with servers.cluster.connect(servers.database) as connection:
        ends = [entry, folder]
        found = connection.execute(
            "SELECT l.entry_uuid, l.source_object FROM association l JOIN association s ON s.source_object ="
            " l.source_object OR s.target_object = l.entry_uuid WHERE s.target_object = ANY(%s)",
            [ends],
        ).fetchall()
    return {*ends, *itertools.chain.from_iterable(found)}


@pytest.mark.parametrize("kind", ["replaced", "put into a folder"])
def test_nothing_refers_to_what_is_removed_at_the_same_moment(servers: Servers, kind: str) -> None:
    known = ("document_entry", "folder", "submission_set", "association")
    lost = " AND ".join(f"NOT EXISTS (SELECT FROM {table} o WHERE o.entry_uuid = a.target_object)" for table in known)
    for _ in range(ROUNDS):
        entry, folder = new_uuid_urn(), new_uuid_urn()
        assert {("Success",): 1} == outcomes(at_once([registered(servers.pair[0], held(entry, folder))]))
        removal = plain(iti62.encode_request(made_with(servers, entry, folder)), ITI_62)
        submissions = [replacing(entry) if kind == "replaced" else adding(folder) for _ in range(3)]
        requests = [registered(server, one) for server, one in zip(servers.for_clients(), submissions, strict=False)]
        answers = at_once([requests[0], (servers.pair[1].registry, *removal), *requests[1:]])
        refused = {code for answer in answers for code in answer.codes}
        assert {
            "UnresolvedReferenceException",
            "ReferencesExistException",
            "XDSRegistryDeprecatedDocumentError",
        } >= refused
        assert refused
        assert 0 == servers.count(f"association a WHERE {lost}")


def repository_id(servers: Servers) -> str:
    with servers.cluster.connect(servers.database) as connection:
        (value,) = connection.execute("SELECT value FROM setting WHERE name = 'repository.unique_id'").fetchone() or (
            "",
        )
    return str(value)


@pytest.mark.parametrize("size", [10, INLINE_BYTES + 1000])
def test_bytes_that_are_removed_and_submitted_again_at_once_are_there(servers: Servers, size: int) -> None:
    ours = repository_id(servers)
    for _ in range(ROUNDS):
        content = f"<a>{next(NUMBERS)}</a>".encode().ljust(size)
        first, second = servers.pair
        number, others = next(NUMBERS), [next(NUMBERS) for _ in range(4)]
        assert "Success" == post(first.repository, *mtom(numbered(number, content))).status_word
        removal = iti86.encode_request(
            [DocumentRequest(repository_unique_id=ours, document_unique_id=unique_id(number))]
        )
        requests: list[Request] = [
            (server.repository, *mtom(numbered(other, content)))
            for server, other in zip(servers.for_clients(), others, strict=False)
        ]
        answers = at_once([*requests[:2], (second.repository, *plain(removal, ITI_86)), *requests[2:]])
        assert {("Success",): 5} == outcomes(answers)
        for other in others:
            wanted = [DocumentRequest(repository_unique_id=ours, document_unique_id=unique_id(other))]
            answer = post(first.repository, *plain(iti43.encode_request(wanted), ITI_43))
            assert "Success" == answer.status_word
            assert content in answer.content


def test_objects_of_two_kinds_do_not_get_one_entry_uuid(servers: Servers, database: Database) -> None:
    """No constraint of the database forbids it, and the two submissions are those of two patients."""
    database.write(lambda transaction: transaction.registry.add_patients([LOCAL_PATIENT.key]))
    for _ in range(ROUNDS):
        shared = new_uuid_urn()
        one, other = registering(), registering()
        (entry,), (link,) = one.document_entries, one.associations
        as_entry = replace(
            one,
            document_entries=(replace(entry, entry_uuid=shared),),
            associations=(replace(link, target_object=shared),),
        )
        assert other.submission_set is not None
        as_set = replace(
            other,
            submission_set=replace(other.submission_set, entry_uuid=shared, patient_id=LOCAL_PATIENT),
            document_entries=tuple(replace(e, patient_id=LOCAL_PATIENT) for e in other.document_entries),
            associations=tuple(replace(a, source_object=shared) for a in other.associations),
        )
        pairs = zip(servers.pair, (as_entry, as_set), strict=True)
        answers = at_once([registered(server, submission) for server, submission in pairs])
        assert {("Success",): 1, ("Failure", "XDSRegistryMetadataError"): 1} == outcomes(answers)


def test_a_table_that_an_administrator_holds_makes_busy_not_hang(servers: Servers) -> None:
    """More clients than there are threads: those that wait for the others are told in time, too."""
    query = StoredQuery(
        query_id=GET_DOCUMENTS.query_id,
        parameters={"$XDSDocumentEntryUniqueId": (ParameterSlot(("1.2.3",), listed=True),)},
    )
    asked = plain(iti18.encode_request(query), ITI_18)
    places = list(itertools.islice(itertools.cycle(servers.pair), 40))
    requests = [(server.registry, *asked) for server in places[:8]]
    requests += [(server.repository, *mtom(numbered(next(NUMBERS), b"x"))) for server in places[8:]]
    with servers.cluster.connect(servers.database) as connection, connection.transaction():
        connection.execute("LOCK TABLE document_entry")
        began = time.monotonic()
        answers = at_once(requests)
        took_s = time.monotonic() - began
    busy = {("Failure", "XDSRegistryBusy"): 8, ("Failure", "XDSRepositoryBusy"): 32}
    assert busy == outcomes(answers)
    assert took_s < PATIENCE_S
    # For a moment nobody asks a database that has not answered.
    time.sleep(0.6)
    again = [(server.repository, *mtom(numbered(next(NUMBERS), b"x"))) for server in places[:8]]
    assert {("Success",): 8} == outcomes(at_once(again))
