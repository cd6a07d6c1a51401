"""Doctor asks the running service itself: one that runs and hears nobody is not well."""

import socket
from contextlib import contextmanager

import msgspec
import pytest
from free_port import free_port
from provider_stand_in import stand_in

from app.check import well
from app.doctor_ports import examine_broker
from app.doctor_service import examine_service
from app.files import DataFiles
from app.private_file import write_private
from app.running import RunningService
from app.settings import Settings

DEAF = ["no home has been heard for 1 min: no silence is judged meanwhile", "no connection to the broker"]


@contextmanager
def held(folder):
    files = DataFiles(folder)
    files.lock()
    yield
    files.unlock()


@contextmanager
def answering(folder, **more):
    """A service that runs on a folder and answers on this machine."""
    with held(folder), stand_in() as service:
        announce(folder, local_url=service.base, **more)
        yield service


def announce(folder, **more):
    plain = {
        "base_url": "https://duty.example.invalid",
        "clock": "system",
        "mqtt_host": "127.0.0.1",
        "mqtt_port": 1,
        "simulator_username": "s",
        "simulator_password": "p",
    }
    write_private(folder / "service.json", msgspec.json.encode(RunningService(**(plain | more))))


def examined(folder):
    (check,) = examine_service(Settings(data_dir=folder))
    return check


def test_doctor_says_plainly_whether_the_service_runs(tmp_path):
    assert list(examine_service(Settings(data_dir=tmp_path))) == []  # nobody has ever started one here
    DataFiles(tmp_path).open_truth().close()
    told = examined(tmp_path)
    assert told.is_warning
    assert "服务没有运行" in told.what
    assert "shouwang serve" in told.remedy
    with answering(tmp_path) as service:
        service.answer = {"is_ready": True, "problems": []}
        assert examined(tmp_path) == well("服务正在运行", "the service runs on this data")
        assert service.last.path == "/readyz"


def test_a_service_that_runs_and_hears_nobody_is_bad_in_its_own_words(tmp_path):
    with answering(tmp_path) as service:
        service.status, service.answer = 503, {"is_ready": False, "problems": DEAF}
        told = examined(tmp_path)
    assert not told.is_well
    assert all(problem in told.what for problem in DEAF)
    assert "docs/operations.md" in told.remedy


@pytest.mark.parametrize("answer", [{"detail": "not found"}, []])
def test_a_service_in_whose_place_something_else_answers_is_bad(tmp_path, answer):
    with answering(tmp_path) as service:
        service.answer = answer
        told = examined(tmp_path)
    assert not told.is_well
    assert "does not answer" in told.what


def test_a_service_that_does_not_answer_is_bad(tmp_path):
    with held(tmp_path):
        announce(tmp_path, local_url=f"http://127.0.0.1:{free_port()}")
        told = examined(tmp_path)
    assert not told.is_well
    assert "does not answer" in told.what


def test_a_service_that_has_not_said_where_it_answers_is_starting(tmp_path):
    with held(tmp_path):
        told = examined(tmp_path)
    assert (told.is_well, told.is_warning) == (True, True)
    assert "it is starting" in told.what


@pytest.mark.parametrize("is_free_choice", [False, True])
def test_a_running_service_whose_broker_listens_no_more_is_bad(tmp_path, is_free_choice):
    port = free_port()
    with answering(tmp_path, mqtt_port=port):
        (told,) = examine_broker(Settings(data_dir=tmp_path, mqtt_port=0 if is_free_choice else port))
        with socket.create_server(("127.0.0.1", port)):
            assert all(one.is_well for one in examine_broker(Settings(data_dir=tmp_path, mqtt_port=port)))
    assert not told.is_well
    assert f"mqtt_port {port}: nothing listens there although the service runs" in told.what


def test_nothing_listens_and_nothing_is_told_where_no_service_runs(tmp_path):
    announce(tmp_path, mqtt_port=free_port())
    assert list(examine_broker(Settings(data_dir=tmp_path, mqtt_port=0))) == []
