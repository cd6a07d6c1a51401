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
from app.sheet_names import sheet_name
from core.errors import ShouwangError
from core.ids import HomeId, PersonId
from core.localtime import HOUR_MS, from_ms, local_date, zone
from core.text import Bilingual
from registry.annex1_words import TIER_WORDS
from registry.homes import Contact
from registry.people import Person, tier_of
from rules.kind_words import KIND_WORDS
from store.truth.database import Truth, Unit

LOOK_EVERY_MS = HOUR_MS // 4
"""A quarter of an hour late is early enough to print before people go home."""

MOST_NAMED = 5
"""Villages named with their reason: where more fail at once, the reason is one and the same."""

_log = logging.getLogger(__name__)

LastSigns = Callable[[], Mapping[HomeId, str]]
"""Return of each home that the rules know when it last showed life, or that it cannot be seen, in words."""


class SheetsMissingError(ShouwangError):
    """Some villages have no sheet this evening; it names them and why. The others have theirs."""


class SheetMaker:
    """Blocking; used by one thread at a time. `from_hour` is the local hour at which the day's sheets are made.

    `missing`: the villages without a sheet of the latest evening, each with the reason.
    """

    def __init__(
        self, truth: Truth, press: Press, folder: Path, *, signs: LastSigns, zone_name: str, from_hour: int
    ) -> None:
        self._truth = truth
        self._press = press
        self._folder = folder
        self._signs = signs
        self._zone = zone(zone_name)
        self._from_hour = from_hour
        self.missing: Mapping[str, str] = {}
        self._told: list[str] = []

    def look(self, now_ms: int) -> None:
        """Make the day's sheets that are not there once its hour has come, and let go of what is older than a week.

        Raises SheetsMissingError at the end where some could not be made: the next look tries these again.
        """
        local = from_ms(now_ms, self._zone)
        day = local.date()
        ready = self._folder / day.isoformat() / "made"
        if local.hour < self._from_hour or ready.exists():
            return
        self.missing = self._made(ready.parent, day, now_ms)
        self._forget_before(day - timedelta(days=KEPT_NIGHTS - 1))
        self._told = self._words(day) if self.missing else []
        if self.missing:
            raise SheetsMissingError(f"no sheet of {_named(self.missing)}")
        write_private(ready, str(now_ms).encode())

    def notices(self) -> list[str]:
        """Return that villages have no sheet for the night, as long as they have none."""
        return self._told

    def sheet(self, village: str, now_ms: int) -> Printed:
        """Return a village's sheet as it is now; `village` is a path, town/village."""
        signs, today = self._signs(), local_date(now_ms, self._zone)
        with self._truth.view() as unit:
            name = unit.entries.areas().full_name(village)
            people = [one for one in unit.people.persons(village) if is_active(one, today)]
            lines = tuple(_line(unit, person, signs, today) for person in sorted(people, key=_by_grid_and_house))
        return self._press.pdf(village_sheet(name, f"{from_ms(now_ms, self._zone):%Y-%m-%d %H:%M}", lines))

    def _made(self, folder: Path, day: date, now_ms: int) -> dict[str, str]:
        """Make what is not in the folder yet; return the villages whose sheet failed, each with the reason."""
        failed: dict[str, str] = {}
        for village in self._villages(day):
            path = folder / sheet_name(village)
            if path.is_file():  # made by an earlier look, which was cut off or lacked another village's
                continue
            try:
                write_private(path, self.sheet(village, now_ms).content)
            except (ShouwangError, ValueError, OSError) as error:  # of this village alone: the next may have its own
                failed[village] = str(error).strip(": ")
        return failed

    def _words(self, day: date) -> list[str]:
        with self._truth.view() as unit:
            areas = unit.entries.areas()
        notice = Bilingual(
            f"{len(self.missing)} 个村没有 {day} 晚的停电断网备用表：{_named(self.missing, areas.full_name, '；')}。"
            "每刻钟自动再试；急用请在登记册页按村打印",
            f"no sheet of the evening of {day} for {len(self.missing)} villages: {_named(self.missing)}; "
            "it is tried again each quarter of an hour; print it on the page of the register meanwhile",
        )
        return [str(notice)]

    def _villages(self, day: date) -> Iterable[str]:
        with self._truth.view() as unit:
            people = [one for one in unit.people.persons() if is_active(one, day)]
        return sorted({"/".join(person.area.split("/")[:2]) for person in people})

    def _forget_before(self, day: date) -> None:
        for old in self._folder.glob("*"):  # none where not one sheet could be made
            if old.is_dir() and old.name < day.isoformat():
                shutil.rmtree(old)
                _log.info("the sheets of %s are gone", old.name)


def _named(missing: Mapping[str, str], said: Callable[[str], str] = str, joint: str = "; ") -> str:
    """Return the first villages, each with the reason, which holds no joint of two languages within."""
    told = [f"{said(village)}: {why.replace(' / ', ', ')}" for village, why in list(missing.items())[:MOST_NAMED]]
    return joint.join([*told, "…"] if len(missing) > MOST_NAMED else told)


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
