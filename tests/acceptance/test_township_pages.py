"""A township of 2,000 on the console: no page is too heavy for a village phone, and the counts are of everybody."""

from api_console import Desk, run
from command_line import printed

from app.console_gathering import people_ports
from app.files import DataFiles
from app.ledger_building import ledger_console
from app.settings import Settings
from app.threads import Threads
from core.clock import ManualClock
from core.localtime import DAY_MS, DEFAULT_ZONE_NAME

HEAVIEST_BYTES = 400_000
LATE_FEBRUARY_MS = 1_709_000_000_000
PATHS = (
    "/due?month=2024-02",
    "/due?month=2024-02&area=shuren/v001",
    "/due?month=2024-02&risk=overdue&page=2",
    "/records",
    "/follow-ups",
    "/follow-ups?state=overdue&page=2",
    "/returns?month=2024-02",
    "/special?year=2024",
    "/registry",
    "/registry?page=3",
    "/registry/unverified",
    "/registry/unverified?page=2",
    "/registry/refresh",
    "/audit",
)


def test_no_page_of_a_township_is_heavy_and_its_counts_are_of_everybody(tmp_path):
    printed("township", "generate", "--people", "2000", "--months", "2", data_dir=tmp_path)
    truth, clock = DataFiles(tmp_path).open_truth(), ManualClock(LATE_FEBRUARY_MS + DAY_MS)
    threads = Threads()
    try:
        ports = people_ports(truth, clock, DEFAULT_ZONE_NAME, threads.console)
        desk = Desk(clock=clock, ledger=ledger_console(Settings(), truth, clock, threads, None), **ports)

        async def story():
            async with desk.clerk() as browser:
                return {path: await browser.get(path) for path in PATHS}

        pages = run(story())
    finally:
        threads.shutdown()
        truth.close()
    assert {answer.status_code for answer in pages.values()} == {200}
    weights = {path: len(answer.content) for path, answer in pages.items()}
    assert max(weights.values()) < HEAVIEST_BYTES, weights
    assert "共 2000 条" in pages["/registry"].text
    assert "2000 人" in pages["/registry/unverified"].text
    assert 'rel="next"' in pages["/due?month=2024-02"].text
