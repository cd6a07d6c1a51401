"""Examines who could be rung: people without a contact, homes and hours without a desk; tells nobody's name."""

import contextlib
from collections.abc import Iterator

from alerts.service_findings import SERVICE_PREFIX, gap_sentence
from app.check import Check, bad, well
from app.duty import contacts_for
from app.files import DataFiles
from app.opened import clock_of
from app.readiness_watch import Readiness, survey
from app.settings import Settings
from core.errors import ShouwangError
from core.ids import HomeId
from core.localtime import local_date, zone
from core.text import Bilingual
from registry.rota_gaps import gaps_ahead

ABOUT_THE_SERVICE = HomeId(f"{SERVICE_PREFIX}hearing")

MOST_SHOWN = 5
"""Gaps told one by one; whoever has more lacks a rota."""

_FILL = Bilingual(
    "安排人值班后重新导入：shouwang rota import rota.toml", "ask somebody in, then: shouwang rota import rota.toml"
)


def examine_people(settings: Settings) -> Iterator[Check]:
    """Yield every check; what is wrong with the database itself is another check's."""
    files = DataFiles(settings.data_dir)
    if not (files.truth.exists() and files.key.exists()):
        return
    with contextlib.suppress(ShouwangError):
        truth = files.open_truth()
        now_ms = clock_of(settings).now_ms()
        try:
            with truth.view() as unit:
                found = survey(unit, now_ms, local_date(now_ms, zone(settings.zone)))
                rota = unit.rota.current()
                in_charge = contacts_for(unit, ABOUT_THE_SERVICE, None, now_ms)
                bad_numbers = {one.phone for one in rota.staff if unit.numbers.get(one.phone).is_bounced}
        finally:
            truth.close()
        yield _unreachable(len(found.unreachable))
        if found.homes:
            yield _desk(found)
        if not in_charge:
            yield bad(
                Bilingual(
                    "系统自身发生故障时无人可呼叫：值班表里没有电话，也没有登记的主管或值班电话",
                    "nobody can be rung when the service itself fails: no number in a rota, and no supervisor or duty "
                    "number beside a home",
                ),
                _FILL,
            )
        gaps = gaps_ahead(rota, now_ms, bad_numbers)
        for gap in gaps[:MOST_SHOWN]:
            yield bad(gap_sentence(gap, rota.zone_name), _FILL)
        if len(gaps) > MOST_SHOWN:
            more = len(gaps) - MOST_SHOWN
            yield bad(Bilingual(f"另有{more}个值班空档", f"{more} more gaps: shouwang rota show"), _FILL)
        if rota.lines and not gaps:
            yield well("未来一天值班表没有空档", "the rota has no gap within a day")


def _desk(found: Readiness) -> Check:
    count, empty = found.without_duty, found.without_desk
    if not count:
        return well("每户此刻都有人值班", "every home has somebody on duty now")
    return bad(
        Bilingual(
            f"{count}户此刻无人值班（值班表上无人可拨，也没有登记的值班电话），其中{empty}户也没有主管",
            f"{count} homes have nobody on duty now (nobody of the rota to be rung, no registered duty contact), "
            f"{empty} of them no supervisor either",
        ),
        Bilingual(
            "按 docs/operations.md 的“Duty rota”写 rota.toml 并导入：shouwang rota import rota.toml，"
            '或为老人登记 role = "duty" 的联系人',
            "write rota.toml as docs/operations.md shows under Duty rota, then: shouwang rota import rota.toml; "
            'or register a contact with role = "duty"',
        ),
    )


def _unreachable(count: int) -> Check:
    if not count:
        return well("每位老人都有可拨通的联系人", "0 people have no contact who can be rung")
    return bad(
        Bilingual(f"{count}位老人没有可拨通的联系人", f"{count} people have no contact who can be rung"),
        Bilingual(
            "查看 shouwang contacts readiness，补充或核实号码", "see shouwang contacts readiness; add or check a number"
        ),
    )
