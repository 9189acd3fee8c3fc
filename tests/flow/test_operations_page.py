"""What docs/operations.md tells an operator to write is right: settings, metrics, the proxy in front of a server."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from tests.flow.running import HttpAnswer, Site, request, running
from tests.flow.submissions import mtom, numbered
from xds_adapter.config import load_settings
from xds_adapter.server.metrics import Metrics

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_its_settings_exist(tmp_path: Path) -> None:
    config = tmp_path / "xds-adapter.toml"
    config.write_text(block("toml"))
    assert Path("/var/lib/xds-adapter") == load_settings(config, {}).server.data


def test_it_describes_every_metric_and_no_other(shared_site: Site) -> None:
    told = request("GET", shared_site.url + "/metrics").content.decode()
    exported = set(re.findall(r"^# TYPE (\w+)", told, re.MULTILINE))
    written = set(
        re.findall(
            r"\b(?:xds_adapter|process)_[a-z_]+(?:total|seconds|bytes|fds|queue|exchanges|threads"
            r"|connections|answers)\b",
            PAGE,
        )
    )
    assert exported == written
    assert {"# TYPE xds_adapter_exchange_seconds histogram"} <= set(Metrics().text(()).splitlines())


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
        return port


def _certificate(folder: Path) -> None:
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    files = ["-keyout", str(folder / "server.key"), "-out", str(folder / "server.pem")]
    subprocess.run(["openssl", *words.split(), *files], check=True, capture_output=True)
    shutil.copy(folder / "server.pem", folder / "partners.pem")


@contextmanager
def _proxied(site: Site, folder: Path) -> Iterator[int]:
    """Nginx with the configuration of the page; only its places and ports are others."""
    _certificate(folder)
    port = _free_port()
    server = block("nginx")
    for former, present in (
        ("127.0.0.1:8080", site.url.removeprefix("http://")),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/xds", str(folder)),
        ("/var/log/nginx", str(folder)),
    ):
        assert former in server
        server = server.replace(former, present)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(f"{user} daemon off; pid {folder}/pid; events {{}} http {{ {temporary}\n{server} }}")
    command = ["nginx", "-c", str(config), "-e", str(folder / "error.log")]
    checked = subprocess.run([*command, "-t"], check=False, capture_output=True, text=True)
    assert 0 == checked.returncode, checked.stderr
    assert "warn" not in checked.stderr
    process = subprocess.Popen(command)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _post(port: int, folder: Path, path: str, content_type: str, body: bytes) -> HttpAnswer:
    context = ssl.create_default_context(cafile=str(folder / "server.pem"))
    context.check_hostname = False
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    until = time.monotonic() + 10
    while True:
        with closing(HTTPSConnection("127.0.0.1", port, context=context, timeout=30)) as connection:
            try:
                connection.connect()
            except ConnectionRefusedError:
                assert time.monotonic() < until
                time.sleep(0.05)
                continue
            connection.request("POST", path, body, {"Content-Type": content_type})
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return HttpAnswer(answer.status, headers, answer.read())


def _need_programs() -> None:
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        reason = "needs nginx and openssl (Debian: apt-get install nginx-light openssl)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def test_its_proxy_streams_a_submission(tmp_path: Path) -> None:
    """A message larger than all buffers reaches the server and is written to no file of the proxy."""
    _need_programs()
    folder = tmp_path / "nginx"
    folder.mkdir()
    with running(tmp_path / "data") as site, _proxied(site, folder) as port:
        answer = _post(port, folder, "/xds/repository", *mtom(numbered(1, b"x" * 3_000_000)))
        assert "Success" == answer.status_word
        assert 404 == _post(port, folder, "/nowhere", "text/plain", b"x").status
    assert "buffered to a temporary file" not in (folder / "error.log").read_text()
    line = (folder / "xds.log").read_text().splitlines()[0]
    assert line.endswith(answer.headers["x-exchange-id"])
