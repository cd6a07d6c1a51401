"""A return under kill -9: each finalised record stands in one return, no number is given twice, a file is whole or old."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from ledger_town import GENERAL, KEY, VILLAGE, LedgerTown
from return_writer import MONTHS

ROOT = Path(__file__).parents[2]


def lived(folder: Path, lines: int | None) -> list[str]:
    """Run the village until it has told so many deeds (None: to the end), then kill it; return what it told."""
    writer = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/support/return_writer.py"), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests/support'}"},
    )
    assert writer.stdout is not None
    with writer.stdout as told:
        seen = [line for _, line in zip(range(lines or 10_000), told, strict=False)]
        if lines is not None:
            writer.kill()
        seen += list(told)
    writer.wait(30)
    return seen


@pytest.mark.parametrize("step", [1, 10])
def test_a_record_stands_in_exactly_one_return_however_often_the_service_is_killed(tmp_path, step):
    told: list[str] = []
    for turn in range(3):
        told += lived(tmp_path, step + turn)
    told += lived(tmp_path, None)
    assert told[-1] == "done\n"
    town = LedgerTown(tmp_path)
    with town.truth.view() as unit:
        visits = [*unit.visits.list(KEY), *unit.visits.list(GENERAL)]
        returns = unit.returns.of_village(VILLAGE)
        items = [item for row in returns for item in unit.returns.items(row.id)]
    town.truth.close()
    promised = {tuple(line.split()[1:3]) for line in told if line.startswith("signed")}
    assert len(visits) == 2 * 4 * len(MONTHS)
    assert Counter(items) == Counter((visit.id, visit.version) for visit in visits)
    assert {(visit_id, str(version)) for visit_id, version in items} >= promised
    assert sorted(visit.number for visit in visits) == sorted([*range(1, 45), *range(1, 45)])
    files = [json.loads(path.read_text("utf-8")) for path in sorted((tmp_path / "out").glob("*.json"))]
    assert [one["month"] for one in files] == MONTHS
    written = [(record["visit_id"], record["version"]) for one in files for record in one["records"]]
    assert Counter(written) == Counter(items)
