"""Rows of silences, and what a decision asks about others: how often a number was tried, what else waits or is held."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, Select, bindparam, func, insert, select, text, update

from alerts.model import AttemptState, TimerKind
from alerts.routing import BOARD
from alerts.silences import Silence
from alerts.suppression import Hold
from core.ids import AlertId, ContactId, PersonId
from registry.duty_contacts import is_staff
from registry.homes import Contact
from rules.findings import FindingKind
from store.cipher import FieldCipher
from store.truth import tables
from store.truth.outbox import BESIDE

_KINDS = msgspec.json.Decoder(tuple[FindingKind, ...])
_HOLDS = msgspec.json.Decoder(tuple[Hold, ...])
Times = Mapping[str, Sequence[int]]
"""Instants by contact id; "" is the resident."""

_CALL = '{"type":"place_call"'
"""How the JSON of a call begins; a message's begins otherwise."""


def _tried() -> Sequence[Select[Any, Any, bool]]:
    """Return what asks for the attempts of late to contacts, to the rota's people and to a resident."""
    attempt, own, other = tables.attempt, tables.contact.alias("own"), tables.contact.alias("other")
    is_withdrawn = (attempt.c.state == AttemptState.CANCELED.value) & attempt.c.claimed_at_ms.is_(None)
    is_refused = (attempt.c.state == AttemptState.FAILED.value) & attempt.c.submitted_at_ms.is_(None)
    is_beside = attempt.c.key.endswith(BESIDE, autoescape=True)
    # a key on a call of the board's: the clerk has rung that phone
    is_only_shown = (attempt.c.channel == BOARD) & (attempt.c.digits == "")
    recent = ~(is_withdrawn | is_refused | is_beside | is_only_shown) & (attempt.c.created_at_ms > bindparam("since"))
    columns = (attempt.c.created_at_ms, attempt.c.effect.startswith(_CALL).label("is_call"))
    same_number = attempt.join(other, other.c.id == attempt.c.contact_id).join(
        own, own.c.phone_blind == other.c.phone_blind
    )
    of_contacts = select(own.c.id.label("who"), *columns).select_from(same_number)
    # the rota's people stand in no row of contacts: an id is a number there
    of_staff = select(attempt.c.contact_id.label("who"), *columns)
    of_resident = select(text("'' AS who"), *columns).select_from(
        attempt.join(tables.alert, tables.alert.c.id == attempt.c.alert_id)
    )
    is_of_person = tables.alert.c.person_id == bindparam("person")
    return (
        of_contacts.where(recent, own.c.id.in_(bindparam("who", expanding=True))),
        of_staff.where(recent, attempt.c.contact_id.in_(bindparam("staff", expanding=True))),
        of_resident.where(recent, attempt.c.contact_id.is_(None), is_of_person),
    )


_BY_CONTACTS, _BY_STAFF, _BY_RESIDENT = _tried()
_ACTIVE = (
    select(tables.silence)
    .where(tables.silence.c.until_ms > bindparam("at"), tables.silence.c.from_ms <= bindparam("at"))
    .order_by(tables.silence.c.until_ms.desc(), tables.silence.c.id)
)


class SilenceRows:
    """Silences and held alerts, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher) -> None:
        self._connection = connection
        self._cipher = cipher

    def put(self, silence: Silence) -> None:
        """Insert or replace."""
        table = tables.silence
        row = {
            **msgspec.structs.asdict(silence),
            "kinds": msgspec.json.encode(silence.kinds).decode(),
            "reason": self._cipher.seal(silence.reason, table="silence", column="reason", row_id=silence.id),
        }
        if self._connection.execute(update(table).where(table.c.id == silence.id).values(row)).rowcount == 0:
            self._connection.execute(insert(table).values(row))

    def get(self, silence_id: str) -> Silence | None:
        """Return the silence, or None."""
        row = (
            self._connection.execute(select(tables.silence).where(tables.silence.c.id == silence_id)).mappings().first()
        )
        return None if row is None else self._silence(row)

    def list(self, *, active_at_ms: int | None = None) -> Sequence[Silence]:
        """Return silences, the last to end first; those that hold at a moment, or all."""
        if active_at_ms is not None:
            rows = self._connection.execute(_ACTIVE, {"at": active_at_ms}).mappings()
            return [one for one in map(self._silence, rows) if one.is_active_at(active_at_ms)]
        table = tables.silence
        query = select(table).order_by(table.c.until_ms.desc(), table.c.id)
        return [self._silence(row) for row in self._connection.execute(query).mappings()]

    def hasten(self, by: str, now_ms: int) -> Sequence[AlertId]:
        """Have every alert that something holds judged again now; return which."""
        table, timer = tables.alert, tables.timer
        query = select(table.c.id, table.c.holds).where(table.c.holds.is_not(None), text(tables.IS_OPEN_ALERT))
        held = [
            AlertId(row.id)
            for row in self._connection.execute(query)
            if any(hold.by == by for hold in _HOLDS.decode(row.holds))
        ]
        is_hold = (timer.c.kind == TimerKind.HOLD_END.value) & (timer.c.due_at_ms > now_ms)
        for alert_id in held:
            where = is_hold & (timer.c.alert_id == alert_id)
            self._connection.execute(update(timer).where(where).values(due_at_ms=now_ms))
        return held

    def tried_ms(
        self, person_id: PersonId | None, contact_ids: Collection[ContactId], since_ms: int
    ) -> tuple[Times, Times]:
        """Return when each contact's number was (rung, written to), by contact id, "" for the resident's own calls.

        By number: a grid worker stands beside many people. What no provider took does not count: nobody's phone rang,
        and none rang by what only the board showed, unless a clerk entered the key that they were told.
        Nor does what carries an attempt beside it: one call counts once, or the board alone would spare people.
        """
        wanted = {"since": since_ms, "person": person_id, "who": list(contact_ids)}
        wanted["staff"] = [contact_id for contact_id in contact_ids if is_staff(contact_id)]
        calls: dict[str, list[int]] = {}
        messages: dict[str, list[int]] = {}
        asked = (_BY_CONTACTS if contact_ids else None, _BY_STAFF if wanted["staff"] else None, _BY_RESIDENT)
        for query in asked:
            if query is not None:
                for row in self._connection.execute(query, wanted):
                    (calls if row.is_call else messages).setdefault(row.who, []).append(row.created_at_ms)
        return calls, messages

    def waiting_tickets(self, served_by: Contact, now_ms: int) -> tuple[str, int]:
        """Return (a code of a contact's number, technical tickets whose step is due and whose people it serves).

        The rota's people serve everybody.
        """
        contact, alert, timer = tables.contact, tables.alert, tables.timer
        blind = self._cipher.blind_phone(served_by.phone, table="contact")
        if blind is None:
            return "", 0
        is_due = (timer.c.kind == TimerKind.NEXT_STEP.value) & (timer.c.due_at_ms <= now_ms)
        due = select(func.count(alert.c.id.distinct())).join_from(alert, timer, timer.c.alert_id == alert.c.id)
        if not is_staff(served_by.id):
            due = due.join(contact, contact.c.person_id == alert.c.person_id).where(contact.c.phone_blind == blind)
        return blind.hex()[:16], self._connection.scalar(due.where(alert.c.is_ticket, is_due)) or 0

    def _silence(self, row: RowMapping) -> Silence:
        reason = self._cipher.open(row["reason"], table="silence", column="reason", row_id=row["id"])
        fields: dict[str, Any] = {**row, "kinds": _KINDS.decode(row["kinds"]), "reason": reason}
        return Silence(**fields)
