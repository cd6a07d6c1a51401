"""Doctor on the InfluxDB copy: the real engine with the right and the wrong words, and one that is not there."""

import socket

import pytest
from influx_engine import TOKEN, influx_engine

from app.doctor_series import examine_series
from app.settings import Settings


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with influx_engine(tmp_path_factory.mktemp("influx")) as engine:
        engine.query("CREATE DATABASE town")
        yield engine


def told(url, **settings):
    given = {"influx_url": url, "influx_token": TOKEN, "influx_org": "o", "influx_bucket": "town"} | settings
    return [(check.is_well, check.what, check.remedy) for check in examine_series(Settings(**given))]


def test_without_one_nothing_is_said():
    assert list(examine_series(Settings())) == []


def test_one_that_answers_is_well(engine):
    ((is_well, what, _),) = told(engine.url)
    assert is_well
    assert what.endswith(f"InfluxDB {engine.url} answers")


@pytest.mark.parametrize("wrong", [{"influx_token": "guessed"}, {"influx_bucket": "nowhere"}])
def test_a_wrong_token_and_a_wrong_bucket_are_told_apart_from_a_server_that_is_away(engine, wrong):
    ((is_well, what, remedy),) = told(engine.url, **wrong)
    assert not is_well
    assert "InfluxDB" in what
    assert "influx_bucket" in remedy
    assert TOKEN not in what + remedy


def test_one_that_is_away_is_said_to_be_and_that_nothing_is_lost():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    ((is_well, what, remedy),) = told(f"http://127.0.0.1:{port}")
    assert not is_well
    assert "cannot be reached" in what
    assert "no reading is lost" in remedy
