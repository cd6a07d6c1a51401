"""The desk on its database: silences, incidents, throttles and mornings across the homes of a village."""

import msgspec
import pytest
from desk_room import CONTACTS, finding

from alerts.model import AlertState, PlaceCall
from alerts.silences import Silence
from api.conversion import alert_view, trace_view
from app.desk_service import DeskService
from core.clock import ManualClock
from core.ids import ContactId, HomeId, PersonId
from core.localtime import HOUR_MS, MINUTE_MS
from core.log import LogEntry
from registry.homes import Home
from registry.people import Category, Person
from rules.findings import Finding, FindingKind, Priority, finding_id
from rules.village import end_of
from store.cipher import FieldCipher
from store.truth.database import Truth
from visits.policy import built_in_policy

MIDNIGHT = 1_709_654_400_000  # 2024-03-06 00:00 in Shanghai
AREA = "shuren/qiaotou"
VILLAGE = HomeId(f"area:{AREA}")


class Village:
    """Three homes of one village, with one duty number and one grid worker between them."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.clock = ManualClock(MIDNIGHT)
        self.desk = DeskService(truth, self.clock, built_in_policy(), on_change=lambda _lines: None)
        self._seq = 0
        with truth.transaction() as unit:
            for n in range(3):
                self._register(unit, n)

    def _register(self, unit, n: int) -> None:
        home, person = HomeId(f"h{n}"), PersonId(f"p{n}")
        alone = frozenset({Category.ALONE})
        unit.people.put_person(
            Person(id=person, home_id=home, area=f"{AREA}/g1", categories=alone, phone=f"+86131000000{n:02d}")
        )
        unit.people.put_home(Home(id=home, person_id=person, area=f"{AREA}/g1"))
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
        entry = LogEntry(seq=self._seq, log_time_ms=self.clock.now_ms(), readings=(), is_tick=True)
        self.desk.take_findings(found, entry)
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

    def attempts(self):
        with self.truth.view() as unit:
            alerts = unit.alerts.list(None)
            found = [attempt for alert in alerts for attempt in unit.outbox.of_alert(alert.id)]
        return sorted(found, key=lambda attempt: (attempt.created_at_ms, attempt.key))

    def silence(self, hours=2, **fields):
        now_ms = self.clock.now_ms()
        given = {"id": "s1", "from_ms": now_ms, "until_ms": now_ms + hours * HOUR_MS, "author": "li", "reason": "检修"}
        return self.desk.silence(Silence(**given | fields))


@pytest.fixture
def village(tmp_path):
    truth = Truth(tmp_path / "truth.sqlite", FieldCipher(b"k" * 32))
    yield Village(truth)
    truth.close()


def incident():
    found = finding(FindingKind.INFRASTRUCTURE, Priority.P2)
    return msgspec.structs.replace(
        found, home_id=VILLAGE, id=finding_id(VILLAGE, found.kind, found.since_ms, f"mains {AREA}")
    )


def test_a_cut_of_the_grid_holds_each_homes_alert_and_its_end_tells_of_the_home_that_is_still_dark(village):
    told = incident()
    own = [
        msgspec.structs.replace(
            finding(FindingKind.POWER_OUT, Priority.P3, held_by=told.id), home_id=f"h{n}", id=f"f{n}"
        )
        for n in range(3)
    ]
    village.take(*own, told)
    assert [village.alert(n).priority for n in range(3)] == [Priority.P2] * 3  # as grave as a cut is by itself
    assert village.attempts() == []
    village.forward(HOUR_MS)
    back = [
        msgspec.structs.replace(
            own[n], id=f"c{n}", held_by=None, priority=Priority.P2, is_cleared=True, clears_alert=True
        )
        for n in (0, 1)
    ]
    over = msgspec.structs.replace(told, id=end_of(told), is_cleared=True, clears_alert=True)
    village.take(*back, over)
    assert [village.alert(0), village.alert(1)] == [None, None]
    assert village.alert(2).state is AlertState.ASKING_RESIDENT
    assert len(village.attempts()) == 1


def test_a_cut_of_the_grid_that_ends_before_its_homes_report_holds_nothing(village):
    told = incident()
    village.take(told)
    village.take(msgspec.structs.replace(told, id=end_of(told), is_cleared=True, clears_alert=True))
    village.find(0, FindingKind.POWER_OUT, Priority.P3, held_by=told.id)
    assert village.alert(0).state is AlertState.ASKING_RESIDENT


def test_a_silence_of_an_area_covers_its_homes_and_its_incidents_and_no_life_hazard(village):
    assert village.silence(area=AREA) == []
    village.take(incident())
    village.find(0)
    assert village.attempts() == []
    village.find(1, FindingKind.EMERGENCY, Priority.P0)
    assert village.attempts() != []
    village.forward(2 * HOUR_MS)
    assert village.alert(0).state is AlertState.ASKING_RESIDENT


def test_an_ended_silence_tells_at_once_and_a_silence_names_the_ladders_that_it_does_not_stop(village):
    village.find(1)
    (going_on,) = village.silence(area=AREA, kinds=(FindingKind.INACTIVITY,))
    assert going_on.home_id == "h1"
    village.find(0)
    assert village.alert(0).state is AlertState.OPEN
    village.desk.end_silence("s1", "account:li")
    village.desk.run_timers(village.clock.now_ms())
    assert village.alert(0).state is AlertState.ASKING_RESIDENT


def test_the_page_of_an_alert_says_what_is_held_why_and_until_when(village):
    village.silence(home_id="h0")
    village.find(0)
    with village.truth.view() as unit:
        lines = [trace_view(line) for line in unit.alerts.trace(village.alert(0).id)]
    (shown,) = [line.suppression for line in lines if line.suppression is not None]
    assert (shown.kind, shown.until_ms) == ("silence", MIDNIGHT + 2 * HOUR_MS)
    assert "检修" in shown.reason.zh
    (held,) = alert_view(village.alert(0), None).holds
    assert (held.finding, held.kind, held.until_ms) == ("inactivity", "silence", MIDNIGHT + 2 * HOUR_MS)


def test_one_grid_worker_of_many_homes_is_rung_three_times_in_a_quarter_of_an_hour_at_most(village):
    for n in range(3):
        village.find(n)
    village.forward(3 * HOUR_MS)
    rung = [
        attempt.created_at_ms
        for attempt in village.attempts()
        if isinstance(attempt.effect, PlaceCall) and (attempt.contact_id or "").startswith("grid")
    ]
    assert len(rung) > 5
    for at_ms in rung:
        assert sum(at_ms - 15 * MINUTE_MS < other <= at_ms for other in rung) <= 3


def test_tickets_of_a_night_are_one_message_to_the_one_duty_number_and_the_next_morning_one_more(village):
    for n in range(3):
        village.find(n, FindingKind.DEVICE_SILENT, Priority.P3)
    village.forward(8 * HOUR_MS + 30 * MINUTE_MS)
    (message,) = village.attempts()
    assert message.effect.variables == {"count": "3"}
    village.forward(24 * HOUR_MS)
    assert len(village.attempts()) == 2
