"""The border to SQLAlchemy and the file system: their exceptions are translated here, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from xds_adapter.errors import StorageUnavailable


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn database and disk errors into StorageUnavailable; the original is kept as its cause for the log.

    Raises:
        StorageUnavailable: Whatever SQLAlchemy or the operating system reported.
    """
    try:
        yield
    except SQLAlchemyError as error:
        # The message of a statement error quotes its parameters, which are patient data: name its class only.
        raise StorageUnavailable(f"the database cannot serve ({type(error).__name__})") from error
    except OSError as error:
        raise StorageUnavailable(
            f"the document store cannot serve ({error.strerror or type(error).__name__})"
        ) from error
