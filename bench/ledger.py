"""What judging a month costs: everybody of a county, one village's due board, beside a bare count of the rows."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from figures import print_cost
from sqlalchemy import func, select

from app.ledger_due import board_rows, month_rows
from app.township import settle
from core.localtime import zone
from device_sim.township import Plan
from store.cipher import FieldCipher
from store.truth import ledger_tables
from store.truth.database import Truth, Unit
from visits.due_board import ordered, tallies
from visits.policy import CountingPolicy, built_in_policy

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "50000"))
VILLAGES = max(PEOPLE // 167, 1)
"""A county's: some 170 registered people a village."""

MONTH, TODAY = "2024-02", date(2024, 2, 20)
ROUNDS = 3
MONTH_LIMIT_S, BOARD_LIMIT_MS = 10.0, 100.0


def main() -> int:
    policy = built_in_policy()
    with tempfile.TemporaryDirectory() as folder:
        truth = Truth(Path(folder) / "truth.sqlite", FieldCipher(b"k" * 32))
        people, visits = settle(truth, Plan(PEOPLE, VILLAGES, 3, 1), policy, zone("Asia/Shanghai"))
        print(f"# {people} people, {VILLAGES} villages, {visits} records", file=sys.stderr)
        month_s = [timed(truth, lambda unit: month_rows(unit, MONTH, TODAY, policy).rate) for _ in range(ROUNDS)]
        count_s = [timed(truth, count_all) for _ in range(ROUNDS)]
        village = f"shuren/v{VILLAGES // 2 + 1:03d}"
        board_ms = [timed(truth, lambda unit: board(unit, village, policy)) * 1000 for _ in range(10 * ROUNDS)]
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


def board(unit: Unit, village: str, policy: CountingPolicy) -> None:
    rows = board_rows(unit, month_rows(unit, MONTH, TODAY, policy, village), TODAY)
    ordered(rows)
    tallies(rows, [row.area for row in rows])


def count_all(unit: Unit, village: str = "") -> int:
    """Count the month's records: the least that any answer must read."""
    table = ledger_tables.visit
    where = [table.c.local_date.between("2024-02-01", "2024-02-29")]
    if village:
        where.append(table.c.area.between(f"{village}/", f"{village}0"))
    return int(unit.visits._connection.scalar(select(func.count()).where(*where)))  # noqa: SLF001 - the bare database


if __name__ == "__main__":
    sys.exit(main())
