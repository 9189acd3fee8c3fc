"""Composition: settings become storage, actors, endpoints and clients. Nobody else wires.

::

    settings + data folder -> Database -> DocumentRegistry, MetadataUpdate, DocumentRepository, DocumentRecipient
                           -> Application
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from xds_adapter.actors import (
    DocumentRecipient,
    DocumentRegistry,
    DocumentRemoval,
    DocumentRepository,
    LeafCodec,
    LocalRegistration,
    MetadataRemoval,
    MetadataUpdate,
    OnDemandDocumentSource,
    PatientIdentityFeed,
    RemoteRegistration,
)
from xds_adapter.config import ServerSettings, Settings
from xds_adapter.datatypes import new_oid
from xds_adapter.ebxml import decode_leaf, encode_leaf
from xds_adapter.errors import ConfigError, StorageUnavailable, XdsAdapterError
from xds_adapter.gateway import CdaCheck, MllpServer, OnDemandCommand, answer_adt, refuse_adt
from xds_adapter.rules import CurrentDomain
from xds_adapter.schematron import Bounds, RulePack
from xds_adapter.server import (
    Application,
    ConnectionBounds,
    Endpoint,
    Gauge,
    Metrics,
    Patience,
    Replies,
    Service,
    WorkBounds,
    document_removal_services,
    feed_services,
    metadata_removal_services,
    no_log,
    recipient_services,
    registry_services,
    repository_services,
    update_services,
)
from xds_adapter.soap import Limits, SpoolFolder
from xds_adapter.storage import Database, Inbox
from xds_adapter.vocabulary.transactions import ITI_41

LOG = logging.getLogger("xds_adapter.app")

REGISTRY_PATH = "/xds/registry"
REPOSITORY_PATH = "/xds/repository"
PIX_PATH = "/pix/manager"
RECIPIENT_PATH = "/xds/recipient"
_SETTLE_S = 5.0


class Installation:
    """One data folder with its actors.

    Args:
        settings: The configuration.
        data: The data folder; made when missing.
        exclusive: Hold the folder for this process alone, as a server must.

    Raises:
        ConfigError: Another server holds the folder, or a configured file or program cannot be used.
        StorageUnavailable: The folder cannot be used.
    """

    def __init__(self, settings: Settings, data: Path, *, exclusive: bool = True) -> None:
        command = settings.repository.on_demand_command
        if command is not None and shutil.which(command[0]) is None:
            raise ConfigError(f"repository.on_demand_command: {command[0]} is no program that can be started")
        self.settings = settings
        self.data = data
        self.domain = CurrentDomain(settings.registry.codes)
        self._rule_pack = self._official_rules()
        self.database = Database(
            data,
            url=settings.registry.database.server,
            exclusive=exclusive,
            # What a registry elsewhere has not answered yet is judged by the process that asked it.
            shared=settings.repository.registry is None,
        )
        leaf = LeafCodec(encode_leaf, decode_leaf)
        accept = settings.registry.unknown_patients == "accept"
        self.registry = DocumentRegistry(
            self.database,
            leaf,
            domain=self.domain,
            unknown_patients=accept,
            max_query_results=settings.registry.max_query_results,
            reject_queries=settings.registry.unknown_patients_in_queries == "reject",
        )
        self.identity_feed = PatientIdentityFeed(
            self.database,
            leaf,
            domain=self.domain,
            assigning_authority=settings.registry.assigning_authority,
            unknown_patients=accept,
        )
        self.metadata_update = MetadataUpdate(self.database, leaf, domain=self.domain, unknown_patients=accept)
        self.repository_unique_id = settings.repository.unique_id or self.database.setting(
            "repository.unique_id", new_oid
        )
        server = settings.server
        self.spool = SpoolFolder(
            self.database.contents.spool, max_bytes=server.max_spool_bytes, reserve=server.free_disk_bytes
        )
        self._settling: _Settling | None = None
        self._mllp: MllpServer | None = None
        registration = self._registration(leaf)
        self.repository = DocumentRepository(
            self.database, registration, self.repository_unique_id, check=self._cda_check()
        )
        self.on_demand = OnDemandDocumentSource(self.repository, registration, self._assembly())

    def _assembly(self) -> OnDemandCommand | None:
        repository, server = self.settings.repository, self.settings.server
        if repository.on_demand_command is None:
            return None
        return OnDemandCommand(
            repository.on_demand_command,
            limit_s=repository.on_demand_limit_s,
            max_bytes=server.max_document_bytes,
            folder=self.spool,
        )

    def _official_rules(self) -> RulePack | None:
        repository = self.settings.repository
        if repository.cda_rules is None:
            return None
        if repository.cda_check == "off":
            raise ConfigError('repository.cda_check is "off", so nobody uses repository.cda_rules; set warn or refuse')
        # Threads that wait for the rules must leave some to messages that need none.
        waiting = max(1, self.settings.server.threads // 2)
        return RulePack(repository.cda_rules, bounds=Bounds(limit_s=repository.cda_check_limit_s, waiting=waiting))

    def _cda_check(self) -> CdaCheck | None:
        chosen = self.settings.repository.cda_check
        return None if chosen == "off" else CdaCheck(refuses=chosen == "refuse", pack=self._rule_pack)

    def _registration(self, leaf: LeafCodec) -> LocalRegistration | RemoteRegistration:
        url = self.settings.repository.registry
        if url is None:
            return LocalRegistration(self.registry, leaf)
        # The client library is slow to import and only a repository apart from its registry needs it.
        from xds_adapter.client.registry import RemoteRegistry  # noqa: PLC0415

        remote = RemoteRegistration(
            RemoteRegistry(url, timeout_s=self.settings.client.timeout_s),
            self.database,
            self.repository_unique_id,
            domain=self.domain,
            grace_s=self.settings.client.timeout_s,
        )
        self._settling = _Settling(remote)
        return remote

    def application(self, log: Callable[[str, Mapping[str, object]], None] | None = None) -> Application:
        """Build the ASGI application of the configured actors.

        Args:
            log: Takes one line an exchange; None: no such log.

        Raises:
            ConfigError: The official rules are broken, or cannot be run.
        """
        if self._rule_pack is not None:
            LOG.info("compiling the rules of %s", self._rule_pack.folder)
            self._rule_pack.open()
            for note in self._rule_pack.notes:
                LOG.info("rule pack: %s", note)
        server = self.settings.server
        endpoints: dict[str, Endpoint] = {}
        if "registry" in server.actors:
            endpoints[REGISTRY_PATH] = Endpoint.of("DocumentRegistry", self._registry_services())
            endpoints[PIX_PATH] = Endpoint.of("PIXManager", feed_services(self.identity_feed))
        if "repository" in server.actors:
            endpoints[REPOSITORY_PATH] = Endpoint.of("DocumentRepository", self._repository_services())
        if "recipient" in server.actors:
            endpoints[RECIPIENT_PATH] = Endpoint.of("DocumentRecipient", self._recipient_services())
        replies = self._replies()
        return Application(
            endpoints,
            ready=self._is_ready,
            process=self.database.process,
            spool=self.spool,
            limits=Limits(max_document_bytes=server.max_document_bytes),
            bounds=WorkBounds(
                max_request_bytes=server.max_request_bytes,
                max_uploads=server.max_uploads,
                threads=server.threads,
                max_waiting=server.max_waiting,
            ),
            log=log or no_log,
            replies=replies,
            metrics=Metrics(self._gauges(replies)),
            connection_bounds=_connection_bounds(server),
        )

    def _gauges(self, replies: Replies) -> tuple[Gauge, ...]:
        threads = self.settings.server.threads
        return (
            (
                "xds_adapter_writer_queue",
                "What waits for the writer.",
                lambda: self.database.waiting,
            ),
            ("xds_adapter_waiting_answers", "Answers to other addresses, made or to be made.", lambda: replies.waiting),
            ("xds_adapter_worker_threads", "Messages that can be processed at the same time.", lambda: threads),
            ("xds_adapter_data_free_bytes", "Room on the disk of the data folder.", self._free_bytes),
        )

    def _free_bytes(self) -> int:
        return shutil.disk_usage(self.data).free

    def _registry_services(self) -> tuple[Service, ...]:
        return (
            *registry_services(self.registry, self.spool),
            *update_services(self.metadata_update),
            *metadata_removal_services(MetadataRemoval(self.database)),
            *feed_services(self.identity_feed),
        )

    def _repository_services(self) -> tuple[Service, ...]:
        removal = DocumentRemoval(self.database, self.repository_unique_id)
        return (
            *repository_services(self.repository, self.on_demand, in_writer=self._is_quick()),
            *document_removal_services(removal),
        )

    def _is_quick(self) -> bool:
        """True when a submission waits for nothing but the store: for no other registry and for no check."""
        repository = self.settings.repository
        return repository.registry is None and repository.cda_check == "off"

    def _recipient_services(self) -> tuple[Service, ...]:
        chosen = self.settings.recipient
        if chosen.store == "repository":
            services = repository_services(self.repository, self.on_demand, in_writer=self._is_quick())
            return tuple(service for service in services if service.transaction is ITI_41)
        inbox = Inbox(chosen.inbox or self.data / "inbox")
        return recipient_services(DocumentRecipient(inbox, limited_metadata=chosen.limited_metadata == "accept"))

    def _replies(self) -> Replies:
        registry = self.settings.registry
        patience = Patience(limit_s=registry.async_reply_limit_s)
        return Replies(registry.async_reply_hosts, folder=self.spool, patience=patience)

    def listen_mllp(self) -> MllpServer | None:
        """Take the patient identity feed in HL7 v2, when a port is configured for it.

        Raises:
            ConfigError: The address cannot be used.
        """
        mllp = self.settings.mllp
        if mllp.port is None:
            return None
        self._mllp = MllpServer(
            lambda octets: answer_adt(self.identity_feed, octets),
            mllp.host,
            mllp.port,
            max_connections=mllp.max_connections,
            max_waiting=mllp.max_waiting,
            busy=refuse_adt,
            idle_s=mllp.idle_s,
            message_s=mllp.message_s,
        )
        LOG.info("the patient identity feed (ITI-8) is taken by MLLP on %s port %d", self._mllp.host, self._mllp.port)
        return self._mllp

    def reload(self) -> None:
        """Read the code file anew; when it is broken, say so and go on with the former one."""
        codes = self.settings.registry.codes
        if codes is None:
            LOG.info("registry.codes is not set; there is nothing to read anew")
            return
        try:
            self.domain.reload()
        except ConfigError as error:
            LOG.error("the former codes stay in force: %s", error)  # noqa: TRY400 - no traceback for a broken file
        else:
            LOG.info("the codes were read anew from %s", codes)

    def _is_ready(self) -> bool:
        try:
            with self.database.reading() as transaction:
                transaction.registry.known_patients(["readiness"])
        except StorageUnavailable:
            return False
        return True

    def close(self) -> None:
        """Stop background work and release the folder."""
        if self._mllp is not None:
            self._mllp.close()
        if self._settling is not None:
            self._settling.close()
        if self._rule_pack is not None:
            self._rule_pack.close()
        self.database.close()


def _connection_bounds(server: ServerSettings) -> ConnectionBounds:
    return ConnectionBounds(
        max_connections=server.max_connections,
        max_of_one_address=server.max_connections_per_address,
        max_header_bytes=server.max_header_bytes,
        max_headers=server.max_headers,
        head_limit_s=server.head_limit_s,
        min_bytes_per_s=server.min_bytes_per_s,
        body_grace_s=server.body_grace_s,
        answer_grace_s=server.answer_grace_s,
        idle_s=server.idle_s,
    )


class _Settling:
    """Asks the remote registry about open outcomes, at start and at intervals."""

    def __init__(self, registration: RemoteRegistration) -> None:
        self._registration = registration
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="settling", daemon=True)
        self._thread.start()

    def _loop(self) -> None:
        while True:
            try:
                remaining = self._registration.settle()
                if remaining:
                    LOG.info("%d submissions wait for the registry's answer", remaining)
            except XdsAdapterError as error:
                LOG.warning("open outcomes cannot be settled now: %s", error)
            if self._stop.wait(_SETTLE_S):
                return

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
