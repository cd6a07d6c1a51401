"""Kill -9 while parked messages are read again: each becomes its readings exactly once, none is lost."""

import random
import subprocess
import sys
import threading
from pathlib import Path

from device_intake import NOW_MS, Intake

from core.log import ParkedMessage, ParkReason, UnknownPart
from registry.devices import Adoption
from registry.homes import DeviceRole
from store.journal import Journal

ROOT = Path(__file__).parents[2]
KILLS = 3
MESSAGES = 2_000
ADDRESS = "care/h1/pir"


def runner(folder):
    return subprocess.Popen(
        [sys.executable, str(ROOT / "tests/support/reread_runner.py"), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests/support'}", "PYTHONUNBUFFERED": "1"},
    )


def parked(seq):
    return ParkedMessage(
        received_at_ms=NOW_MS - MESSAGES + seq,
        topic=f"{ADDRESS}/event",
        payload=b'{"seq":%d,"motion":true}' % seq,
        reason=ParkReason.UNKNOWN_DEVICE,
        detail=f"nobody registered {ADDRESS}",
        unknown=(UnknownPart(ADDRESS, "", ("motion",)),),
    )


def test_killed_at_random_points_it_reads_every_parked_message_once(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append((), [parked(seq) for seq in range(MESSAGES)], log_time_ms=NOW_MS)
    journal.close()
    intake = Intake(tmp_path)
    intake.desk.adopt(
        "h1", Adoption(address=ADDRESS, role=DeviceRole.INTERIOR_MOTION, is_unheard=True), "account:zhang"
    )
    intake.close()
    began = []
    for _ in range(KILLS):
        process = runner(tmp_path)
        began.append(process.stdout.readline())
        killer = threading.Timer(random.uniform(0, 0.4), process.kill)
        killer.start()
        process.wait(30)
        process.stdout.close()
        process.stdin.close()
    process = runner(tmp_path)
    said = [process.stdout.readline(), process.stdout.readline()]
    process.kill()
    process.wait(30)
    process.stdout.close()
    process.stdin.close()
    assert (began, said) == (["began\n"] * KILLS, ["began\n", "done\n"])
    intake = Intake(tmp_path)
    kept, waiting = [reading.seq for reading in intake.readings()], intake.parked.counts()
    intake.close()
    assert sorted(kept) == list(range(MESSAGES))
    assert waiting == {}
