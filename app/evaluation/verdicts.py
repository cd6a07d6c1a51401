"""One sentence in Chinese and English on what a change would have done, and what it rests on; advises nothing."""

from app.evaluation.statistics import LEAST_DAYS, Figures, chance_of
from core.text import Bilingual

DOUBTFUL = 0.05
"""A split of more and fewer rings that chance alone gives more often than this proves nothing."""


def verdict_of(row: Figures, base: Figures | None, report: Figures) -> Bilingual:
    """Return the verdict on one row of a report; `base` is the row of the limits in force, None for that row itself."""
    first = row["stage1"]
    if first["ci95"] is None:
        if report["counted_days"] < LEAST_DAYS or row["observed_days"]:
            zh = "可数的历史不到一天，无从判断：等有几周历史再试，或用 --recording"
            en = "less than a day of history to count: no verdict; wait for some weeks of it, or try --recording"
            return Bilingual(zh, en)
        return Bilingual("这些天一刻也没有看到家中情况，无从判断", "the home was never seen in those days: no verdict")
    parts = [_rings(row, base), _delay(row, base)]
    if base is not None:
        parts.append(_difference(row))
    if real := row["were_real"]:
        en = f"{real} more rang for somebody in need, not counted as false"
        parts.append(Bilingual(f"另有{real}次确有其事，不算误响", en))
    if lost := sum(ring["outcome"] is not None for ring in row.get("dropped", ())):
        en = f"CAUTION: {lost} of the rings that go were for somebody in need"
        parts.append(Bilingual(f"注意：少响的当中有{lost}次确有其事", en))
    if report["is_short"]:
        learned, counted = report["learning_days"], report["counted_days"]
        en = f"{learned:.0f} d learned from and {counted:.0f} d counted: that says very little"
        parts.append(Bilingual(f"只学了{learned:.0f}天、数了{counted:.0f}天，说明不了多少", en))
    return Bilingual("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))


def _rings(row: Figures, base: Figures | None) -> Bilingual:
    first = row["stage1"]
    low, high = first["ci95"]
    zh = f"每月误响{first['false_alarms_per_30d']:.1f}次[{low:.1f}, {high:.1f}]"
    en = f"would have rung {first['false_alarms_per_30d']:.1f}x/month [{low:.1f}, {high:.1f}]"
    if base is not None and (before := base["stage1"]["false_alarms_per_30d"]) is not None:
        zh, en = f"{zh}（在用{before:.1f}次）", f"{en} (in force {before:.1f}x)"
    return Bilingual(zh, en)


def _delay(row: Figures, base: Figures | None) -> Bilingual:
    first = row["stage1"]
    if first["median_delay_h"] is None:
        return Bilingual("没有可模拟的失能时刻", "no moment at which an incapacity could be put in")
    zh, en = f"失能发现中位延误{first['median_delay_h']:.1f}小时", f"median delay {first['median_delay_h']:.1f} h"
    before = None if base is None else base["stage1"]["median_delay_h"]
    if before is not None:
        zh, en = f"{zh}（在用{before:.1f}小时）", f"{en} (in force {before:.1f} h)"
    if missed := row["missed_24h"]:
        zh = f"{zh}，{row['onsets']}次中{missed}次24小时内未发现"
        en = f"{en}, {missed} of {row['onsets']} not found within 24 h"
    return Bilingual(zh, en)


def _difference(row: Figures) -> Bilingual:
    more, fewer, days = len(row["added"]), len(row["dropped"]), row["observed_days"]
    if not more and not fewer:
        return Bilingual(f"{days:.0f}天里响铃没有变化", f"in {days:.0f} days no ring more and none fewer")
    zh = f"{days:.0f}天里多响{more}次、少响{fewer}次"
    en = f"in {days:.0f} days {more} ring{'' if more == 1 else 's'} more and {fewer} fewer"
    if chance_of(more, fewer) < DOUBTFUL:
        return Bilingual(zh, en)
    return Bilingual(f"{zh}（这点差别可能是偶然）", f"{en} (so small a difference may be chance)")
