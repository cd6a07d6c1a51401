"""Rows of attempts: the outbox; a key is queued once, and one of many claimants gets it."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, case, func, insert, or_, select, update

from alerts.attempts import BESIDE
from alerts.model import TERMINAL_ATTEMPT_STATES, Attempt, AttemptState, CancelPending, Effect, PlaceCall, SendSms
from alerts.ports import Earlier, Upkeep
from alerts.situation import BUNDLE_PREFIX
from core.errors import NotFoundError
from core.ids import AlertId, AttemptId, EffectKey, derived_id
from store.cipher import FieldCipher
from store.truth import tables

_EFFECT: msgspec.json.Decoder[PlaceCall | SendSms] = msgspec.json.Decoder(PlaceCall | SendSms)
_TERMINAL = sorted(state.value for state in TERMINAL_ATTEMPT_STATES)
_IN_DOUBT = (AttemptState.CLAIMED.value, AttemptState.UNKNOWN.value)
_ON_ITS_WAY = (AttemptState.SUBMITTED.value, AttemptState.RINGING.value, AttemptState.ANSWERED.value)
_UNSENT = (AttemptState.NEW.value, AttemptState.CLAIMED.value)
_table = tables.attempt


class OutboxRows:
    """Attempts, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher) -> None:
        self._connection = connection
        self._cipher = cipher

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

    def queue_beside(self, attempt: Attempt, now_ms: int) -> None:
        """Queue the effect of an attempt in doubt once more, for the channels it has not tried; only the first time."""
        key = EffectKey(f"{attempt.key}{BESIDE}")
        if self._connection.execute(select(_table.c.id).where(_table.c.key == key)).first() is not None:
            return
        beside = Attempt(
            id=AttemptId(derived_id("attempt", key)),
            key=key,
            alert_id=attempt.alert_id,
            contact_id=attempt.contact_id,
            effect=attempt.effect,
            created_at_ms=now_ms,
            not_before_ms=now_ms,
            tried=attempt.tried,
        )
        self._connection.execute(insert(_table).values(_row(beside)))

    def besides(self, attempt: Attempt) -> Sequence[Attempt]:
        """Return the rows in which other channels carry the effect of an attempt, in the order they were queued."""
        begins = _table.c.key.startswith(f"{attempt.key}{BESIDE}", autoescape=True)
        return self._list((_table.c.alert_id == attempt.alert_id) & begins)

    def find(self, id_prefix: str, channel: str) -> Attempt | None:
        """Return a channel's attempt by the beginning of its id, or None; an empty one finds nothing."""
        if not id_prefix:
            return None
        fits = _table.c.id.startswith(id_prefix, autoescape=True) & (_table.c.channel == channel)
        found = self._list(fits, limit=2)
        return found[0] if len(found) == 1 else None

    def due(self, now_ms: int, limit: int) -> Sequence[Attempt]:
        """Return NEW attempts whose time has come, and those to look up by now; gravest, then oldest.

        CLAIMED without a time is an attempt that a service was killed with: it is looked up at once.
        """
        is_ready = (_table.c.state == AttemptState.NEW.value) & (_table.c.not_before_ms <= now_ms)
        is_asked = _table.c.state.in_((*_IN_DOUBT, *_ON_ITS_WAY)) & (_table.c.look_up_at_ms <= now_ms)
        is_lost = _table.c.state.in_(_IN_DOUBT) & _table.c.look_up_at_ms.is_(None)
        return self._list(or_(is_ready, is_asked, is_lost), limit=limit)

    def next_due_ms(self, after_ms: int | None = None) -> int | None:
        """Return the earliest time of a NEW attempt or of a look-up, or None; only times after `after_ms` if given."""
        times = (
            (_table.c.not_before_ms, _table.c.state == AttemptState.NEW.value),
            (_table.c.look_up_at_ms, _table.c.state.in_((*_IN_DOUBT, *_ON_ITS_WAY))),
        )
        found: list[int] = []
        for column, where in times:
            is_later = where if after_ms is None else where & (column > after_ms)
            at_ms = self._connection.scalar(select(func.min(column)).where(is_later))
            if at_ms is not None:
                found.append(at_ms)
        return min(found, default=None)

    def claim(self, attempt_id: AttemptId, channel: str, now_ms: int, *, to: str = "") -> Attempt | None:
        """Take a NEW attempt by one UPDATE; None when somebody else did or it was cancelled."""
        is_free = (_table.c.id == attempt_id) & (_table.c.state == AttemptState.NEW.value)
        is_again = (_table.c.channel == channel) & _table.c.first_claimed_at_ms.is_not(None)
        taken = {
            "state": AttemptState.CLAIMED.value,
            "channel": channel,
            "claimed_at_ms": now_ms,
            "first_claimed_at_ms": case((is_again, _table.c.first_claimed_at_ms), else_=now_ms),
            "look_up_at_ms": None,
            "to_blind": self._blind(to),
            "tries": _table.c.tries + 1,
        }
        statement = update(_table).where(is_free).values(taken).returning(*_table.c)
        row = self._connection.execute(statement).mappings().first()
        return None if row is None else _attempt(row)

    def keep(self, attempt_id: AttemptId, upkeep: Upkeep) -> None:
        """Write what the dispatcher keeps of an attempt."""
        kept = {"look_up_at_ms": upkeep.look_up_at_ms, "tried": msgspec.json.encode(upkeep.tried).decode()}
        self._connection.execute(update(_table).where(_table.c.id == attempt_id).values(kept))

    def earlier(self, to: str, since_ms: int) -> tuple[Earlier, ...]:
        """Return what went to a number since a time, whoever's contact it is, oldest first."""
        blind = self._blind(to)
        if blind is None:
            return ()
        was_sent = (_table.c.to_blind == blind) & (_table.c.claimed_at_ms >= since_ms)
        # an attempt that was surely not sent has gone back to NEW, and is no ring
        was_sent &= _table.c.state != AttemptState.NEW.value
        rows = self._connection.execute(select(_table).where(was_sent).order_by(_table.c.claimed_at_ms))
        return tuple(
            Earlier(
                attempt_id=row["id"],
                alert_id=row["alert_id"],
                channel=row["channel"],
                state=AttemptState(row["state"]),
                claimed_at_ms=row["claimed_at_ms"],
                created_at_ms=row["created_at_ms"],
                is_call=isinstance(_EFFECT.decode(row["effect"]), PlaceCall),
                provider_id=row["provider_id"],
            )
            for row in rows.mappings()
        )

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

    def _blind(self, to: str) -> bytes | None:
        return self._cipher.blind_phone(to, table="attempt")

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
        "tried": msgspec.json.encode(attempt.tried).decode(),
    }


def _attempt(row: RowMapping) -> Attempt:
    fields: dict[str, Any] = {**row, "effect": _EFFECT.decode(row["effect"]), "state": AttemptState(row["state"])}
    fields["tried"] = tuple(msgspec.json.decode(row["tried"], type=list[str]))
    del fields["priority"], fields["to_blind"]  # a copy of the effect's, for the order; an index
    return Attempt(**fields)
