"""A history of minutes has no delays to tell, and whatever incapacity is left out of a figure is told with its reason."""

import msgspec

from app.cli import backtest_tables
from app.evaluation.backtest_report import pooled
from app.evaluation.backtesting import Told, figures, moments_of
from app.evaluation.windows import Window
from core.localtime import MINUTE_MS, zone
from rules.findings import FindingKind

MINUTES = Window(0, 0, 2 * MINUTE_MS)


def told(days: float) -> Told:
    return Told(rings=[], counts={}, onsets=[], home_ms=frozenset(), observed_days=days)


def test_no_moment_is_drawn_twice_however_short_the_history():
    drawn = moments_of(MINUTES, 200, "1").drawn_ms
    assert len(set(drawn)) == len(drawn)


def test_what_is_left_out_and_why_there_are_no_delays_is_told(capsys):
    row = figures(told(0.001), MINUTES, frozenset({1, 2}), [], zone("Asia/Shanghai")) | {"name": "now"}
    assert row["stage1"]["median_delay_h"] is None
    backtest_tables.print_left_out(row)
    printed = capsys.readouterr().out
    assert "at 2 moments an alarm was on already: left out" in printed
    assert "seen for less than a day: no delays are told" in printed


def test_no_finding_of_minutes_is_told_as_a_rate_of_thirty_days(capsys):
    short = msgspec.structs.replace(told(0.004), counts={FindingKind.DEVICE_SILENT: 4})
    row = figures(short, MINUTES, frozenset(), [], zone("Asia/Shanghai")) | {"name": "now"}
    assert row["told"]["device_silent"] == {"count": 4, "per_30d": None}
    backtest_tables.print_told([row])
    backtest_tables.print_left_out(row)
    printed = capsys.readouterr().out
    (line,) = [one for one in printed.splitlines() if "device_silent" in one]
    assert line.endswith("  -")
    assert "seen for less than a day: no delays are told, and nothing of 30 days" in printed


def test_homes_that_were_all_seen_for_minutes_have_no_median_home():
    rows = [figures(told(0.4), MINUTES, frozenset(), [], zone("Asia/Shanghai")) | {"name": "now"} for _ in "ab"]
    (row,) = pooled([{"rows": [one]} for one in rows])
    assert row["stage1"]["median_home"] is row["stage1"]["quietest_home"] is None
