"""A village with a few people, its ledger on a disk and a clock that the test moves."""

from datetime import date

import msgspec
from annex2_kit import home_form
from visits_kit import POLICY, ZONE, at

from app.ledger_book import LedgerBook
from app.matters import Matters
from app.returning import Returning
from core.clock import ManualClock
from core.ids import ContactId, HomeId, PersonId
from registry.homes import Contact, ContactRole, Home
from registry.people import Category, Person
from store.cipher import FieldCipher
from store.truth.database import Truth
from visits.recording import Entry
from visits.returns import ReturnStep

VILLAGE = "shuren/qiaotou"
WANG, LI, BOSS = "account:wang", "account:li", "account:boss"
KEY, SPOUSE, GENERAL = PersonId("p1"), PersonId("p2"), PersonId("p3")


class LedgerTown:
    """p1 (key) and p2 (key) are a couple in one home, p3 (general) lives in another grid."""

    def __init__(self, folder, now="2024-02-03T12:00") -> None:
        self.truth = Truth(folder / "truth.sqlite", FieldCipher(b"k" * 32))
        self.clock = ManualClock(at(now))
        self.book = LedgerBook(self.truth, self.clock, POLICY, ZONE)
        self.matters, self.returning = Matters(self.book), Returning(self.book)
        with self.truth.transaction() as unit:
            if unit.people.villages():
                return
            for number, grid, home, kind in (
                (1, "g1", "h1", Category.CHILDLESS),
                (2, "g1", "h1", Category.CHILDLESS),
                (3, "g2", "h2", Category.EMPTY_NEST),
            ):
                self._move_in(unit, number, f"{VILLAGE}/{grid}", home, kind)

    def _move_in(self, unit, number, area, home, kind) -> None:
        person = Person(
            id=PersonId(f"p{number}"),
            home_id=HomeId(home),
            area=area,
            categories=frozenset({kind}),
            name=f"=王{number}",
            phone=f"+861380000000{number}",
            active_from=date(2023, 1, 1),
        )
        unit.people.put_person(person)
        unit.people.put_home(Home(id=HomeId(home), person_id=person.id, area=area))
        worker = Contact(
            id=ContactId(f"c{number}"),
            person_id=person.id,
            role=ContactRole.GRID_WORKER,
            order=1,
            name="赵网格",
            phone="+8613900000000",
            is_registered_visitor=True,
        )
        unit.people.put_contact(worker)

    def at(self, text: str) -> None:
        self.clock.advance_to_ms(at(text))

    def entry(self, begins: str, person=KEY, **fields) -> Entry:
        base = {"form": home_form(), "visitor": WANG, "is_registered_visitor": True}
        return Entry(person_id=person, started_at_ms=at(begins), **(base | fields))

    def signed(self, begins: str, person=KEY, by=WANG, **fields):
        """Write a visit down and sign it now."""
        draft = self.book.record(self.entry(begins, person, **fields), by)
        return self.book.sign(draft.id, by)

    def received(self, month: str, receipt="2024-031"):
        """Bring a month's return of the village to the town's receipt."""
        row, _ = self.returning.draft(month, VILLAGE, WANG)
        row = self.returning.step(row.id, ReturnStep.SIGN, by=WANG)
        return self.returning.step(row.id, ReturnStep.RECEIVE, by=BOSS, text=receipt)


def other_day(entry: Entry, begins: str) -> Entry:
    return msgspec.structs.replace(entry, started_at_ms=at(begins))
