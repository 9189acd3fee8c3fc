"""What a monitor is told: true, readable by the usual parser, and nothing about patients."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.factories import PATIENT
from tests.flow.running import Site, post, request, running
from tests.flow.submissions import mtom, numbered
from xds_adapter.server.metrics import BOUNDS, Measured, Metrics
from xds_adapter.soap import write_envelope

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path / "data") as site:
        yield site


def samples(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def asked(site: Site) -> Samples:
    answer = request("GET", site.url + "/metrics")
    assert (200, "text/plain; version=0.0.4; charset=utf-8") == (answer.status, answer.content_type)
    return samples(answer.content.decode())


def settled(site: Site, name: str, labels: dict[str, str], expected: float) -> Samples:
    """An exchange is counted just after its answer was sent."""
    until = time.monotonic() + 5
    while (found := asked(site)).get((name, tuple(sorted(labels.items())))) != expected:
        assert time.monotonic() < until, f"{name} {labels} is not {expected}"
        time.sleep(0.01)
    return found


def test_exchanges_are_counted_by_transaction_and_outcome(site: Site) -> None:
    content_type, body = mtom(numbered(1, b"x" * 100))
    first = post(site.repository, content_type, body)
    again = post(site.repository, *mtom(numbered(1, b"other")))
    assert ("Success", "Failure") == (first.status_word, again.status_word)
    settled(site, "xds_adapter_exchanges_total", {"transaction": "ITI-41", "outcome": "Success"}, 1)
    found = settled(site, "xds_adapter_exchanges_total", {"transaction": "ITI-41", "outcome": "Failure"}, 1)
    code = ("error_code", again.codes[0])
    assert 1 == found["xds_adapter_errors_total", (code, ("transaction", "ITI-41"))]
    for name, count in (("received", len(body)), ("sent", len(first.content))):
        assert count < found[f"xds_adapter_{name}_bytes_total", (("transaction", "ITI-41"),)]
    stages = {
        dict(labels)["stage"]: value for (name, labels), value in found.items() if name.endswith("stage_seconds_count")
    }
    assert {"receive": 2, "read": 2, "wait": 2, "act": 2, "commit": 2, "answer": 2} == stages


@pytest.mark.parametrize("size", [100, 400_000])
def test_the_stages_make_up_the_whole(site: Site, size: int) -> None:
    started = time.perf_counter()
    assert "Success" == post(site.repository, *mtom(numbered(1, b"x" * size))).status_word
    elapsed = time.perf_counter() - started
    found = settled(site, "xds_adapter_exchanges_total", {"transaction": "ITI-41", "outcome": "Success"}, 1)
    parts = [value for (name, _), value in found.items() if name == "xds_adapter_stage_seconds_sum"]
    whole = found["xds_adapter_exchange_seconds_sum", (("transaction", "ITI-41"),)]
    assert pytest.approx(whole) == sum(parts)
    assert min(parts) >= 0
    assert whole < elapsed + 0.5


def test_what_is_no_message_is_counted_without_transaction(site: Site) -> None:
    assert 400 == post(site.registry, "text/plain", b"x").status
    settled(site, "xds_adapter_exchanges_total", {"transaction": "none", "outcome": "fault"}, 1)


def test_an_upload_that_breaks_off_is_counted(site: Site) -> None:
    parts = urlsplit(site.repository)
    with closing(socket.create_connection((parts.hostname or "", parts.port or 0))) as connection:
        heads = b"Host: x\r\nContent-Length: 100\r\nContent-Type: application/soap+xml\r\n\r\n"
        connection.sendall(b"POST /xds/repository HTTP/1.1\r\n" + heads + b"abc")
        found = settled(site, "xds_adapter_open_exchanges", {}, 1)
        assert 2 <= found["xds_adapter_open_connections", ()]
    found = settled(site, "xds_adapter_broken_uploads_total", {}, 1)
    assert 0 == found["xds_adapter_open_exchanges", ()]


def test_the_process_and_its_queues_are_described(site: Site) -> None:
    found = asked(site)
    assert (0, 0, 32) == (
        found["xds_adapter_writer_queue", ()],
        found["xds_adapter_waiting_answers", ()],
        found["xds_adapter_worker_threads", ()],
    )
    for name in ("xds_adapter_data_free_bytes", "process_resident_memory_bytes", "process_open_fds"):
        assert 1 < found[name, ()]
    assert 0 < found["process_cpu_seconds_total", ()]


def test_no_word_of_a_message_is_told(site: Site) -> None:
    action = "urn:example:secret"
    sent = write_envelope("<a/>", action=action, message_id="urn:uuid:secret")
    assert 400 == post(site.registry, "application/soap+xml", sent).status
    assert "Success" == post(site.repository, *mtom(numbered(1, b"x"))).status_word
    settled(site, "xds_adapter_exchanges_total", {"transaction": "ITI-41", "outcome": "Success"}, 1)
    told = request("GET", site.url + "/metrics").content.decode()
    for word in ("secret", PATIENT.id_number, "1.2.250"):
        assert word not in told


def test_foreign_codes_and_outcomes_make_no_labels() -> None:
    metrics = Metrics([("broken", "Cannot be told.", _broken)])
    codes = frozenset({"XDSRegistryBusy", "Their_Own", "Another"})
    metrics.record(Measured("ITI-41", "Strange", codes, 0.0, [("act", BOUNDS[0]), ("answer", 1000.0)], 1, 2))
    found = samples(metrics.text(metrics.gauges()))
    assert 1 == found["xds_adapter_exchanges_total", (("outcome", "unanswered"), ("transaction", "ITI-41"))]
    assert {"XDSRegistryBusy", "other"} == {
        dict(labels)["error_code"] for name, labels in found if name == "xds_adapter_errors_total"
    }
    assert ("broken", ()) not in found
    act = (("stage", "act"), ("transaction", "ITI-41"))
    counts = [found["xds_adapter_stage_seconds_bucket", (("le", str(bound)), *act)] for bound in (BOUNDS[0], "+Inf")]
    assert [1, 1] == counts
    answer = (("stage", "answer"), ("transaction", "ITI-41"))
    counts = [found["xds_adapter_stage_seconds_bucket", (("le", str(bound)), *answer)] for bound in (120.0, "+Inf")]
    assert [0, 1] == counts


def _broken() -> float:
    raise OSError(5, "Input/output error")


def test_one_name_leads_from_an_answer_to_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A partner who quotes the header, or the reference of a failure, is found in the log."""
    lines: list[dict[str, object]] = []

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake of ours")

    with running(tmp_path / "data", log=lambda _, facts: lines.append(dict(facts))) as site:
        answers = [post(site.repository, *mtom(numbered(1, b"x"))), post(site.registry, "text/plain", b"x")]
        monkeypatch.setattr(site.installation.repository, "provide_and_register", fail)
        answers.append(post(site.repository, *mtom(numbered(2, b"x"))))
    names = [answer.headers["x-exchange-id"] for answer in answers]
    assert names == [line["exchange"] for line in lines]
    assert 3 == len(set(names))
    assert [("XDSRepositoryError", f"internal failure, reference {names[2]}")] == [
        (code, context) for code, _, context in answers[2].errors
    ]
    (record,) = (record for record in caplog.records if record.exc_info)
    assert names[2] == vars(record)["exchange"]
