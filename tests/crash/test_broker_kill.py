"""The service's own broker is killed -9 or hangs: the service starts it again, and nothing that it promised is lost."""

import os
import signal
import threading
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from ingest_kit import WAIT_S, Publisher
from prometheus_client.parser import text_string_to_metric_families
from service_process import ServiceProcess

from app.broker import EmbeddedBroker
from app.broker_probe import probe
from app.broker_process import running_with
from app.broker_users import CONFIG_FILE, PID_FILE
from app.files import DataFiles
from core.clock import monotonic_s
from store.journal import Journal


@pytest.fixture
def service(tmp_path):
    (tmp_path / "data").mkdir()
    service = ServiceProcess(tmp_path / "data", clock="system")
    service.start()
    yield service
    service.end()


def until(holds, wait_s=2 * WAIT_S):
    pause, end_s = threading.Event(), monotonic_s() + wait_s
    while not holds():
        assert monotonic_s() < end_s
        pause.wait(0.05)


def parked_topics(service):
    """Return where devices spoke that nobody registered; one whose ack the kill cut off is delivered twice."""
    with closing(Journal(DataFiles(service.data_dir).journal)) as journal:
        return {one.topic for one in journal.parked(10)}


def test_a_killed_broker_runs_again_without_anybody_and_the_service_hears_what_it_had_promised(service):
    folder = service.data_dir / "broker"
    broker = EmbeddedBroker(folder, service.mqtt_port)  # never started here: it knows port and accounts
    with closing(httpx.Client(base_url=f"http://127.0.0.1:{service.http_port}", timeout=WAIT_S)) as operator:

        def figure(name):
            metrics = text_string_to_metric_families(operator.get("/metrics").text)
            return next(sample.value for one in metrics for sample in one.samples if sample.name == name)

        def says(topic):
            with closing(Publisher(broker, broker.accounts.device)) as device:
                device.send(topic, b"x")  # returns when the broker has promised it

        until(lambda: operator.get("/readyz").is_success)
        says("care/h1/before/event")
        os.kill(int((folder / PID_FILE).read_text()), signal.SIGKILL)
        until(lambda: figure("shouwang_broker_restarts_total") == 1)
        until(lambda: operator.get("/readyz").is_success)
        says("care/h1/after/event")
        until(lambda: parked_topics(service) == {"care/h1/before/event", "care/h1/after/event"})
    assert service.stop() == 0
    said = (service.data_dir.parent / "service.log").read_text("utf-8")
    assert "the embedded broker has ended (signal 9) and is started again" in said
    assert running_with(folder / CONFIG_FILE, "") == []


@pytest.mark.slow
def test_a_broker_that_hangs_is_ended_and_runs_again_without_anybody(service):
    """In real time: two test messages are not answered, ten seconds each."""
    folder = service.data_dir / "broker"
    broker = EmbeddedBroker(folder, service.mqtt_port)
    hung = int((folder / PID_FILE).read_text())
    os.kill(hung, signal.SIGSTOP)
    until(lambda: not Path(f"/proc/{hung}").exists(), wait_s=4 * WAIT_S)

    def takes():
        return probe(broker.host, broker.port, broker.accounts.ingest, lambda: True) == ""

    until(takes)
    assert service.stop() == 0
    said = (service.data_dir.parent / "service.log").read_text("utf-8")
    assert "the embedded broker lives and takes no message" in said
    assert "the embedded broker runs again" in said
