"""The half-yearly refresh (R18) and the children's contacts (R11): who is due when; blocks nothing."""

import calendar
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from core.text import Bilingual

REFRESH_MONTHS = 6
"""每半年更新一次."""

CHILD_SILENT_DAYS = 30
"""A child who has not been in touch for so long is reminded; the plan says "regularly" and no number (R11)."""

SNAPSHOT_DAYS = ((6, 30), (12, 31))
"""The ledger as it stood at the end of each half-year is kept for good."""


class DueStage(StrEnum):
    """How near the refresh is; overdue is red and blocks nothing."""

    NEVER = "never"  # nobody has verified the entry yet
    OVERDUE = "overdue"
    D7 = "d7"
    D14 = "d14"
    D30 = "d30"
    LATER = "later"


STAGE_WORDS = {
    DueStage.NEVER: Bilingual("从未核实", "never verified"),
    DueStage.OVERDUE: Bilingual("逾期", "overdue"),
    DueStage.D7: Bilingual("7天内", "within 7 days"),
    DueStage.D14: Bilingual("14天内", "within 14 days"),
    DueStage.D30: Bilingual("30天内", "within 30 days"),
    DueStage.LATER: Bilingual("未到期", "not yet"),
}
_STEPS = ((7, DueStage.D7), (14, DueStage.D14), (30, DueStage.D30))


class ChildChannel(StrEnum):
    """How a child was in touch."""

    PHONE = "phone"
    WECHAT = "wechat"
    VIDEO = "video"
    VISIT = "visit"
    OTHER = "other"


CHANNEL_WORDS = {
    ChildChannel.PHONE: Bilingual("电话", "phone"),
    ChildChannel.WECHAT: Bilingual("微信", "WeChat"),
    ChildChannel.VIDEO: Bilingual("视频", "video"),
    ChildChannel.VISIT: Bilingual("回家", "a visit"),
    ChildChannel.OTHER: Bilingual("其他", "other"),
}


class ChildContact(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a child was in touch, as staff heard of it."""

    id: str
    person_id: str
    on: date
    channel: ChildChannel
    note: str = ""
    recorded_by: str = ""
    recorded_at_ms: int = 0


def months_later(day: date, months: int) -> date:
    """Return the same day of a later calendar month, its last day when it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def next_review(verified_on: date | None) -> date | None:
    """Return the day by which an entry is to be refreshed; None: at once."""
    return None if verified_on is None else months_later(verified_on, REFRESH_MONTHS)


def stage(verified_on: date | None, on: date) -> DueStage:
    """Return how near an entry's refresh is; the day itself is still in time."""
    due = next_review(verified_on)
    if due is None:
        return DueStage.NEVER
    left = (due - on).days
    if left < 0:
        return DueStage.OVERDUE
    return next((one for days, one in _STEPS if left <= days), DueStage.LATER)


def is_child_silent(contacts: Iterable[ChildContact], active_from: date | None, on: date) -> bool:
    """Return whether no child has been in touch for 30 days, counted at the earliest from the start of service."""
    last = max((one.on for one in contacts if one.on <= on), default=active_from)
    return last is None or on - last > timedelta(days=CHILD_SILENT_DAYS)


def last_snapshot_day(on: date) -> date:
    """Return the latest 06-30 or 12-31 that is over."""
    days = [date(year, month, day) for year in (on.year - 1, on.year) for month, day in SNAPSHOT_DAYS]
    return max(day for day in days if day < on)
