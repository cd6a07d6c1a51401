"""What a return says, section by section, in words: the sheet and the paper are both made of this."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from api.ledger_wording import LEDGER_WORDS
from core.ids import PersonId
from core.localtime import from_ms
from registry.people import Tier
from registry.standing import STATUS_WORDS
from visits.due_windows import WindowState
from visits.eligibility import BENEFIT_WORDS
from visits.follow_ups import FOLLOW_UP_WORDS
from visits.model import Obligation
from visits.return_content import PersonMonth, ReturnContent, ReturnRecord
from visits.returns import MonthlyReturn
from visits.windows import month_of

Value = str | int | date | None
Place = Callable[[str], str]

TIER_WORDS = {Tier.KEY: "重点对象", Tier.GENERAL: "一般对象"}
STATE_WORDS = {
    WindowState.SATISFIED: "已完成",
    WindowState.OPEN: "待完成",
    WindowState.OVERDUE: "逾期",
    WindowState.NOT_REQUIRED: "不计",
}
DUTY_WORDS = {
    Obligation.KEY_HALFMONTH: "重点对象半月上门",
    Obligation.GEN_MONTH: "一般对象每月探访",
    Obligation.SPECIAL: "特殊时段加访",
    Obligation.LEDGER_6M: "半年核对台账",
    Obligation.FOLLOW_UP: "跟踪回访",
    Obligation.MONTHLY_RATE: "月探访率",
}


class Section(msgspec.Struct, frozen=True):
    """One table: its name, the heading of each column with its share of a page's width, and the rows below."""

    title: str
    heads: tuple[tuple[str, int], ...]
    rows: Sequence[Sequence[Value]]


SHARES = 48
"""What the shares of each section's columns come to."""


def cover_of(row: MonthlyReturn, content: ReturnContent, place: Place = str) -> list[tuple[str, Value]]:
    """Return the figures that stand first; `place` says an area's path as people write it."""
    before, now = content.previous_rate, content.interim_rate
    home = sum(
        one.owed
        for person in content.interim
        for one in person.due.windows
        if one.window.obligation is Obligation.KEY_HALFMONTH
    )
    return [
        ("月报", content.month),
        ("村（社区）", place(content.area)),
        ("截至", content.as_of),
        ("状态", LEDGER_WORDS["return_state"][row.state].zh),
        ("镇回执号", row.receipt),
        ("计数规则", content.policy_version),
        (f"{content.previous_month} 月探访率", f"{before.contacted}/{before.active}"),
        (f"{content.month} 月探访率（中期）", f"{now.contacted}/{now.active}"),
        ("重点对象上门仍欠", home),
        ("本次上报记录", len(content.records)),
        ("未结事项", len(content.follow_ups)),
        ("内容摘要 SHA-256", row.digest),
    ]


def sections_of(row: MonthlyReturn, content: ReturnContent, zone: ZoneInfo, place: Place = str) -> list[Section]:
    """Return the tables of a return in the order of policy B4: the feed, the months, what is open, who is absent."""
    names = {one.due.person_id: one.name for one in (*content.previous, *content.interim)}
    return [
        Section("探访记录", _RECORD_HEADS, list(_records(content))),
        Section(f"{content.previous_month}最终", _PERSON_HEADS, list(_people(content.previous, place))),
        Section(f"{content.month}中期", _PERSON_HEADS, list(_people(content.interim, place))),
        *_matters(content, names),
        Section(
            "异动与拒绝",
            (("姓名", 8), ("状态", 10), ("说明", 22), ("再次询问", 8)),
            [(one.name, STATUS_WORDS[one.status].zh, one.why.zh, one.re_ask_on) for one in content.absent],
        ),
        Section(
            "特殊时段",
            (("名称", 16), ("开始", 8), ("结束", 8), ("范围", 16)),
            [(one.words.zh, one.from_date, one.until_date, place(one.area) or "全部") for one in content.specials],
        ),
        Section(
            "流转",
            (("步骤", 12), ("日期", 8), ("经办人", 12), ("回执号或原因", 16)),
            [
                (LEDGER_WORDS["return_step"][one.step].zh, from_ms(one.at_ms, zone).date(), one.by, one.text)
                for one in row.log
            ],
        ),
    ]


_RECORD_HEADS = (
    *(("姓名", 4), ("第几次", 2), ("探访日期", 4), ("方式", 4), ("类别", 2), ("计入", 5), ("探访人", 5), ("补录", 2)),
    *(("更正", 2), ("更正原因", 4), ("服务需求", 5), ("记录号", 7), ("版本", 2)),
)
_PERSON_HEADS = (
    *(("姓名", 4), ("网格", 6), ("等级", 4), ("状态", 3), ("期间", 4), ("任务", 5), ("结论", 3), ("次数", 2)),
    *(("欠", 2), ("说明", 9), ("提醒", 6)),
)


def _records(content: ReturnContent) -> Iterable[tuple[Value, ...]]:
    for one in content.records:
        marks = (_lateness(one, content), "更正" if one.is_correction else "")
        counts = "、".join(DUTY_WORDS[Obligation(name)] for name in one.counts_for)
        counts = counts or (f"不计：{one.why}" if one.why else "")
        what = (one.local_date, one.method, one.contact_class, counts, one.visitor)
        yield (one.name, one.number or None, *what, *marks, one.reason, one.needs, one.visit_id, one.version)


def _lateness(one: ReturnRecord, content: ReturnContent) -> str:
    """Written down late, or in time and of a month whose own return did not hold it."""
    if one.is_late:
        return "补录"
    return "补报" if one.local_date < month_of(content.previous_month).from_date else ""


def _people(people: Iterable[PersonMonth], place: Place) -> Iterable[tuple[Value, ...]]:
    for person in people:
        due = person.due
        for window in (*due.windows, *due.specials):
            span = f"{window.window.from_date} 至 {window.window.until_date}"
            yield (
                person.name,
                place(person.area),
                TIER_WORDS[due.tier],
                STATUS_WORDS[due.status].zh,
                span,
                DUTY_WORDS[window.window.obligation],
                STATE_WORDS[window.state],
                window.done,
                window.owed,
                window.why.zh,
                "" if due.warning is None else due.warning.zh,
            )


def _matters(content: ReturnContent, names: Mapping[PersonId, str]) -> list[Section]:
    return [
        Section(
            "未结事项",
            (("姓名", 5), ("类型", 6), ("事由", 13), ("开始", 5), ("到期", 5), ("转介至", 8), ("进展", 6)),
            [
                (names.get(one.person_id, ""), FOLLOW_UP_WORDS[one.kind].zh, one.what, one.opened_on, one.due_on,
                 one.referred_to, LEDGER_WORDS["follow_up_state"][one.state].zh)
                for one in content.follow_ups
            ],
        ),
        Section(
            "政策待遇",
            (("姓名", 6), ("政策", 10), ("发现", 6), ("告知", 6), ("办理情况", 10), ("备注", 10)),
            [
                (names.get(one.person_id, ""), BENEFIT_WORDS[one.benefit].zh, one.found_on, one.told_on,
                 LEDGER_WORDS["application"][one.state].zh, one.note)
                for one in content.benefits
            ],
        ),
    ]  # fmt: skip
