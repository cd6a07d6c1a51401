"""Rows of attempts: the outbox; a key is queued once, and one of many claimants gets it."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, or_, select, update

from alerts.model import TERMINAL_ATTEMPT_STATES, Attempt, AttemptState, CancelPending, Effect, PlaceCall, SendSms
from alerts.situation import BUNDLE_PREFIX
from core.errors import NotFoundError
from core.ids import AlertId, AttemptId, derived_id
from store.truth import tables

_EFFECT: msgspec.json.Decoder[PlaceCall | SendSms] = msgspec.json.Decoder(PlaceCall | SendSms)
_TERMINAL = sorted(state.value for state in TERMINAL_ATTEMPT_STATES)
_IN_DOUBT = (AttemptState.CLAIMED.value, AttemptState.UNKNOWN.value)
_UNSENT = (AttemptState.NEW.value, AttemptState.CLAIMED.value)
_table = tables.attempt


class OutboxRows:
    """Attempts, bound to one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def queue(self, effect: Effect, *, at_ms: int | None) -> None:
        """Carry out one effect of a Change: a new attempt, unless its key is there, or the cancelling of unsent ones.

        `at_ms` is when it was decided; None takes the effect's own earliest time.
        """
        if isinstance(effect, CancelPending):
            self._cancel_unsent(effect.alert_id, at_ms)
            return
        if self._connection.execute(select(_table.c.id).where(_table.c.key == effect.key)).first() is not None:
            return
        attempt = Attempt(
            id=AttemptId(derived_id("attempt", effect.key)),
            key=effect.key,
            alert_id=effect.alert_id,
            contact_id=effect.contact_id,
            effect=effect,
            created_at_ms=effect.not_before_ms if at_ms is None else at_ms,
            not_before_ms=effect.not_before_ms,
        )
        self._connection.execute(insert(_table).values(_row(attempt)))

    def get(self, attempt_id: AttemptId) -> Attempt | None:
        """Return the attempt, or None."""
        row = self._connection.execute(select(_table).where(_table.c.id == attempt_id)).mappings().first()
        return None if row is None else _attempt(row)

    def due(self, now_ms: int, limit: int) -> Sequence[Attempt]:
        """Return NEW attempts whose time has come, and CLAIMED or UNKNOWN ones to look up; gravest, then oldest."""
        is_ready = (_table.c.state == AttemptState.NEW.value) & (_table.c.not_before_ms <= now_ms)
        return self._list(or_(is_ready, _table.c.state.in_(_IN_DOUBT)), limit=limit)

    def next_due_ms(self) -> int | None:
        """Return the earliest time of a NEW attempt, or None."""
        is_new = _table.c.state == AttemptState.NEW.value
        return self._connection.scalar(select(func.min(_table.c.not_before_ms)).where(is_new))

    def claim(self, attempt_id: AttemptId, channel: str, now_ms: int) -> Attempt | None:
        """Take a NEW attempt by one UPDATE; None when somebody else did or it was cancelled."""
        is_free = (_table.c.id == attempt_id) & (_table.c.state == AttemptState.NEW.value)
        taken = {"state": AttemptState.CLAIMED.value, "channel": channel, "claimed_at_ms": now_ms}
        statement = update(_table).where(is_free).values({**taken, "tries": _table.c.tries + 1}).returning(*_table.c)
        row = self._connection.execute(statement).mappings().first()
        return None if row is None else _attempt(row)

    def save(self, attempt: Attempt) -> None:
        """Write the whole row; raises NotFoundError when it was never queued."""
        changed = self._connection.execute(update(_table).where(_table.c.id == attempt.id).values(_row(attempt)))
        if changed.rowcount == 0:
            raise NotFoundError(f"no attempt {attempt.id}")

    def of_alert(self, alert_id: AlertId) -> Sequence[Attempt]:
        """Return all attempts of an alert; gravest, then oldest first."""
        return self._list(_table.c.alert_id == alert_id)

    def live_of_alert(self, alert_id: AlertId) -> Sequence[Attempt]:
        """Return the attempts of an alert that have not ended."""
        return self._list((_table.c.alert_id == alert_id) & _table.c.state.not_in(_TERMINAL))

    def pending_count(self) -> int:
        """Return how many attempts no provider is known to have: NEW, CLAIMED and UNKNOWN."""
        is_pending = _table.c.state.in_((AttemptState.NEW.value, *_IN_DOUBT))
        return self._connection.scalar(select(func.count()).select_from(_table).where(is_pending)) or 0

    def _cancel_unsent(self, alert_id: AlertId, at_ms: int | None) -> None:
        is_own = (_table.c.alert_id == alert_id) & ~_table.c.key.startswith(BUNDLE_PREFIX)
        unsent = is_own & _table.c.state.in_(_UNSENT)
        ended = {"state": AttemptState.CANCELED.value, "ended_at_ms": at_ms}
        self._connection.execute(update(_table).where(unsent).values(ended))

    def _list(self, where: ColumnElement[bool], *, limit: int | None = None) -> list[Attempt]:
        order = (_table.c.priority, _table.c.not_before_ms, _table.c.key)
        rows = self._connection.execute(select(_table).where(where).order_by(*order).limit(limit))
        return [_attempt(row) for row in rows.mappings()]


def _row(attempt: Attempt) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(attempt),
        "priority": int(attempt.effect.priority),
        "effect": msgspec.json.encode(attempt.effect).decode(),
        "state": attempt.state.value,
    }


def _attempt(row: RowMapping) -> Attempt:
    fields: dict[str, Any] = {**row, "effect": _EFFECT.decode(row["effect"]), "state": AttemptState(row["state"])}
    del fields["priority"]  # a copy of the effect's, for the order
    return Attempt(**fields)
