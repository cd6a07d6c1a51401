"""Makes each evening's sheet of every village, for the night when power and network are gone; keeps a week of them."""

import logging
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

from app.paper.pdf import Printed
from app.paper.press import Press
from app.paper.village_sheet import KEPT_NIGHTS, SheetPerson, village_sheet
from app.private_file import write_private
from app.readiness_watch import is_active
from core.ids import HomeId, PersonId
from core.localtime import HOUR_MS, from_ms, local_date, zone
from registry.annex1_words import TIER_WORDS
from registry.homes import Contact
from registry.people import Person, tier_of
from rules.kind_words import KIND_WORDS
from store.truth.database import Truth, Unit

LOOK_EVERY_MS = HOUR_MS // 4
"""A quarter of an hour late is early enough to print before people go home."""

_log = logging.getLogger(__name__)

LastSigns = Callable[[], Mapping[HomeId, str]]
"""Return of each home that the rules know when it last showed life, or that it cannot be seen, in words."""


class SheetMaker:
    """Blocking; used by one thread at a time. `from_hour` is the local hour at which the day's sheets are made."""

    def __init__(
        self, truth: Truth, press: Press, folder: Path, *, signs: LastSigns, zone_name: str, from_hour: int
    ) -> None:
        self._truth = truth
        self._press = press
        self._folder = folder
        self._signs = signs
        self._zone = zone(zone_name)
        self._from_hour = from_hour

    def look(self, now_ms: int) -> None:
        """Make the sheets of the day once its hour has come, and let go of what is older than a week."""
        local = from_ms(now_ms, self._zone)
        day = local.date()
        ready = self._folder / day.isoformat() / "made"
        if local.hour < self._from_hour or ready.exists():
            return
        for village in self._villages(day):
            path = self._folder / day.isoformat() / f"{village.replace('/', '_')}.pdf"
            write_private(path, self.sheet(village, now_ms).content)
        write_private(ready, str(now_ms).encode())
        self._forget_before(day - timedelta(days=KEPT_NIGHTS - 1))

    def sheet(self, village: str, now_ms: int) -> Printed:
        """Return a village's sheet as it is now; `village` is a path, town/village."""
        signs, today = self._signs(), local_date(now_ms, self._zone)
        with self._truth.view() as unit:
            name = unit.entries.areas().full_name(village)
            people = [one for one in unit.people.persons(village) if is_active(one, today)]
            lines = tuple(_line(unit, person, signs, today) for person in sorted(people, key=_by_grid_and_house))
        return self._press.pdf(village_sheet(name, f"{from_ms(now_ms, self._zone):%Y-%m-%d %H:%M}", lines))

    def _villages(self, day: date) -> Iterable[str]:
        with self._truth.view() as unit:
            people = [one for one in unit.people.persons() if is_active(one, day)]
        return sorted({"/".join(person.area.split("/")[:2]) for person in people})

    def _forget_before(self, day: date) -> None:
        for old in self._folder.iterdir():
            if old.is_dir() and old.name < day.isoformat():
                shutil.rmtree(old)
                _log.info("the sheets of %s are gone", old.name)


def _line(unit: Unit, person: Person, signs: Mapping[HomeId, str], today: date) -> SheetPerson:
    return SheetPerson(
        name=person.name,
        address=person.address,
        phone=person.phone,
        tier=TIER_WORDS[tier_of(person, today).tier].zh,
        last_sign=signs.get(person.home_id, "未装传感器或未上线"),
        contacts=tuple(_contact(one) for one in unit.people.contacts(person.id)),
        open_matters=tuple(_open_matters(unit, person.id, person.home_id)),
    )


def _contact(contact: Contact) -> str:
    said = (str(contact.order), contact.name, contact.relation, contact.phone.removeprefix("+86"))
    return " ".join(part for part in said if part)


def _open_matters(unit: Unit, person_id: PersonId, home_id: HomeId) -> Iterable[str]:
    for is_ticket in (False, True):
        alert = unit.alerts.open_of_home(home_id, is_ticket=is_ticket)
        if alert is not None:
            yield "报警：" + "、".join(KIND_WORDS[kind].zh for kind in alert.kinds)
    for one in unit.follow_ups.of(person_id):
        if one.is_open:
            yield f"{one.what}（{one.due_on:%m-%d} 前）"


def _by_grid_and_house(person: Person) -> tuple[str, str]:
    return person.area, person.address
