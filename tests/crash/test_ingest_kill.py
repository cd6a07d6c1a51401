"""Kill -9 of the ingest process loses nothing that the broker promised, and no reading enters the journal twice."""

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from device_stream import BATCH, DeviceStream
from ingest_kit import kept_seqs, running
from nats_broker import nats_broker

from core.localtime import DAY_MS
from store.journal import Journal

ROOT = Path(__file__).parents[2]
BACKLOG_S = 300
"""How long what piled up while ingest was dead may take: the device goes on publishing as fast as the broker takes it,
some thousands of messages for each start of a process, and a slow machine reads back 1,500 of them in a second."""


@pytest.fixture
def broker(tmp_path):
    broker = nats_broker(tmp_path)
    yield broker
    broker.stop()


def runner(broker, path):
    account = broker.accounts.ingest
    return subprocess.Popen(
        [
            sys.executable,
            str(ROOT / "tests/support/ingest_runner.py"),
            str(path),
            str(broker.port),
            account.username,
            account.password,
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests/support'}", "PYTHONUNBUFFERED": "1"},
    )


def kill_at_random_after_its_first_commit(process):
    assert process.stdout is not None
    with process.stdout as lines:
        first = lines.readline()
        killer = threading.Timer(random.uniform(0, 0.5), process.kill)
        killer.start()
        said = first + lines.read()
    process.wait(10)
    assert first
    assert "fatal" not in said


def let_the_broker_know_the_session(broker, folder):
    unused = Journal(folder / "unused.db")
    with running(broker, unused):
        pass  # from here on it keeps messages for it
    unused.close()


def everything_promised_is_kept_once(journal, promised):
    kept = kept_seqs(journal)
    assert len(kept) == len(set(kept)), "a reading is in the journal twice"
    assert set(promised) <= set(kept), "a promised reading is missing"


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("kills", "ahead_ms"),
    [(3, 0), (3, DAY_MS), pytest.param(20, 0, marks=pytest.mark.slow)],
    ids=["3", "3, a clock that is ahead", "20"],
)
def test_nothing_is_lost_and_nothing_is_twice_over_kills_of_ingest_at_random_points(broker, tmp_path, kills, ahead_ms):
    path = tmp_path / "journal.db"
    Journal(path).close()
    let_the_broker_know_the_session(broker, tmp_path)
    stream = DeviceStream(broker, ahead_ms)
    try:
        for _ in range(kills):
            kill_at_random_after_its_first_commit(runner(broker, path))
    finally:
        stream.end()
    journal = Journal(path)
    before = len(kept_seqs(journal))
    with running(broker, journal) as it:
        it.until(lambda: it.session.counters.admitted + before >= len(stream.promised), wait_s=BACKLOG_S)
    everything_promised_is_kept_once(journal, stream.promised)
    journal.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_nothing_that_a_device_was_promised_is_lost_over_kills_of_the_broker(broker, tmp_path, monkeypatch, kills):
    monkeypatch.setattr("ingest.backoff.STABLE_S", 0.0)  # every connection here is cut soon: the wait must not grow
    journal = Journal(tmp_path / "journal.db")
    with running(broker, journal) as it:
        stream = DeviceStream(broker)
        try:
            for kill in range(kills):
                count = len(stream.promised)
                it.until(lambda count=count: len(stream.promised) > count + BATCH)
                broker._process.kill()
                broker._process.wait(10)
                broker.start()
                it.until(lambda kill=kill: it.session.counters.connects >= kill + 2)
        finally:
            stream.end()
        it.until(lambda: set(stream.promised) <= set(kept_seqs(journal)), wait_s=BACKLOG_S)
    everything_promised_is_kept_once(journal, stream.promised)
    journal.close()
