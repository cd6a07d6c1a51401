"""A machine whose clock was ahead and is set back: the journal's time never goes back, and the service says so."""

import contextlib
import re

import httpx
from service_process import ServiceProcess

from app.files import DataFiles
from core.clock import SystemClock
from core.localtime import HOUR_MS
from store.journal import Journal


def test_a_clock_behind_the_journal_makes_the_service_not_ready_and_says_by_how_much(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    with contextlib.closing(Journal(DataFiles(data).journal)) as journal:
        journal.append((), log_time_ms=SystemClock().now_ms() + 2 * HOUR_MS, is_tick=True)
    service = ServiceProcess(data, clock="system")
    service.start()
    try:
        answer = httpx.get(f"http://127.0.0.1:{service.http_port}/readyz", trust_env=False)
        assert answer.status_code == 503
        assert any(
            "min behind what has been recorded: until it has caught up" in problem
            for problem in answer.json()["problems"]
        )
        behind = re.findall(r"慢(\d+)分钟", " ".join(answer.json()["problems"]))
        assert any(110 <= int(minutes) <= 120 for minutes in behind)  # less what the start took
    finally:
        service.end()
