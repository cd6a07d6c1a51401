"""Prints a backtest: the table of rings and delays, every other finding, and the rings that come and go."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from api.wording import WORDS
from app.evaluation.statistics import LEAST_DAYS, Figures
from core.text import Bilingual

TIMES_SHOWN = 20
"""Rings that come or go, newest first: what a clerk can still remember; --json has them all."""

LEAST_TIMES = 3
"""Of each proposal, however many are tried."""

_WEEKDAYS = "一二三四五六日"
_COLUMNS = (
    Bilingual("误响/30天", "false/30 d"),
    Bilingual("95 %", ""),
    Bilingual("续响/30天", "2nd/30 d"),
    Bilingual("夜间/30天", "night/30 d"),
    Bilingual("延误中位", "median delay"),
    Bilingual("平均", "mean"),
    Bilingual("95 %", "p95"),
    Bilingual("24 h未发现", "missed 24 h"),
)


def show(found: Figures, days: int) -> None:
    """Print the report of one home; `days` as they were asked for."""
    rows: list[Figures] = found["rows"]
    _print_head(found, days)
    print_table([["", *(c.zh for c in _COLUMNS)], ["", *(c.en for c in _COLUMNS)], *(_cells(row) for row in rows)])
    for row in rows:
        print_left_out(row)
    for row in rows[1:]:
        changes = ", ".join(f"{name} {before} → {after}" for name, (before, after) in row["limits"].items())
        if changes:
            print(f"  {row['name']}: {changes}")
        for note in row["notes"]:
            print(f"  ! {row['name']}: {note}")
    print_told(rows)
    _print_incidents(found["incidents"])
    shown = max(LEAST_TIMES, TIMES_SHOWN // max(1, len(rows) - 1))
    for row in rows[1:]:
        _print_changes(row, shown)
    print()
    for row in rows[1:] or rows:
        print(f"{row['name']}：{row['verdict']['zh']}")
        print(f"{row['name']}: {row['verdict']['en']}")
    print(flush=True)


def print_table(lines: Sequence[Sequence[str]]) -> None:
    """Print lines in columns as wide as what stands in them."""
    widths = [max(width_of(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        cells = (text + " " * (width - width_of(text)) for text, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def show_together(rows: Sequence[Figures]) -> None:
    """Print what several homes came to, the median home with the quietest and the loudest; nothing for none."""
    if not rows:
        return
    print(f"{rows[0]['homes']}户 homes: 误响/30天 false rings in 30 d")
    lines = [["", "中位 median", "最少–最多 range", "合计 pooled", "95 %", "延误 mean delay", "24 h未发现 missed"]]
    for row in rows:
        first = row["stage1"]
        low, high = first["ci95"] or (0.0, 0.0)
        cells = [
            row["name"],
            _number(first["median_home"]),
            f"{_number(first['quietest_home'])}–{_number(first['loudest_home'])}",
            _number(first["false_alarms_per_30d"]),
            f"[{low:.2f}, {high:.2f}]",
            _number(first["mean_delay_h"], "h"),
            f"{row['missed_24h']}/{row['onsets']}",
        ]
        lines.append(cells)
    print_table(lines)


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _print_head(found: Figures, days: int) -> None:
    print(f"{found['home']} · {found['counted_from']} – {found['until']}")
    seen, counted = found["rows"][0]["observed_days"], found["counted_days"]
    learned, onsets = found["learning_days"], found["rows"][0]["onsets"] + found["rows"][0]["onsets_left_out"]
    print(
        f"数 counted {counted:.1f} 天 d · 其中看得见 seen {seen:.1f} 天 d · "
        f"之前只学习 learned before {learned:.1f} 天 d · 放入失能 incapacities put in {onsets}"
    )
    notes = list(found["notes"])
    if counted < days - 1:
        notes.append(
            f"历史不够{days}天，只数{counted:.0f}天 / the history holds {counted:.0f} days to count, not {days}"
        )
    if found["is_short"]:
        notes.append(
            "历史太短：不到14天学习加7天可数 / too short a history: under 14 days to learn and a week to count"
        )
    for note in notes:
        print(f"  ! {note}")


def print_left_out(row: Figures) -> None:
    """Print why fewer incapacities are counted than were put in, and why there is no delay."""
    if left_out := row["onsets_left_out"]:
        zh, en = f"{left_out}个时刻已有呼叫在响，不计", f"at {left_out} moments an alarm was on already: left out"
        print(f"  ! {row['name']}: {zh} / {en}")
    if row["observed_days"] < LEAST_DAYS:
        zh, en = "看得见不足一天，不算延误，也不折算30天", "no delays are told, and nothing of 30 days"
        print(f"  ! {row['name']}: {zh} / seen for less than a day: {en}")


def _cells(row: Figures) -> list[str]:
    first = row["stage1"]
    low, high = first["ci95"] or (0.0, 0.0)
    return [
        row["name"],
        _number(first["false_alarms_per_30d"]),
        f"[{low:.2f}, {high:.2f}]" if first["ci95"] else "-",
        _number(row["stage2"]["false_alarms_per_30d"]),
        _number(row["by_night"]["false_alarms_per_30d"]),
        *(_number(first[key], "h") for key in ("median_delay_h", "mean_delay_h", "p95_delay_h")),
        f"{row['missed_24h']}/{row['onsets']}",
    ]


def print_told(rows: Sequence[Figures]) -> None:
    """Print how often each kind of finding began: a limit of any rule may have been changed."""
    kinds = sorted({kind for row in rows for kind in row["told"]})
    lines = [["每30天告知 told in 30 d", *(row["name"] for row in rows)]]
    for kind in kinds:
        cells = [_number(_rate_of(row, kind)) for row in rows]
        lines.append([f"  {kind} {WORDS['kind'][kind].zh}", *cells])
    print_table(lines if kinds else [["每30天告知 told in 30 d", "无 nothing"]])


def _rate_of(row: Figures, kind: str) -> float | None:
    """Return how often a kind began in 30 days; None of less than a day, in which nothing is a rate."""
    return row["told"].get(kind, {"per_30d": 0.0})["per_30d"] if row["observed_days"] >= LEAST_DAYS else None


def _print_incidents(incidents: Sequence[Figures]) -> None:
    for one in incidents:
        print(f"确有其事 somebody was in need: {one['since']} – {one['closed']}  {WORDS['outcome'][one['outcome']]}")
        for name, at in one["rang"].items():
            print(f"    {name}: {at or '没有响 did not ring'}")


def _print_changes(row: Figures, shown: int) -> None:
    for key, mark, words in (("added", "+", "多响 rings more"), ("dropped", "-", "少响 rings no more")):
        rings = row[key]
        if rings:
            print(f"{row['name']} {words} {len(rings)}")
        for ring in reversed(rings[-shown:]):
            real = f"  确有其事 was real: {WORDS['outcome'][ring['outcome']]}" if ring["outcome"] else ""
            print(f"  {mark} {_dated(ring['at'])}  自 since {ring['since'][5:]}  {WORDS['kind'][ring['kind']]}{real}")
        if len(rings) > shown:
            print(f"    更早 {len(rings) - shown} earlier; --json")


def _dated(text: str) -> str:
    day, hour = text.split(" ")
    return f"{day} 周{_WEEKDAYS[datetime.fromisoformat(text).weekday()]} {hour}"


def _number(value: float | None, unit: str = "") -> str:
    return "-" if value is None else f"{value:.2f}{f' {unit}' if unit else ''}"
