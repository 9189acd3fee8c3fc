"""Who uses a data folder: one server alone, or several that share a PostgreSQL database.

::

    serve.lock          held by every server: alone, or shared
    servers/TOKEN       held by one of several servers as long as it lives; its working folders bear its token
    servers/starting    held while a server looks which of the others have died

Locks are those of the operating system (``flock``): they end with their process, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xds_adapter.errors import ConfigError
from xds_adapter.storage.errors import storage_errors

_SERVE = "serve.lock"
_SERVERS = "servers"
_STARTING = "starting"


class FolderLock:
    """Holds a data folder for this process.

    Args:
        folder: The data folder.
        shared: Other servers that say so too may use it at the same time.

    Attributes:
        token: The name of this server among several; None: it is alone.

    Raises:
        ConfigError: Another server holds the folder.
        StorageUnavailable: The folder cannot be written.
    """

    def __init__(self, folder: Path, *, shared: bool) -> None:
        self._servers = folder / _SERVERS
        self._held: list[int] = []
        self.token = uuid.uuid4().hex if shared else None
        if not self._hold(folder / _SERVE, shared=shared):
            raise ConfigError(f"another server is using the data folder {folder}")
        if self.token is not None:
            with storage_errors():
                self._servers.mkdir(exist_ok=True, mode=0o700)
                with _alone(self._servers / _STARTING):
                    self._hold(self._servers / self.token, shared=False)

    def _hold(self, path: Path, *, shared: bool) -> bool:
        with storage_errors():
            descriptor = _open(path)
        if not _taken(descriptor, shared=shared):
            os.close(descriptor)
            return False
        self._held.append(descriptor)
        return True

    @contextmanager
    def others(self) -> Iterator[frozenset[str]]:
        """The tokens of those other servers of the folder that live; none joins or leaves the list meanwhile.

        Raises:
            StorageUnavailable: The folder cannot be read or written.
        """
        if self.token is None:
            yield frozenset()
            return
        with storage_errors(), _alone(self._servers / _STARTING):
            named = {path.name: path for path in self._servers.iterdir() if path.name not in (_STARTING, self.token)}
            living = frozenset(name for name, path in named.items() if _is_held(path))
            yield living
            for name in named.keys() - living:
                named[name].unlink(missing_ok=True)

    def release(self) -> None:
        """Let the folder go."""
        if self.token is not None:
            with suppress(OSError):
                (self._servers / self.token).unlink()
        while self._held:
            os.close(self._held.pop())


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Keep servers from starting on a folder, if none runs; whether none does is what this gives.

    Raises:
        StorageUnavailable: The folder cannot be written.
    """
    try:
        lock = FolderLock(folder, shared=False)
    except ConfigError:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def living_servers(folder: Path) -> frozenset[str]:
    """The tokens of the servers that share a folder now."""
    servers = folder / _SERVERS
    if not servers.is_dir():
        return frozenset()
    with _alone(servers / _STARTING):
        return frozenset(path.name for path in servers.iterdir() if path.name != _STARTING and _is_held(path))


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int, *, shared: bool) -> bool:
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_held(path: Path) -> bool:
    descriptor = _open(path)
    try:
        return not _taken(descriptor, shared=False)
    finally:
        os.close(descriptor)
