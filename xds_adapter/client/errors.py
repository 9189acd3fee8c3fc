"""The border to requests and urllib3: their exceptions are translated here, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests
import urllib3

from xds_adapter.errors import ConfigError, ConnectionLost, Timeout

_NEVER_SENT = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.NameResolutionError,
    urllib3.exceptions.SSLError,
    urllib3.exceptions.ProxyError,
)


def _never_sent(error: BaseException) -> bool:
    """Tell whether the connection failed before a byte of the request could leave."""
    reason = error.args[0] if error.args else None
    while isinstance(reason, urllib3.exceptions.MaxRetryError):
        reason = reason.reason
    return isinstance(reason, _NEVER_SENT)


@contextmanager
def network_errors(url: str) -> Iterator[None]:
    """Turn what requests raises into our exceptions.

    Raises:
        Timeout: No connection or no bytes in time.
        ConnectionLost: No connection, or it broke.
        ConfigError: The URL cannot be used.
    """
    try:
        yield
    except requests.ConnectTimeout as error:
        raise Timeout(f"no connection to {url} in time", sent=False) from error
    except requests.Timeout as error:
        raise Timeout(f"no answer from {url} in time") from error
    except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema) as e:
        raise ConfigError(f"{url!r} is no usable URL") from e
    except requests.exceptions.SSLError as error:
        raise ConnectionLost(f"TLS with {url} failed: {error}", sent=False) from error
    except requests.ConnectionError as error:
        if _never_sent(error):
            raise ConnectionLost(
                f"cannot connect to {url}; is the address right and the server up?", sent=False
            ) from error
        raise ConnectionLost(f"the connection to {url} broke before the answer was complete") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise ConnectionLost(f"the answer of {url} could not be read: {error}") from error
