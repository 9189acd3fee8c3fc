"""Composition: settings become storage, actors, endpoints and clients. Nobody else wires.

::

    settings + data folder -> Database -> DocumentRegistry, DocumentRepository -> Application
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from xds_adapter.actors import DocumentRegistry, DocumentRepository, LeafCodec, LocalRegistration, RemoteRegistration
from xds_adapter.config import Settings
from xds_adapter.ebxml import decode_leaf, encode_leaf
from xds_adapter.errors import StorageUnavailable, XdsAdapterError
from xds_adapter.rules import AffinityDomain, read_codes_file
from xds_adapter.server import Application, Endpoint, no_log, registry_services, repository_services
from xds_adapter.soap import Limits
from xds_adapter.storage import Database

LOG = logging.getLogger("xds_adapter.app")

REGISTRY_PATH = "/xds/registry"
REPOSITORY_PATH = "/xds/repository"
_SETTLE_S = 5.0


def new_oid() -> str:
    """Make an OID under 2.25, the arc of UUIDs (ITU-T X.667)."""
    return f"2.25.{uuid.uuid4().int}"


class Installation:
    """One data folder with its actors.

    Args:
        settings: The configuration.
        data: The data folder; made when missing.
        exclusive: Hold the folder for this process alone, as a server must.

    Raises:
        ConfigError: Another server holds the folder, or a configured file cannot be read.
        StorageUnavailable: The folder cannot be used.
    """

    def __init__(self, settings: Settings, data: Path, *, exclusive: bool = True) -> None:
        self.settings = settings
        codes = settings.registry.codes
        self.domain = read_codes_file(codes) if codes is not None else AffinityDomain()
        self.database = Database(
            data,
            url=settings.registry.database.server,
            exclusive=exclusive,
            # What a registry elsewhere has not answered yet is judged by the process that asked it.
            shared=settings.repository.registry is None,
        )
        self.registry = DocumentRegistry(
            self.database,
            LeafCodec(encode_leaf, decode_leaf),
            domain=self.domain,
            unknown_patients=settings.registry.unknown_patients == "accept",
        )
        self.repository_unique_id = settings.repository.unique_id or self.database.setting(
            "repository.unique_id", new_oid
        )
        self._settling: _Settling | None = None
        self.repository = DocumentRepository(self.database, self._registration(), self.repository_unique_id)

    def _registration(self) -> LocalRegistration | RemoteRegistration:
        url = self.settings.repository.registry
        if url is None:
            return LocalRegistration(self.registry)
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
        """
        server = self.settings.server
        endpoints: dict[str, Endpoint] = {}
        if "registry" in server.actors:
            endpoints[REGISTRY_PATH] = Endpoint.of("DocumentRegistry", registry_services(self.registry))
        if "repository" in server.actors:
            endpoints[REPOSITORY_PATH] = Endpoint.of(
                "DocumentRepository",
                repository_services(self.repository, registers_here=self.settings.repository.registry is None),
            )
        return Application(
            endpoints,
            ready=self._is_ready,
            process=self.database.process,
            spool=self.database.contents.spool,
            limits=Limits(max_document_bytes=server.max_document_bytes),
            max_request_bytes=server.max_request_bytes,
            threads=server.threads,
            log=log or no_log,
        )

    def _is_ready(self) -> bool:
        try:
            with self.database.reading() as transaction:
                transaction.registry.known_patients(["readiness"])
        except StorageUnavailable:
            return False
        return True

    def close(self) -> None:
        """Stop background work and release the folder."""
        if self._settling is not None:
            self._settling.close()
        self.database.close()


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
