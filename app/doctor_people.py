"""Examines who could be rung today: people without a contact, hours without anybody on duty; tells nobody's name."""

import contextlib
from collections.abc import Iterator

from alerts.service_findings import SERVICE_PREFIX, gap_sentence
from app.check import Check, bad, well
from app.duty import contacts_for
from app.files import DataFiles
from app.opened import clock_of
from app.readiness_watch import survey
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
        if not in_charge:
            yield bad(
                Bilingual(
                    "系统自身发生故障时无人可呼叫：没有值班表，也没有登记的主管或值班电话",
                    "nobody can be rung when the service itself fails: no rota, and no supervisor or duty number",
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


def _unreachable(count: int) -> Check:
    if not count:
        return well("每位老人都有可拨通的联系人", "0 people have no contact who can be rung")
    return bad(
        Bilingual(f"{count}位老人没有可拨通的联系人", f"{count} people have no contact who can be rung"),
        Bilingual(
            "查看 shouwang contacts readiness，补充或核实号码", "see shouwang contacts readiness; add or check a number"
        ),
    )
