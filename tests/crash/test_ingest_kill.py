"""Kill -9 of the ingest process loses nothing that the broker promised, and no reading enters the journal twice."""

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from ingest_kit import PIR, Publisher, kept_seqs, motion, running
from nats_broker import nats_broker

from core.clock import SystemClock
from store.journal import Journal

ROOT = Path(__file__).parents[2]
KILLS = 4
BATCH = 20


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


def test_nothing_is_lost_and_nothing_is_twice_over_kills_at_random_points(broker, tmp_path):
    path = tmp_path / "journal.db"
    Journal(path).close()
    unused = Journal(tmp_path / "unused.db")
    with running(broker, unused):
        pass  # the broker keeps messages for a session it knows
    unused.close()
    publisher, now_ms = Publisher(broker), SystemClock().now_ms()
    enough, promised = threading.Event(), []

    def publish():
        while not enough.is_set():
            seqs = range(len(promised), len(promised) + BATCH)
            publisher.send(f"{PIR}/event", *(motion(now_ms, seq) for seq in seqs))
            promised.extend(seqs)

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        for _ in range(KILLS):
            kill_at_random_after_its_first_commit(runner(broker, path))
    finally:
        enough.set()
        thread.join(60)
    journal = Journal(path)
    before = len(kept_seqs(journal))
    with running(broker, journal) as it:
        it.until(lambda: it.session.counters.admitted + before >= len(promised))
    kept = kept_seqs(journal)
    publisher.close()
    journal.close()
    assert len(kept) == len(set(kept)), "a reading is in the journal twice"
    assert set(kept) == set(promised), "a promised reading is missing"
