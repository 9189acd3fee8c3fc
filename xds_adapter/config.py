"""The configuration: a TOML file, overridden by environment variables ``XDS_ADAPTER_SECTION_KEY``.

Every key is a field with its default, its meaning and its check; `docs/settings.md` is written from here. Keys that the
contract names and this version does not know are refused by name, not ignored.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from xds_adapter.datatypes import HD, oid_fault
from xds_adapter.errors import ConfigError

_PREFIX = "XDS_ADAPTER_"
_LATER = frozenset(
    {
        "repository.store",
        "server.home_community_id",
        "server.workers",
        "tls.certificate",
        "tls.key",
        "tls.client_ca",
        "tls.allow",
        "tls.proxy_addresses",
        "xua.issuers",
        "audit.target",
        "audit.spool_bytes",
        "imaging.source",
    }
)
ACTORS = ("registry", "repository", "recipient")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text")
    return value


def _oid(value: object) -> str:
    text = _text(value)
    if fault := oid_fault(text):
        raise ValueError(fault)
    return text


def _url(value: object) -> str:
    text = _text(value)
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no http or https URL")
    return text


@dataclass(frozen=True, slots=True, repr=False)
class DatabaseUrl:
    """Where the registry keeps its objects; shown without its password, wherever it is shown.

    Attributes:
        text: ``sqlite``, or the SQLAlchemy URL of a PostgreSQL database.
    """

    text: str = "sqlite"

    @property
    def server(self) -> str | None:
        """The URL of a database server; None: SQLite in the data folder."""
        return None if self.text == "sqlite" else self.text

    def __str__(self) -> str:
        without = re.sub(r"^([^:]+://[^:@/]*):.*@", r"\1:***@", self.text)
        return re.sub(r"(?i)([?&][a-z]*pass[a-z]*=)[^&]*", r"\1***", without)

    __repr__ = __str__


def _database(value: object) -> DatabaseUrl:
    text = _text(value)
    if text != "sqlite" and not re.fullmatch(r"postgresql(\+psycopg)?://[^/]*.*/[^/?]+(\?.*)?", text):
        # Without the value: it may hold a password.
        raise ValueError("must be sqlite (a file in the data folder) or postgresql+psycopg://USER:PASSWORD@HOST/NAME")
    return DatabaseUrl(text)


def _number(value: object) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if number < 1 or isinstance(value, bool):
        raise ValueError("must be a whole number above 0")
    return number


def _seconds(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = -1.0
    if not 0 < number < float("inf"):
        raise ValueError("must be a number of seconds above 0")
    return number


def _port(value: object) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or int(text) > 65535:
        raise ValueError("must be a port, 0 to 65535")
    return int(text)


def _authority(value: object) -> HD:
    authority = HD(_text(value))
    if fault := authority.fault():
        raise ValueError(fault)
    return authority


def _choice(*allowed: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if value not in allowed:
            raise ValueError(f"must be {' or '.join(allowed)}")
        return str(value)

    return check


def _actors(value: object) -> tuple[str, ...]:
    names = [name.strip() for name in value.split(",")] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(name in ACTORS for name in names):
        raise ValueError(f"must be a list of {', '.join(ACTORS)}")
    return tuple(name for name in ACTORS if name in names)


def _command(value: object) -> tuple[str, ...]:
    words = shlex.split(value) if isinstance(value, str) else value
    if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
        raise ValueError("must be a list of a program and its arguments")
    return tuple(words)


def _file(value: object) -> Path:
    try:
        return Path(_text(value)).expanduser()
    except RuntimeError as error:
        raise ValueError(f"starts with the home folder of nobody: {error}") from error


def _hosts(value: object) -> tuple[str, ...]:
    entries = [entry.strip() for entry in value.split(",")] if isinstance(value, str) else value
    if not isinstance(entries, list) or not all(isinstance(entry, str) and _is_host(entry) for entry in entries):
        raise ValueError("must be a list of host or host:port")
    return tuple(entry.lower() for entry in entries)


def _is_host(text: str) -> bool:
    try:
        parts = urlsplit(f"//{text}")
        host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
        return text.lower() in (host, f"{host}:{parts.port}")
    except ValueError:
        return False


_DATA = Path("xds-data")


def _key(default: Any, meaning: str, check: Callable[[object], Any]) -> Any:
    return field(default=default, metadata={"meaning": meaning, "check": check})


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySettings:
    """Section ``registry``."""

    database: DatabaseUrl = _key(
        DatabaseUrl(),
        "`sqlite` (a file in the data folder), or a PostgreSQL 15+ database: `postgresql+psycopg://USER:PASSWORD@HOST/NAME`;"
        " several servers may share one, with one data folder",
        _database,
    )
    unknown_patients: str = _key(
        "reject", "`reject` or `accept` submissions for patients nobody has announced", _choice("reject", "accept")
    )
    unknown_patients_in_queries: str = _key(
        "empty",
        "`empty`: a query for a patient that is unknown or was merged into another finds nothing; `reject`: it gets"
        " XDSUnknownPatientId (a patient only unknown does not, where unknown patients are accepted)",
        _choice("empty", "reject"),
    )
    assigning_authority: HD | None = _key(
        None,
        "authority of the affinity domain's patient identifiers, `NAMESPACE&OID&ISO`; the identity feed gives it to"
        " identifiers with that namespace alone or without authority, and takes those of other authorities only if"
        " `registry.codes` lists them; none: those that `registry.codes` lists, or else all",
        _authority,
    )
    max_query_results: int = _key(
        10_000, "most objects in the answer to a query; more are refused with XDSTooManyResults", _number
    )
    codes: Path | None = _key(
        None,
        "affinity-domain code file (`codes.xml` form), or `french-imaging` for the one that is shipped; none: any code"
        " is accepted; read anew on SIGHUP",
        _file,
    )
    async_reply_hosts: tuple[str, ...] = _key(
        (), "`host` or `host:port` of those to whom answers may be sent when wsa:ReplyTo is not anonymous", _hosts
    )
    async_reply_limit_s: float = _key(300.0, "seconds during which such an answer is tried again", _seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositorySettings:
    """Section ``repository``."""

    unique_id: str | None = _key(None, "repositoryUniqueId, an OID; none: made once for each data folder", _oid)
    registry: str | None = _key(
        None, "URL of another registry to register at (ITI-42, ITI-18); none: the registry of this process", _url
    )
    on_demand_command: tuple[str, ...] | None = _key(
        None,
        "a program and its arguments, which makes the documents of on-demand entries of this repository: it reads the"
        " entry on standard input (one JSON object with `document_entry` and `new_document_unique_id`) and writes the"
        " document to standard output; what it gives is kept and registered as a snapshot",
        _command,
    )
    on_demand_limit_s: float = _key(30.0, "seconds within which that program must deliver", _seconds)
    cda_check: str = _key(
        "off",
        "whether submitted CDA documents of French imaging and telemedicine are checked: `off`; `warn`, findings go"
        " with the answer; `refuse`, errors refuse the submission; other documents are never checked",
        _choice("off", "warn", "refuse"),
    )
    cda_rules: Path | None = _key(
        None,
        "folder of an official rule pack (XSD and Schematron) that this check runs too, in a process of its own; needs"
        " the extra `schematron`; none: the rules built in alone",
        _file,
    )
    cda_check_limit_s: float = _key(
        30.0, "seconds within which the official rules must be done with a document", _seconds
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientSettings:
    """Section ``recipient``."""

    store: str = _key(
        "inbox",
        "where submissions to `/xds/recipient` go: `inbox`, a folder for other software, or `repository`, the one of"
        " this process with all rules of XDS",
        _choice("inbox", "repository"),
    )
    inbox: Path | None = _key(None, "that folder; none: `inbox` in the data folder", _file)
    limited_metadata: str = _key(
        "accept",
        "`accept` or `refuse` the few attributes of objects that are labelled as limited metadata",
        _choice("accept", "refuse"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Section ``server``."""

    data: Path = _key(_DATA, "data folder; `--data` comes first", _file)
    actors: tuple[str, ...] = _key(
        ACTORS, "which actors this process plays: `registry`, `repository`, `recipient`", _actors
    )
    max_request_bytes: int = _key(2 << 30, "largest HTTP request body, in bytes", _number)
    max_document_bytes: int = _key(1 << 30, "largest document, in bytes", _number)
    threads: int = _key(
        32,
        "messages of one kind processed at the same time; the kinds are queries, retrieves, changes, and submissions"
        " that are large or leave the process",
        _number,
    )
    max_waiting: int = _key(
        256, "messages of one kind that may wait for a thread; more get XDSRegistryBusy or XDSRepositoryBusy", _number
    )
    max_uploads: int = _key(
        64, "messages of more than 256 KiB that may arrive at the same time; more are refused like that", _number
    )
    max_spool_bytes: int = _key(
        8 << 30, "what temporary files of arriving messages and of long answers may hold together, in bytes", _number
    )
    free_disk_bytes: int | None = _key(
        None,
        "what submissions leave free on the disk of the data folder, in bytes: they are refused before, while queries"
        " and removals go on; none: a twentieth of that disk, 1 GiB at most",
        _number,
    )
    max_connections: int = _key(4096, "connections open at the same time; more get HTTP 503", _number)
    max_connections_per_address: int | None = _key(
        None,
        "the same for one IP address; none: no such bound. Behind a proxy all connections have its address: leave it"
        " unset there, and bound them in the proxy",
        _number,
    )
    max_header_bytes: int = _key(32 * 1024, "largest head of an HTTP request, in bytes; more gets HTTP 431", _number)
    max_headers: int = _key(100, "most headers of an HTTP request; more get HTTP 431", _number)
    head_limit_s: float = _key(
        10.0, "seconds within which the head of a request must arrive, or HTTP 408 ends the connection", _seconds
    )
    min_bytes_per_s: int = _key(
        1024, "bytes a second that a request body must bring and that a client must take of an answer", _number
    )
    body_grace_s: float = _key(
        10.0, "seconds for which a request body may fall behind that; then HTTP 408 ends the connection", _seconds
    )
    answer_grace_s: float = _key(
        30.0, "seconds for which the reader of an answer may fall behind that; then the connection is cut", _seconds
    )
    idle_s: float = _key(30.0, "seconds that a connection may wait for its next request", _seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """Section ``client``."""

    registry: str | None = _key(None, "URL of the registry that `query` and `retrieve` ask", _url)
    repository: str | None = _key(None, "URL of the repository that `submit` and `retrieve` use", _url)
    source_id: str | None = _key(None, "sourceId of submissions, an OID; none: the product's own", _oid)
    content_type_code: str | None = _key(
        None, "contentTypeCode of submissions, `code^display^scheme`; none: from the encounter of the document", _text
    )
    timeout_s: float = _key(60.0, "seconds to wait for a connection or for the next bytes", _seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class MllpSettings:
    """Section ``mllp``."""

    host: str = _key("127.0.0.1", "address on which the patient identity feed in HL7 v2 (ITI-8) is taken", _text)
    port: int | None = _key(None, "its port, 0 takes a free one; none: it is not taken", _port)
    max_connections: int = _key(64, "connections open at the same time; more are closed", _number)
    max_waiting: int = _key(16, "messages that may wait while four are in work; more are answered AR", _number)
    idle_s: float = _key(300.0, "seconds that a connection may wait for its next message", _seconds)
    message_s: float = _key(30.0, "seconds within which a message that has begun must be whole", _seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The effective configuration."""

    registry: RegistrySettings = field(default_factory=RegistrySettings)
    repository: RepositorySettings = field(default_factory=RepositorySettings)
    recipient: RecipientSettings = field(default_factory=RecipientSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    client: ClientSettings = field(default_factory=ClientSettings)
    mllp: MllpSettings = field(default_factory=MllpSettings)

    def rows(self) -> list[tuple[str, Any, Any, str]]:
        """Key, value, default and meaning of every setting, in the order of the sections."""
        return [
            (f"{section.name}.{key.name}", getattr(getattr(self, section.name), key.name), key.default, meaning)
            for section in fields(self)
            for key in fields(getattr(self, section.name))
            if (meaning := key.metadata["meaning"])
        ]


_SECTIONS: dict[str, type] = {
    "registry": RegistrySettings,
    "repository": RepositorySettings,
    "recipient": RecipientSettings,
    "server": ServerSettings,
    "client": ClientSettings,
    "mllp": MllpSettings,
}
_CHECKS: dict[str, Callable[[object], Any]] = {
    f"{section}.{key.name}": key.metadata["check"] for section, kind in _SECTIONS.items() for key in fields(kind)
}


def load_settings(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the configuration.

    Args:
        path: A TOML file, or None.
        environment: Variables that override it; the process's own when None.

    Raises:
        ConfigError: The file cannot be read, or keys are unknown or wrong; all of them are named.
    """
    given: dict[str, object] = {}
    faults: list[str] = []
    if path is not None:
        _read_file(path, given, faults)
    _read_environment(os.environ if environment is None else environment, given, faults)
    if faults:
        raise ConfigError("\n".join(faults))
    sections: dict[str, dict[str, object]] = {section: {} for section in _SECTIONS}
    for name, value in given.items():
        section, key = name.split(".")
        sections[section][key] = value
    settings = Settings(**{section: _SECTIONS[section](**values) for section, values in sections.items()})
    if settings.repository.registry is None and _registers(settings) and "registry" not in settings.server.actors:
        raise ConfigError('server.actors holds no "registry", so repository.registry must name one')
    if "registry" not in settings.server.actors and settings.mllp.port is not None:
        raise ConfigError('server.actors holds no "registry", so nobody takes what comes to mllp.port')
    return settings


def _registers(settings: Settings) -> bool:
    actors = settings.server.actors
    return "repository" in actors or ("recipient" in actors and settings.recipient.store == "repository")


def _read_file(path: Path, given: dict[str, object], faults: list[str]) -> None:
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is no TOML: {error}") from error
    for section, values in content.items():
        if not isinstance(values, dict):
            faults.append(f'{path}{_line(text, "", section)}: "{section}" stands outside a section')
            continue
        for key, value in values.items():
            _take(f"{section}.{key}", value, f"{path}{_line(text, section, key)}", given, faults)


def _line(text: str, section: str, key: str) -> str:
    """Find the line of a key in words for a message; empty for forms of TOML that this does not know."""
    given = rf"\s*\"?{re.escape(key)}\"?\s*="
    dotted = rf"\s*\"?{re.escape(section)}\"?\s*\.{given}"
    current = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*\"?([\w-]+)\"?\s*\]", line):
            current = header[1]
        elif (current == section and re.match(given, line)) or (not current and re.match(dotted, line)):
            return f", line {number}"
    return ""


def _read_environment(environment: Mapping[str, str], given: dict[str, object], faults: list[str]) -> None:
    names = {f"{_PREFIX}{name.replace('.', '_').upper()}": name for name in _CHECKS}
    for variable, value in sorted(environment.items()):
        if variable.startswith(_PREFIX):
            name = names.get(variable) or variable.removeprefix(_PREFIX).lower().replace("_", ".", 1)
            _take(name, value, variable, given, faults)


def _take(name: str, value: object, where: str, given: dict[str, object], faults: list[str]) -> None:
    check = _CHECKS.get(name)
    if check is None:
        if name in _LATER:
            faults.append(f'{where}: "{name}" is not available yet')
            return
        near = difflib.get_close_matches(name, _CHECKS, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        faults.append(f'{where}: unknown key "{name}"{hint}')
        return
    try:
        given[name] = check(value)
    except ValueError as error:
        faults.append(f"{where}: {name} {error}")
