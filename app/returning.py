"""Drawing up, signing and receiving monthly returns, each in one transaction; a record stands in one return, once."""

import hashlib
from datetime import date

import msgspec

from app.ledger_book import LedgerBook
from app.ledger_due import month_rows, special_periods, with_credits
from core.errors import ConflictError, NotFoundError
from core.ids import PersonId
from registry.areas import is_village, is_within
from store.truth.database import Unit
from visits.policy import CountingPolicy
from visits.return_content import ReturnContent, absent_of, figure_of, people_of, record_of
from visits.returns import (
    MonthlyReturn,
    ReturnId,
    ReturnState,
    ReturnStep,
    closed_month,
    new_return,
    stepped,
)
from visits.windows import month_of

_CONTENT = msgspec.json.Decoder(ReturnContent)
_encode = msgspec.json.Encoder(order="deterministic").encode


class Returning:
    """The monthly returns of the villages. Blocking."""

    def __init__(self, book: LedgerBook) -> None:
        self._book = book

    def draft(self, month: str, area: str, by: str) -> tuple[MonthlyReturn, ReturnContent]:
        """Draw up a village's return, or its draft again; a signed one is returned as it stands, nothing is changed.

        A draft takes no record away from any other return. Raises ValueError for what is no month, ConflictError
        for one to come and for what is no village, NotFoundError for a village without people.
        """
        if month_of(month).from_date > self._book.today():
            raise ConflictError(f"{month} 尚未开始 / {month} is still to come")
        if not is_village(area):
            raise ConflictError(f"月报按村起草，{area or '-'} 不是村 / a return is a village's: {area or '-'} is none")
        with self._book.truth.transaction() as unit:
            if not unit.people.villages(area):
                raise NotFoundError(f"该村无人登记 / nobody is registered in {area}")
            fresh = new_return(month, area, by=by, at_ms=self._book.now_ms())
            row = unit.returns.get(fresh.id)
            if row is None:
                unit.returns.put(fresh)
                row = fresh
            if row.state is not ReturnState.DRAFT:
                return row, _frozen(unit, row.id)
            return row, content_of(unit, row, self._book.today(), self._book.policy)

    def step(
        self, return_id: ReturnId, step: ReturnStep, *, by: str, text: str = "", version: int | None = None
    ) -> MonthlyReturn:
        """Take a return one step further, logged; signing freezes its content, a receipt closes the month before.

        Raises NotFoundError, and ConflictError when it moved on or the step does not exist there.
        """
        with self._book.truth.transaction() as unit:
            row = _existing(unit, return_id)
            seen = row if version is None else msgspec.structs.replace(row, version=version)
            after = stepped(seen, step, at_ms=self._book.now_ms(), by=by, text=text)
            if step is ReturnStep.SIGN:
                content = _encode(content_of(unit, row, self._book.today(), self._book.policy))
                after = msgspec.structs.replace(after, digest=hashlib.sha256(content).hexdigest())
                unit.returns.freeze(row.id, content)
                unit.returns.take(row)
            if step is ReturnStep.SEND_BACK:
                after = msgspec.structs.replace(after, digest="")
                unit.returns.freeze(row.id, None)
                unit.returns.release(row.id)
            if step is ReturnStep.RECEIVE:
                self._close(unit, row)
            unit.returns.put(after)
            now_ms = self._book.now_ms()
            unit.audit.append(by, f"return.{step}", row.id, text, now_ms, digest=after.digest)
        return after

    def read(self, return_id: ReturnId) -> tuple[MonthlyReturn, ReturnContent]:
        """Return a return with its content: as it was signed, or as the draft stands now; raises NotFoundError."""
        with self._book.truth.view() as unit:
            row = _existing(unit, return_id)
            if row.state is ReturnState.DRAFT:
                return row, content_of(unit, row, self._book.today(), self._book.policy)
            return row, _frozen(unit, row.id)

    def _close(self, unit: Unit, row: MonthlyReturn) -> None:
        """Keep the month before as the village signed it: it is never judged again."""
        month = closed_month(row.month)
        known = unit.evaluations.persons(month)
        ended = [(one.area, one.due) for one in _frozen(unit, row.id).previous if one.due.person_id not in known]
        unit.evaluations.close(month, ended, at_ms=self._book.now_ms())


def content_of(unit: Unit, row: MonthlyReturn, today: date, policy: CountingPolicy) -> ReturnContent:
    """Return what a return says as of a day."""
    previous_month = closed_month(row.month)
    previous = month_rows(unit, previous_month, today, policy, row.area)
    interim = month_rows(unit, row.month, today, policy, row.area)
    people = unit.people.persons(row.area)
    names = {person.id: person.name for person in people}
    visits = (unit.visits.get(visit_id) for visit_id, _ in unit.returns.held(row))
    records = [
        record_of(with_credits(unit, one, policy), _name(unit, names, one.person_id), policy)
        for one in visits
        if one is not None
    ]
    last = min(today, interim.month.window.until_date)  # drawn up later it still tells nothing after its month
    return ReturnContent(
        month=row.month,
        area=row.area,
        as_of=today,
        policy_version=policy.stamp,
        records=tuple(sorted(records, key=lambda one: (one.local_date, one.person_id, one.visit_id))),
        previous_month=previous_month,
        previous=people_of([(one.standing, one.due) for one in previous.rows], names),
        previous_rate=figure_of(previous.rate),
        interim=people_of([(one.standing, one.due) for one in interim.rows], names),
        interim_rate=figure_of(interim.rate),
        follow_ups=tuple(one for one in unit.follow_ups.open_in(row.area) if one.opened_on <= last),
        benefits=tuple(one for one in unit.eligibility.open_in(row.area) if one.found_on <= last),
        absent=absent_of((one.standing for one in interim.rows), names, last),
        specials=tuple(
            period
            for period in special_periods(unit, previous.month.window.from_date, interim.month.window.until_date)
            if period.concerns(row.area) or is_within(period.area, row.area)
        ),
    )


def encoded(content: ReturnContent) -> bytes:
    """Return the content as the hash is taken of it: the same content gives the same bytes."""
    return _encode(content)


def _name(unit: Unit, names: dict[PersonId, str], person_id: PersonId) -> str:
    if person_id not in names:  # moved to another village since, or erased
        person = unit.people.person(person_id)
        names[person_id] = "" if person is None else person.name
    return names[person_id]


def _frozen(unit: Unit, return_id: ReturnId) -> ReturnContent:
    content = unit.returns.content(return_id)
    if content is None:
        raise NotFoundError(f"return {return_id} has no signed content")
    return _CONTENT.decode(content)


def _existing(unit: Unit, return_id: ReturnId) -> MonthlyReturn:
    row = unit.returns.get(return_id)
    if row is None:
        raise NotFoundError(f"没有此月报 {return_id} / no return {return_id}")
    return row
