"""The configuration: defaults, file, environment, and every fault named at once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from xds_adapter.cli.serve import effective
from xds_adapter.config import (
    ClientSettings,
    DatabaseUrl,
    RegistrySettings,
    RepositorySettings,
    ServerSettings,
    Settings,
    load_settings,
)
from xds_adapter.datatypes import HD
from xds_adapter.errors import ConfigError

# Key, default, a text of the environment, the same in TOML, and the value it stands for.
SERVER = "postgresql+psycopg://xds:secret@db/xds"
ROWS: list[tuple[str, Any, str, str, Any]] = [
    ("registry.database", DatabaseUrl("sqlite"), SERVER, f'"{SERVER}"', DatabaseUrl(SERVER)),
    ("registry.unknown_patients", "reject", "accept", '"accept"', "accept"),
    ("registry.unknown_patients_in_queries", "empty", "reject", '"reject"', "reject"),
    ("registry.assigning_authority", None, "NS&1.2.3&ISO", '"NS&1.2.3&ISO"', HD("NS&1.2.3&ISO")),
    ("registry.max_query_results", 10_000, "5", "5", 5),
    ("registry.codes", None, "codes.xml", '"codes.xml"', Path("codes.xml")),
    (
        "registry.async_reply_hosts",
        (),
        "RIS.example, [::1]:8443",
        '["ris.example", "[::1]:8443"]',
        ("ris.example", "[::1]:8443"),
    ),
    ("registry.async_reply_limit_s", 300.0, "12", "12", 12.0),
    ("repository.unique_id", None, "1.2.3", '"1.2.3"', "1.2.3"),
    ("repository.registry", None, "https://a.example/r", '"https://a.example/r"', "https://a.example/r"),
    ("repository.on_demand_command", None, "'a b' -c", '["a b", "-c"]', ("a b", "-c")),
    ("repository.on_demand_limit_s", 30.0, "2.5", "2.5", 2.5),
    ("repository.cda_check", "off", "warn", '"warn"', "warn"),
    ("repository.cda_rules", None, "/srv/rules", '"/srv/rules"', Path("/srv/rules")),
    ("repository.cda_check_limit_s", 30.0, "2.5", "2.5", 2.5),
    ("recipient.store", "inbox", "repository", '"repository"', "repository"),
    ("recipient.inbox", None, "/srv/inbox", '"/srv/inbox"', Path("/srv/inbox")),
    ("recipient.limited_metadata", "accept", "refuse", '"refuse"', "refuse"),
    ("server.data", Path("xds-data"), "/srv/xds", '"/srv/xds"', Path("/srv/xds")),
    (
        "server.actors",
        ("registry", "repository", "recipient"),
        "recipient, registry",
        '["recipient", "registry"]',
        ("registry", "recipient"),
    ),
    ("server.max_request_bytes", 2 << 30, "1024", "1024", 1024),
    ("server.max_document_bytes", 1 << 30, "1", "1", 1),
    ("server.threads", 32, "4", "4", 4),
    ("server.max_waiting", 256, "4", "4", 4),
    ("server.max_uploads", 64, "4", "4", 4),
    ("server.max_spool_bytes", 8 << 30, "4", "4", 4),
    ("server.free_disk_bytes", None, "4", "4", 4),
    ("server.max_connections", 4096, "4", "4", 4),
    ("server.max_connections_per_address", None, "4", "4", 4),
    ("server.max_header_bytes", 32 << 10, "4", "4", 4),
    ("server.max_headers", 100, "4", "4", 4),
    ("server.head_limit_s", 10.0, "2.5", "2.5", 2.5),
    ("server.min_bytes_per_s", 1024, "4", "4", 4),
    ("server.body_grace_s", 10.0, "2.5", "2.5", 2.5),
    ("server.answer_grace_s", 30.0, "2.5", "2.5", 2.5),
    ("server.idle_s", 30.0, "2.5", "2.5", 2.5),
    ("client.registry", None, "http://localhost:8080/r", '"http://localhost:8080/r"', "http://localhost:8080/r"),
    ("client.repository", None, "http://[::1]/r", '"http://[::1]/r"', "http://[::1]/r"),
    ("client.source_id", None, "1.2.3", '"1.2.3"', "1.2.3"),
    ("client.content_type_code", None, "a^b^1.2", '"a^b^1.2"', "a^b^1.2"),
    ("client.timeout_s", 60.0, "2.5", "2.5", 2.5),
    ("mllp.host", "127.0.0.1", "::1", '"::1"', "::1"),
    ("mllp.port", None, "2575", "2575", 2575),
    ("mllp.max_connections", 64, "4", "4", 4),
    ("mllp.max_waiting", 16, "4", "4", 4),
    ("mllp.idle_s", 300.0, "2.5", "2.5", 2.5),
    ("mllp.message_s", 30.0, "2.5", "2.5", 2.5),
]
each_row = pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])

LATER = [
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
]

_DATABASE = "must be sqlite (a file in the data folder) or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
WRONG = [
    ("registry.database", '"mysql://db/xds"', _DATABASE),
    ("registry.database", '"postgresql+psycopg://xds:secret@db"', _DATABASE),
    ("registry.database", '"postgresql+asyncpg://db/xds"', _DATABASE),
    ("registry.database", '"sqlite:///x"', _DATABASE),
    ("registry.database", "3", "must be a text"),
    ("registry.unknown_patients", '"maybe"', "must be reject or accept"),
    ("registry.unknown_patients", "true", "must be reject or accept"),
    ("registry.unknown_patients_in_queries", '"accept"', "must be empty or reject"),
    ("registry.assigning_authority", '"1.2.3"', "is not NAMESPACE&OID&ISO"),
    ("registry.assigning_authority", '"NS&1.2.3&DNS"', "is not NAMESPACE&OID&ISO"),
    ("registry.assigning_authority", '"NS&RIS&ISO"', "has no OID in its second part: is not an OID"),
    ("registry.codes", "7", "must be a text"),
    ("registry.codes", '"~nobody-of-that-name/codes.xml"', "starts with the home folder of nobody"),
    ("registry.async_reply_hosts", "7", "must be a list of host or host:port"),
    ("registry.async_reply_hosts", "[7]", "must be a list of host or host:port"),
    ("registry.async_reply_hosts", '["http://a.example/"]', "must be a list of host or host:port"),
    ("registry.async_reply_hosts", '["a.example/x"]', "must be a list of host or host:port"),
    ("registry.async_reply_hosts", '["me@a.example"]', "must be a list of host or host:port"),
    ("registry.async_reply_hosts", '["a.example:http"]', "must be a list of host or host:port"),
    ("registry.async_reply_hosts", '["::1"]', "must be a list of host or host:port"),
    ("registry.async_reply_hosts", '[""]', "must be a list of host or host:port"),
    ("registry.async_reply_limit_s", "0", "must be a number of seconds above 0"),
    ("repository.on_demand_command", "[]", "must be a list of a program and its arguments"),
    ("repository.on_demand_command", '["a", 1]', "must be a list of a program and its arguments"),
    ("repository.on_demand_limit_s", "0", "must be a number of seconds above 0"),
    ("repository.unique_id", '"RIS"', "is not an OID"),
    ("repository.unique_id", "1.2", "must be a text"),
    ("repository.unique_id", f'"1.{"2" * 70}"', "an OID has at most 64 characters"),
    ("repository.registry", '"ftp://a.example"', "is no http or https URL"),
    ("repository.registry", '"http://"', "is no http or https URL"),
    ("repository.registry", '"http://[a"', "Invalid IPv6 URL"),
    ("recipient.store", '"registry"', "must be inbox or repository"),
    ("recipient.limited_metadata", "true", "must be accept or refuse"),
    ("server.actors", "[]", "must be a list of registry, repository, recipient"),
    ("server.actors", '["registry", "source"]', "must be a list of registry, repository, recipient"),
    ("server.actors", '""', "must be a list of registry, repository, recipient"),
    ("server.actors", '[["registry"]]', "must be a list of registry, repository, recipient"),
    ("server.actors", "3", "must be a list of registry, repository, recipient"),
    ("server.threads", "0", "must be a whole number above 0"),
    ("server.threads", "-1", "must be a whole number above 0"),
    ("server.threads", "1.5", "must be a whole number above 0"),
    ("server.threads", '"many"', "must be a whole number above 0"),
    ("server.threads", "true", "must be a whole number above 0"),
    ("client.timeout_s", "0", "must be a number of seconds above 0"),
    ("client.timeout_s", "inf", "must be a number of seconds above 0"),
    ("client.timeout_s", "nan", "must be a number of seconds above 0"),
    ("client.timeout_s", '"soon"', "must be a number of seconds above 0"),
    ("client.timeout_s", "false", "must be a number of seconds above 0"),
    ("mllp.port", "65536", "must be a port, 0 to 65535"),
    ("mllp.port", "-1", "must be a port, 0 to 65535"),
    ("mllp.port", "2.5", "must be a port, 0 to 65535"),
    ("mllp.port", "true", "must be a port, 0 to 65535"),
]


def write(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, text: str, environment: dict[str, str] | None = None) -> Settings:
    return load_settings(write(folder, text), environment or {})


def faults(folder: Path, text: str, environment: dict[str, str] | None = None) -> list[str]:
    """What is wrong, without the folder of the file."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text, environment)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def in_section(key: str, value: str) -> str:
    section, name = key.split(".")
    return f"[{section}]\n{name} = {value}\n"


def variable(key: str) -> str:
    return f"XDS_ADAPTER_{key.replace('.', '_').upper()}"


def value_of(settings: Settings, key: str) -> Any:
    return next(value for name, value, _default, _meaning in settings.rows() if name == key)


def with_registry(key: str, environment: dict[str, str]) -> dict[str, str]:
    """A repository on its own needs a registry elsewhere."""
    return environment | ({"XDS_ADAPTER_REPOSITORY_REGISTRY": "http://a/"} if key == "server.actors" else {})


def test_the_table_above_holds_every_setting() -> None:
    assert [row[0] for row in ROWS] == [key for key, *_ in Settings().rows()]


@each_row
def test_a_setting_has_its_default(row: tuple[str, Any, str, str, Any]) -> None:
    key, default, *_ = row
    assert default == value_of(load_settings(None, {}), key)
    assert default == next(given for name, _value, given, _meaning in Settings().rows() if name == key)


def test_every_setting_has_a_meaning() -> None:
    assert [] == [key for key, _value, _default, meaning in Settings().rows() if not meaning]


@each_row
def test_a_setting_is_read_from_the_file(tmp_path: Path, row: tuple[str, Any, str, str, Any]) -> None:
    key, _default, _text, toml, expected = row
    assert expected == value_of(load(tmp_path, in_section(key, toml)), key)


@each_row
def test_a_setting_is_read_from_the_environment(row: tuple[str, Any, str, str, Any]) -> None:
    key, _default, text, _toml, expected = row
    assert expected == value_of(load_settings(None, {variable(key): text}), key)


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    text = "[server]\nthreads = 4\nmax_document_bytes = 5\n"
    settings = load(tmp_path, text, {"XDS_ADAPTER_SERVER_THREADS": "8"})
    assert (8, 5) == (settings.server.threads, settings.server.max_document_bytes)


def test_the_environment_is_that_of_the_process_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDS_ADAPTER_SERVER_THREADS", "7")
    assert 7 == load_settings().server.threads


def test_other_variables_are_ignored() -> None:
    assert Settings() == load_settings(None, {"XDS_DATA": "x", "PATH": "/bin"})


def test_sections_may_be_written_as_dotted_keys(tmp_path: Path) -> None:
    expected = Settings(
        registry=RegistrySettings(unknown_patients="accept"),
        repository=RepositorySettings(unique_id="1.2.3"),
        server=ServerSettings(threads=2),
        client=ClientSettings(timeout_s=1.0),
    )
    text = (
        'registry.unknown_patients = "accept"\nrepository = { unique_id = "1.2.3" }\n'
        '"server"."threads" = 2\n[client]\n"timeout_s" = 1\n'
    )
    assert expected == load(tmp_path, text)


def test_a_home_folder_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/xds")
    assert Path("/home/xds/data") == load_settings(None, {"XDS_ADAPTER_SERVER_DATA": "~/data"}).server.data


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[registry]\n\nunknown_patient = "accept"\n',
            'site.toml, line 3: unknown key "registry.unknown_patient"; did you mean "registry.unknown_patients"?',
        ),
        (
            "# site\n[serve]\nthreads = 3\n",
            'site.toml, line 3: unknown key "serve.threads"; did you mean "server.threads"?',
        ),
        ("[colour]\nred = 1\n", 'site.toml, line 2: unknown key "colour.red"'),
        (
            "client.timeout = 3\n",
            'site.toml, line 1: unknown key "client.timeout"; did you mean "client.timeout_s"?',
        ),
        ("threads = 4\n", 'site.toml, line 1: "threads" stands outside a section'),
        ("server = { thread = 4 }\n", 'site.toml: unknown key "server.thread"; did you mean "server.threads"?'),
    ],
)
def test_an_unknown_key_names_the_nearest_with_file_and_line(tmp_path: Path, text: str, expected: str) -> None:
    assert [expected] == faults(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[repository]\nregistry = "http://a/"\n[client]\nregistry = "x"\n', 4),
        ('[client]\nregistry = "x"\n[repository]\nregistry = "http://a/"\n', 2),
        ('[ "repository" ] # here\nregistry = "http://a/"\n\n[client]\n  "registry" = "x"\n', 5),
        ('repository.registry = "http://a/"\nclient.registry = "x"\n', 2),
        ('[repository]\nregistry = "http://a/"\n[[other]]\n[client]\nregistry="x"\n', 5),
    ],
)
def test_the_line_is_that_of_the_section(tmp_path: Path, text: str, line: int) -> None:
    assert f"site.toml, line {line}: client.registry is no http or https URL" in faults(tmp_path, text)


def test_an_unknown_variable_names_the_nearest_key() -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(None, {"XDS_ADAPTER_SERVER_THREAD": "4"})
    expected = 'XDS_ADAPTER_SERVER_THREAD: unknown key "server.thread"; did you mean "server.threads"?'
    assert expected == str(caught.value)


@pytest.mark.parametrize(("key", "toml", "words"), WRONG)
def test_a_wrong_value_says_what_is_allowed(tmp_path: Path, key: str, toml: str, words: str) -> None:
    (fault,) = faults(tmp_path, in_section(key, toml))
    assert fault.startswith(f"site.toml, line 2: {key} {words}")


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    text = '[server]\nthreads = 0\n[colour]\nred = 1\n[client]\nsource_id = "x"\n'
    environment = {"XDS_ADAPTER_CLIENT_TIMEOUT_S": "never", "XDS_ADAPTER_TLS_KEY": "key.pem"}
    expected = [
        "site.toml, line 2: server.threads must be a whole number above 0",
        'site.toml, line 4: unknown key "colour.red"',
        "site.toml, line 6: client.source_id is not an OID",
        "XDS_ADAPTER_CLIENT_TIMEOUT_S: client.timeout_s must be a number of seconds above 0",
        'XDS_ADAPTER_TLS_KEY: "tls.key" is not available yet',
    ]
    assert expected == faults(tmp_path, text, environment)


@pytest.mark.parametrize("key", LATER)
def test_a_key_of_a_later_version_is_refused_by_name(tmp_path: Path, key: str) -> None:
    assert [f'site.toml, line 2: "{key}" is not available yet'] == faults(tmp_path, in_section(key, '"x"'))
    with pytest.raises(ConfigError, match="is not available yet"):
        load_settings(None, {variable(key): "x"})


def test_a_repository_alone_needs_a_registry(tmp_path: Path) -> None:
    expected = ['server.actors holds no "registry", so repository.registry must name one']
    assert expected == faults(tmp_path, '[server]\nactors = ["repository"]\n')


def test_a_repository_alone_may_register_elsewhere(tmp_path: Path) -> None:
    text = '[server]\nactors = ["repository"]\n[repository]\nregistry = "http://a.example/r"\n'
    settings = load(tmp_path, text)
    assert (("repository",), "http://a.example/r") == (settings.server.actors, settings.repository.registry)


def test_a_recipient_that_stores_here_needs_a_registry(tmp_path: Path) -> None:
    text = '[server]\nactors = ["recipient"]\n[recipient]\nstore = "repository"\n'
    assert ['server.actors holds no "registry", so repository.registry must name one'] == faults(tmp_path, text)


def test_a_recipient_with_an_inbox_needs_nothing(tmp_path: Path) -> None:
    assert ("recipient",) == load(tmp_path, '[server]\nactors = ["recipient"]\n').server.actors


def test_the_identity_feed_needs_a_registry(tmp_path: Path) -> None:
    text = '[server]\nactors = ["repository"]\n[repository]\nregistry = "http://a/"\n[mllp]\nport = 2575\n'
    assert ['server.actors holds no "registry", so nobody takes what comes to mllp.port'] == faults(tmp_path, text)


def test_a_registry_alone_needs_nothing(tmp_path: Path) -> None:
    assert ("registry",) == load(tmp_path, '[server]\nactors = ["registry"]\n').server.actors


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"[server\n", "is no TOML: "), (b"\xff", "cannot be read: "), (None, "cannot be read: ")],
    ids=["no TOML", "no UTF-8", "no file"],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "site.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_settings(path, {})
    assert str(caught.value).startswith(f"{path} {words}")


def test_an_empty_file_is_the_default(tmp_path: Path) -> None:
    assert tomllib.loads("") == {}
    assert Settings() == load(tmp_path, "")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite", "sqlite"),
        ("postgresql+psycopg://xds@db/xds", "postgresql+psycopg://xds@db/xds"),
        (SERVER, "postgresql+psycopg://xds:***@db/xds"),
        ("postgresql://xds:se:cr/e@t@db:5432/xds", "postgresql://xds:***@db:5432/xds"),
        (
            "postgresql://db/xds?user=x&password=secret&sslmode=require",
            "postgresql://db/xds?user=x&password=***&sslmode=require",
        ),
        ("postgresql:///xds?host=/run&sslpassword=secret", "postgresql:///xds?host=/run&sslpassword=***"),
    ],
)
def test_a_password_is_never_shown(tmp_path: Path, url: str, shown: str) -> None:
    settings = load(tmp_path, in_section("registry.database", f'"{url}"'))
    assert f'database = "{shown}"' in effective(settings, None)
    assert "secret" not in f"{settings} {settings.registry!r} {settings.registry.database}"
    assert (url if url != "sqlite" else None) == settings.registry.database.server
