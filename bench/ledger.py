"""What judging a month costs: everybody of a county, one village's page of the due board, beside a bare count."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from figures import print_cost
from sqlalchemy import func, select
from starlette.requests import Request

from api.rendering import templates_for
from app.ledger_board import board_view, villages_of
from app.ledger_book import LedgerBook
from app.ledger_due import month_rows
from app.township import settle
from core.clock import ManualClock
from core.localtime import to_ms, zone
from device_sim.township import Plan
from store.cipher import FieldCipher
from store.truth import ledger_tables, tables
from store.truth.database import Truth, Unit
from visits.policy import built_in_policy

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "50000"))
KEPT_IN = os.environ.get("BENCH_LEDGER", "")
"""A folder in which the county is kept for the next run: making it up takes longer than all that is measured."""

VILLAGES = max(PEOPLE // 167, 1)
"""A county's: some 170 registered people a village."""

ZONE = "Asia/Shanghai"
MONTH, TODAY = "2024-02", date(2024, 2, 20)
ROUNDS = 3
MONTH_LIMIT_S, BOARD_LIMIT_MS = 10.0, 100.0


def main() -> int:
    policy = built_in_policy()
    with tempfile.TemporaryDirectory() as folder:
        truth = Truth(Path(KEPT_IN or folder) / "truth.sqlite", FieldCipher(b"k" * 32))
        with truth.view() as unit:
            is_settled = bool(unit.people.villages())
        if not is_settled:
            settle(truth, Plan(PEOPLE, VILLAGES, 3, 1), policy, zone(ZONE))
        with truth.view() as unit:
            people = sum(count for _, count in unit.people.villages())
        print(f"# {people} people, {VILLAGES} villages", file=sys.stderr)
        month_s = [timed(truth, lambda unit: month_rows(unit, MONTH, TODAY, policy).rate) for _ in range(ROUNDS)]
        count_s = [timed(truth, count_all) for _ in range(ROUNDS)]
        village = f"shuren/v{VILLAGES // 2 + 1:03d}"
        page = page_of(truth, village)
        board_ms = [timed(truth, page) * 1000 for _ in range(10 * ROUNDS)]
        one_ms = [timed(truth, lambda unit: count_all(unit, village)) * 1000 for _ in range(10 * ROUNDS)]
        truth.close()
    print_cost("ledger_month_everybody", "s", month_s, count_s, target=MONTH_LIMIT_S / min(count_s))
    print_cost("ledger_due_board_village", "ms", board_ms, one_ms, target=BOARD_LIMIT_MS / min(one_ms))
    return 0 if max(month_s) <= MONTH_LIMIT_S and sorted(board_ms)[len(board_ms) // 2] <= BOARD_LIMIT_MS else 1


def timed(truth: Truth, work: Callable[[Unit], object]) -> float:
    """Return the seconds that a piece of work takes in one view of the database."""
    begun = time.perf_counter()
    with truth.view() as unit:
        work(unit)
    return time.perf_counter() - begun


def page_of(truth: Truth, village: str) -> Callable[[Unit], str]:
    """Return what makes a village's page: judged, names opened, written as HTML; everything but the socket."""
    clock = ManualClock(to_ms(datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=zone(ZONE))))
    book = LedgerBook(truth, clock, built_in_policy(), zone(ZONE))
    template = templates_for(ZONE).env.get_template("due.html")
    request = Request({"type": "http", "method": "GET", "path": "/due", "headers": [], "query_string": b""})

    def page(unit: Unit) -> str:
        board = board_view(unit, book, TODAY.replace(day=1), village, "")
        shown = {"account": "wang", "now_ms": book.now_ms(), "board": board, "villages": villages_of(unit, [""])}
        return template.render(request=request, **shown)

    return page


def count_all(unit: Unit, village: str = "") -> int:
    """Count the month's records, of everybody or of a village's people: the least that any answer must read."""
    visit, person = ledger_tables.visit, tables.person
    where = [visit.c.local_date.between("2024-02-01", "2024-02-29")]
    if village:
        theirs = select(person.c.id).where(person.c.area.between(f"{village}/", f"{village}0"))
        where.append(visit.c.person_id.in_(theirs))
    return int(unit.visits._connection.scalar(select(func.count()).where(*where)))  # noqa: SLF001 - the bare database


if __name__ == "__main__":
    sys.exit(main())
