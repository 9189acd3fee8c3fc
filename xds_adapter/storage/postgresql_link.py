"""Connections to PostgreSQL on which nobody waits for ever, and what the failures of its driver mean.

A server that has gone, a network that swallows packets and a server that hangs look alike to a caller: after a few
seconds the connection is given up, and `StorageUnavailable` says so.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from xds_adapter.errors import ConfigError, MalformedMessage, StorageUnavailable

RV = TypeVar("RV")

IDLE_WAIT_S = 3.0
"""How long a connection may take to say that it is still there."""

WORK_WAIT_S = 7.0
"""How long one use of a connection that writes, or one answer to a reader, may take."""

_POOL_WAIT_S = 2
_LOCK_WAIT_MS = 4000
_CONNECT = {
    "connect_timeout": 2,
    # A peer that vanished without a word is found out within these bounds.
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 4000,
    "application_name": "xds-adapter",
}
_SESSION = {
    "statement_timeout": int(WORK_WAIT_S * 1000),
    "lock_timeout": _LOCK_WAIT_MS,
    # Cursors are read to their end: a plan for their first rows would walk a whole table to find those of one patient.
    "cursor_tuple_fraction": 1,
    # The server, too, must notice that we have vanished, or our locks would stay.
    "idle_in_transaction_session_timeout": 30_000,
    "tcp_keepalives_idle": 5,
    "tcp_keepalives_interval": 2,
    "tcp_keepalives_count": 3,
}
_CONFLICTS = frozenset({"40001", "40P01", "23505"})
"""Serialisation failure, deadlock, unique violation: another transaction came first."""

_SPOKEN = ("08", "28", "3D", "53", "55", "57")
"""Classes of SQLSTATE whose messages speak of the server, never of what was to be written."""


class Link(psycopg.Connection[Any]):
    """A connection whose every wait ends.

    Attributes:
        patience_s: How long one answer may take.
        until: When the use of the connection as a whole must have ended, on the monotonic clock; None: no such bound.
        opened: When it was made, on the monotonic clock.
    """

    patience_s: float = IDLE_WAIT_S
    until: float | None = None
    opened: float = 0

    def wait(self, gen: Generator[Any, Any, RV], *args: Any, **kwargs: Any) -> RV:
        """Run a conversation with the server, and close the connection when it takes too long."""
        return super().wait(self._bounded(gen), *args, **kwargs)

    def _bounded(self, gen: Generator[Any, Any, RV]) -> Generator[Any, Any, RV]:
        until = time.monotonic() + self.patience_s if self.until is None else self.until
        try:
            state = next(gen)
            while True:
                # The driver says "nothing yet" ten times a second.
                ready = yield state
                if not ready and time.monotonic() > until:
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server did not answer in time")
                state = gen.send(ready)
        except StopIteration as end:
            result: RV = end.value
            return result


def engine_of(url: str, *, size: int, **options: Any) -> Engine:
    """Make a pool of `size` connections.

    Args:
        url: SQLAlchemy URL.
        size: Connections, opened as they are needed.
        options: Further options of SQLAlchemy's ``create_engine``.

    Raises:
        ConfigError: The URL cannot be used.
    """
    try:
        address = make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        # What SQLAlchemy says may quote the password.
        raise ConfigError("registry.database is no usable URL") from None
    engine = create_engine(
        address,
        pool_size=size,
        max_overflow=0,
        pool_timeout=_POOL_WAIT_S,
        pool_pre_ping=True,
        # The text of a statement error goes to the log; the parameters are patient data.
        hide_parameters=True,
        use_native_hstore=False,
        **options,
    )

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, arguments: Any, named: dict[str, Any]) -> Link:
        link = Link.connect(*arguments, **{**_CONNECT, **named})
        link.opened = time.monotonic()
        return link

    @event.listens_for(engine, "connect")
    def _configure(link: Link, _record: Any) -> None:
        settings = [f"set_config('{name}', '{value}', false)" for name, value in _SESSION.items()]
        # What was acknowledged must be on disk, whatever the server's default.
        durable = (
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        former, link.autocommit = link.autocommit, True
        link.execute(f"SELECT {', '.join(settings)}")
        link.execute(durable)
        link.autocommit = former

    return engine


def cause_of(error: SQLAlchemyError | psycopg.Error) -> BaseException | None:
    """The driver's own error, if it was one."""
    return error.orig if isinstance(error, DBAPIError) else error


def is_conflict(error: SQLAlchemyError | psycopg.Error) -> bool:
    """Tell whether another transaction came first, so that trying again makes sense."""
    return getattr(cause_of(error), "sqlstate", None) in _CONFLICTS


def is_absence(error: SQLAlchemyError | psycopg.Error) -> bool:
    """Tell whether the database is away, not merely busy or displeased."""
    cause = cause_of(error)
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return str(state)[:2] in ("08", "57") and state != "57014"
    return isinstance(cause, psycopg.OperationalError)


def translated(error: SQLAlchemyError | psycopg.Error) -> StorageUnavailable | MalformedMessage:
    """Turn an error of the driver into one of ours, without its text where that may quote what was to be written.

    PostgreSQL quotes values in the details of its messages, so the original must not follow as a cause: the log
    would show it.
    """
    cause = cause_of(error)
    state = getattr(cause, "sqlstate", None)
    name = type(cause).__name__
    if isinstance(cause, psycopg.DataError) or str(state)[:2] in ("22", "54"):
        return MalformedMessage(f"the database cannot hold a value of this message ({name})")
    said = ""
    if isinstance(cause, psycopg.Error) and (state is None or state[:2] in _SPOKEN):
        said = (cause.diag.message_primary or str(cause)).strip().partition("\n")[0]
    return StorageUnavailable(f"the database cannot serve ({name})", detail=said)
