"""Prints an evaluation: how the files were understood, the table of homes and baselines, what broken sensors did."""

from collections.abc import Sequence

from app.cli.backtest_tables import print_table
from app.evaluation.recordings import Recording
from app.evaluation.statistics import Figures
from rules.kind_words import KIND_WORDS

MOST_SENSORS = 60
"""Of one home on the terminal; the JSON has them all."""

_HEADS = (
    ("天", "days"),
    ("误响/30天", "false/30 d"),
    ("95 %", ""),
    ("延误平均", "mean delay"),
    ("中位", "median"),
    ("95 %", "p95"),
    ("续响/30天", "2nd/30 d"),
    ("24 h未发现", "missed 24 h"),
)
_CALLS_HEAD = ("一切寻人呼叫/30天", "all calls/30 d")


def show_reading(recording: Recording) -> None:
    """Print how a recording was understood: each sensor, its role, room and unit, and which lines were of no use."""
    print(f"{recording.name}  {recording.source}")
    for note in recording.notes:
        print(f"  {note}")
    rows = [["  传感器 sensor", "当作 taken for", "房间 room", "用上 used", "没用 unused", "依据 why"]]
    for use in recording.sensors[:MOST_SENSORS]:
        counted = (str(use.used), str(use.unused)) if use.used or use.unused else ("-", "-")
        rows.append([f"  {use.sensor}", use.role or "不用 left out", use.room, *counted, use.told])
    if len(rows) > 1:
        print_table(rows)
    for reason, count in recording.skipped.most_common():
        places = ", ".join(map(str, recording.skipped_at.get(reason, ())))
        where = f" (line {places}{' ...' if count > len(recording.skipped_at.get(reason, ())) else ''})"
        print(f"  ! {count} 行没用上 lines not used: {reason}{where if places else ''}")


def show(found: Figures) -> None:
    """Print the figures of a run."""
    heads = (*_HEADS, _CALLS_HEAD)
    rows = [["", *(zh for zh, _ in heads)], ["", *(en for _, en in heads)]]
    homes: Figures = found["homes"]
    shown = {**homes, **{_POOLS[key]: found[key] for key in _POOLS if key in found}}
    rows += [[*_row(name, result), _calls(result)] for name, result in shown.items()]
    print()
    print_table(rows)
    for name, result in homes.items():
        print(f"  {name}: 寻人呼叫按种类/30天 calls for the person by kind/30 d: {_kinds(result) or '0'}")
    for name, result in {**homes, "pooled": found["pooled"]}.items():
        _print_notes(name, result)
    for group, title in (
        ("baselines_motion", "对照：有活动传感器的住户 baselines of motion homes"),
        ("baselines_water", "对照：只有仪表的住户 baselines of meter homes"),
    ):
        if group in found:
            print(f"\n{title}")
            print_table([["", *(en or zh for zh, en in _HEADS)], *(_row(n, r) for n, r in found[group].items())])
    _print_rest(found)


def show_robustness(found: Figures) -> None:
    """Print what broken sensors did: alarms about the person by kind, and how many faults were told in time."""
    print("\n故障演练 broken sensors, gateways and clocks")
    rows = [["", "误报本人 rang for the person", "已报故障 faults told", "注 note"]]
    for name, home in found["homes"].items():
        for case, run in home.get("robustness", {}).items():
            rang = ", ".join(f"{kind} {count}" for kind, count in run["person_alerts_by_kind"].items()) or "0"
            told = f"{run['faults_raised']}/{run['faults']}" if run["faults"] else "-"
            rows.append([f"{name}: {case}", rang, told, run["why_unnoticed"]])
    print_table(rows)
    together = found["robustness"]
    share = "-" if together["share_raised"] is None else f"{together['share_raised']:.1%}"
    rang, faults = together["person_alerts_by_faults"], together["faults"]
    print(f"合计 together: 误报 rang {rang}; 已报 told {together['faults_raised']}/{faults} ({share})")


_POOLS = {
    "pooled_motion": "合计（活动） pooled, motion",
    "pooled_water": "合计（仪表） pooled, meters",
    "pooled": "合计 pooled",
}


def _print_notes(name: str, result: Figures) -> None:
    without = result["stage1_without_unproven_absences"]["false_alarms_per_30d"]
    if without is not None and without != result["stage1"]["false_alarms_per_30d"]:
        print(f"  {name}: 不计门未证实的36 h以上静默 without silences above 36 h that no door proves: {without:.2f}")
    away = result["believed_away"]
    if away["onsets"]:
        lost = f"{away['missed_24h']} missed"
        print(f"  {name}: 当作外出时失能 onsets while believed away: {away['onsets']}, 24 h未发现 {lost}")


def _print_rest(found: Figures) -> None:
    pooled = found["pooled"]
    active = pooled["activity_onset"]
    median, p95 = _number(active["median_delay_h"], "h"), _number(active["p95_delay_h"], "h")
    print(f"\n活动中跌倒 falls while active: 中位 median {median}, 95 % {p95}")
    calls, others = pooled["person_calls"], pooled["person_calls_to_others"]
    print(
        f"一切寻人呼叫 every call for the person: {_number(calls['false_alarms_per_30d'])}/30 d, "
        f"其中续呼他人 of them on to others: {_number(others['false_alarms_per_30d'])}/30 d"
    )
    ratio = _number(pooled["budget_ratio"])
    print(f"24 h未发现 not noticed within 24 h: {pooled['missed_24h']}; 预算兑现 budget realised/asked: {ratio}")
    leaks = pooled["leaks"]
    if leaks is not None:
        slowest = _number(leaks["slowest_h"], "h")
        print(
            f"超过100 h的长流水 flows above 100 h: {leaks['long_flows']}, 48 h内报出 told within 48 h: "
            f"{leaks['found_within_48h']}, 最慢 slowest {slowest}; "
            f"其他漏水工单 leak tickets elsewhere: {_number(leaks['elsewhere']['false_alarms_per_30d'])}/30 d"
        )


def _row(name: str, result: Figures) -> Sequence[str]:
    first, second = result["stage1"], result["stage2"]
    low, high = first["ci95"] or (0.0, 0.0)
    onsets = sum(result["onsets"].values()) if "onsets" in result else None
    return [
        name,
        f"{result['observed_days']:.0f}",
        _number(first["false_alarms_per_30d"]),
        f"[{low:.2f}, {high:.2f}]" if first["ci95"] else "-",
        *(_number(first[key], "h") for key in ("mean_delay_h", "median_delay_h", "p95_delay_h")),
        _number(second["false_alarms_per_30d"]),
        str(result["missed_24h"]) + (f"/{onsets}" if onsets is not None else ""),
    ]


def _calls(result: Figures) -> str:
    return _number(result["person_calls"]["false_alarms_per_30d"])


def _kinds(result: Figures) -> str:
    """Return how often each kind called for the person, the most frequent first."""
    rates = {kind: figures["false_alarms_per_30d"] for kind, figures in result.get("person_findings", {}).items()}
    most_first = sorted(rates.items(), key=lambda one: -(one[1] or 0.0))
    return ", ".join(f"{KIND_WORDS[kind].zh} {kind} {_number(each)}" for kind, each in most_first)


def _number(value: float | None, unit: str = "") -> str:
    return "-" if value is None else f"{value:.2f}{f' {unit}' if unit else ''}"
