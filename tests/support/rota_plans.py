"""A duty rota as a town writes it, and a second way to say who is on duty: minute by minute, by the wall clock."""

from datetime import date, datetime, time, timedelta

from core.localtime import from_ms, to_ms, zone
from core.rest_days import is_rest_day
from registry.rota import DayKind
from registry.rota_file import parse_rota

ROTA_TOML = """
zone = "Asia/Shanghai"

[[staff]]
id = "li"
name = "李敏"
phone = "+8613800000001"
[[staff]]
id = "wang"
name = "王强"
phone = "+8613800000002"
[[staff]]
id = "zhou"
name = "周红"
phone = "+8613800000003"
[[staff]]
id = "boss"
name = "赵主任"
phone = "+8613800000009"

[[line]]
name = "desk"
role = "duty"
order = ["li", "wang", "zhou"]
starts_on = 2026-03-02
[[line.shift]]
name = "day"
days = "work"
from = "08:30"
until = "17:30"
[[line.shift]]
name = "night"
days = "work"
from = "17:30"
until = "08:30"
offset = 1
[[line.shift]]
name = "rest"
days = "rest"
from = "08:30"
until = "08:30"
offset = 2

[[line]]
name = "manager"
role = "supervisor"
order = ["boss"]
starts_on = 2026-03-02
[[line.shift]]
name = "all"
from = "00:00"
until = "00:00"
"""


def town_rota(more: str = "", zone_name: str = "Asia/Shanghai"):
    return parse_rota(ROTA_TOML.replace("Asia/Shanghai", zone_name) + more, where="rota.toml")


def local_ms(text: str, zone_name: str = "Asia/Shanghai") -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=zone(zone_name)))


def wall_clock_holder(rota, line, at_ms: int) -> str | None:
    """Who holds a line at a minute, read from the wall clock alone: no spans, no edges."""
    wall = from_ms(at_ms, zone(rota.zone_name)).replace(tzinfo=None)
    staff = None
    for day in (wall.date() - timedelta(days=1), wall.date()):
        minute = (wall - datetime.combine(day, time())) // timedelta(minutes=1)
        is_rest = is_rest_day((day - date(1970, 1, 1)).days, rota.zone_name)
        for shift in line.shifts:
            if shift.days is DayKind.REST and not is_rest:
                continue
            if shift.days is DayKind.WORK and is_rest:
                continue
            if shift.from_minute <= minute < shift.until_minute:
                assert staff is None, f"{line.name} is counted twice at {wall}"
                turns = (day - line.starts_on).days // line.every_days
                staff = line.order[(turns + shift.offset) % len(line.order)]
    held = [c.staff for c in rota.covers if c.line == line.name and c.span.from_ms <= at_ms < c.span.until_ms]
    if held:
        return held[-1]
    partner = {}
    for swap in rota.swaps:
        if swap.span.from_ms <= at_ms < swap.span.until_ms:
            one, other = swap.between
            partner |= {one: other, other: one}
    staff = partner.get(staff, staff)
    away = {one.staff: one.cover for one in rota.leaves if one.span.from_ms <= at_ms < one.span.until_ms}
    for _ in away:
        if staff in away:
            staff = away[staff] or None
    return None if staff in away else staff
