"""Some homes of one village on a database: findings in, a clock that is fast-forwarded, attempts out."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from desk_room import CONTACTS, finding

from alerts.desk import Desk
from alerts.ladder_file import built_in_ladders
from alerts.model import Alert, Change, Timer
from alerts.silences import Silence
from app.desk_service import DeskService
from app.situations import situation_of
from core.clock import ManualClock
from core.ids import ContactId, HomeId, PersonId
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import Home
from registry.people import Category, Person
from rules.findings import Finding, FindingKind, Priority, finding_id
from store.cipher import FieldCipher
from store.truth.database import Truth
from visits.policy import built_in_policy

__all__ = ["AREA", "HOUR_MS", "MIDNIGHT", "MINUTE_MS", "Village", "incident"]
MIDNIGHT = 1_709_654_400_000  # 2024-03-06 00:00 in Shanghai
AREA = "shuren/qiaotou"
VILLAGE = HomeId(f"area:{AREA}")


class Village:
    """Homes of one village, with one duty number and one grid worker between them; number `key` is a key person."""

    def __init__(self, truth: Truth, homes: int = 3, key: int | None = None) -> None:
        self.truth = truth
        self.clock = ManualClock(MIDNIGHT)
        self.desk = DeskService(truth, self.clock, built_in_policy(), on_change=lambda _lines: None)
        self._seq = 0
        with truth.transaction() as unit:
            for n in range(homes):
                self._register(unit, n, is_key_person=n == key)

    @classmethod
    @contextmanager
    def at(cls, path: Path, **more) -> Generator["Village"]:
        truth = Truth(path, FieldCipher(b"k" * 32))
        try:
            yield cls(truth, **more)
        finally:
            truth.close()

    def _register(self, unit, n: int, *, is_key_person=False) -> None:
        home, person = HomeId(f"h{n}"), PersonId(f"p{n}")
        alone = frozenset({Category.ALONE})
        unit.people.put_person(
            Person(id=person, home_id=home, area=f"{AREA}/g1", categories=alone, phone=f"+86131000000{n:02d}")
        )
        unit.people.put_home(Home(id=home, person_id=person, area=f"{AREA}/g1", is_key_person=is_key_person))
        for contact in CONTACTS:
            is_shared = contact.id in {"duty", "grid"}
            phone = contact.phone if is_shared else f"+86139{n}0000{contact.order:03d}"
            own = ContactId(f"{contact.id}{n}")
            unit.people.put_contact(msgspec.structs.replace(contact, id=own, person_id=person, phone=phone))

    def find(self, n: int, kind=FindingKind.INACTIVITY, priority=Priority.P1, **more):
        return self.take(
            msgspec.structs.replace(
                finding(kind, priority, at_ms=self.clock.now_ms(), **more),
                home_id=f"h{n}",
                id=f"{n}{kind}{more}{self.clock.now_ms()}",
            )
        )

    def take(self, *found: Finding):
        self._seq += 1
        self.desk.take_findings(found, kept_seq=self._seq)
        self.desk.run_timers(self.clock.now_ms())
        return found[0]

    def forward(self, ms: int) -> None:
        until_ms = self.clock.now_ms() + ms
        while (due_ms := self.desk.next_timer_ms()) is not None and due_ms <= until_ms:
            self.clock.advance_to_ms(max(due_ms, self.clock.now_ms()))
            self.desk.run_timers(self.clock.now_ms())
        self.clock.advance_to_ms(until_ms)

    def alert(self, n: int, *, is_ticket=False):
        with self.truth.view() as unit:
            return unit.alerts.open_of_home(HomeId(f"h{n}"), is_ticket=is_ticket)

    def find_in(self, unit, n: int) -> None:
        one = msgspec.structs.replace(finding(), home_id=f"h{n}")
        situation = situation_of(unit, None, unit.people.home(HomeId(f"h{n}")), MIDNIGHT, finding=one)
        unit.alerts.apply(
            Desk(built_in_ladders()).on_finding(one, situation, person_id=PersonId(f"p{n}"), now_ms=MIDNIGHT)
        )

    @staticmethod
    def change(alert: Alert, timer: Timer) -> Change:
        return Change(alert=msgspec.structs.replace(alert, version=1), timers=(timer,))

    def attempts_of(self, n: int):
        alert = self.alert(n)
        with self.truth.view() as unit:
            return list(unit.outbox.of_alert(alert.id))

    def attempts(self):
        with self.truth.view() as unit:
            alerts = unit.alerts.list(None)
            found = [attempt for alert in alerts for attempt in unit.outbox.of_alert(alert.id)]
        return sorted(found, key=lambda attempt: (attempt.created_at_ms, attempt.key))

    def silence(self, hours=2, **fields):
        now_ms = self.clock.now_ms()
        given = {"id": "s1", "from_ms": now_ms, "until_ms": now_ms + hours * HOUR_MS, "author": "li", "reason": "检修"}
        return self.desk.silence(Silence(**given | fields))


def incident():
    found = finding(FindingKind.INFRASTRUCTURE, Priority.P2)
    return msgspec.structs.replace(
        found, home_id=VILLAGE, id=finding_id(VILLAGE, found.kind, found.since_ms, f"mains {AREA}")
    )
