"""Rows of alerts, their timers, trace and findings; writes what the desk decided, decides nothing."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    RowMapping,
    TextClause,
    delete,
    exists,
    func,
    insert,
    select,
    text,
    update,
)

from alerts.ladder import Ladder
from alerts.model import Alert, AlertState, Change, Outcome, Timer, TimerKind, TraceLine
from alerts.suppression import Hold, Suppression
from core.errors import ConflictError
from core.ids import AlertId, FindingId, HomeId
from core.text import Bilingual
from rules.findings import Finding, FindingKind, Priority
from rules.village import end_of
from store.cipher import FieldCipher
from store.truth import tables
from store.truth.outbox import OutboxRows

_FINDING = msgspec.json.Decoder(Finding)
_TEXT = msgspec.json.Decoder(Bilingual)
_KINDS = msgspec.json.Decoder(tuple[FindingKind, ...])
_LADDER = msgspec.json.Decoder(Ladder)
_HOLDS = msgspec.json.Decoder(tuple[Hold, ...])
_SUPPRESSION = msgspec.json.Decoder(Suppression)
_IDS = msgspec.json.Decoder(tuple[FindingId, ...])


class AlertRows:
    """Alerts, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher) -> None:
        self._connection = connection
        self._cipher = cipher

    def apply(self, change: Change) -> None:
        """Write the alert, exactly its timers, its new attempts and trace lines.

        Raises ConflictError when the stored version is not the one before the new one, or when the home already has
        another open alert. An effect whose key is already there is left as it stands: a replay changes nothing.
        """
        self._put(change.alert)
        self._replace_timers(change.alert.id, change.timers)
        self._append_trace(change.trace)
        at_ms = change.trace[-1].at_ms if change.trace else None
        outbox = OutboxRows(self._connection, self._cipher)
        for effect in change.effects:
            outbox.queue(effect, at_ms=at_ms)

    def get(self, alert_id: AlertId) -> Alert | None:
        """Return the alert, or None."""
        return self._one(tables.alert.c.id == alert_id)

    def open_of_home(self, home_id: HomeId, *, is_ticket: bool) -> Alert | None:
        """Return the home's alert, or its technical ticket, that has not ended; there is one of each at most."""
        table = tables.alert
        return self._one(table.c.home_id == home_id, table.c.is_ticket == is_ticket, text(tables.IS_OPEN_ALERT))

    def list(
        self,
        states: Collection[AlertState] | None = None,
        limit: int = 100,
        before_ms: int | None = None,
        *,
        home_id: HomeId | None = None,
    ) -> list[Alert]:
        """Return alerts newest first, of the given states and home (None: all), opened before an instant."""
        table = tables.alert
        query = select(table).order_by(table.c.opened_at_ms.desc(), table.c.id.desc()).limit(limit)
        if states is not None:
            query = query.where(table.c.state.in_(sorted(state.value for state in states)))
        if before_ms is not None:
            query = query.where(table.c.opened_at_ms < before_ms)
        if home_id is not None:
            query = query.where(table.c.home_id == home_id)
        return [self._alert(row) for row in self._connection.execute(query).mappings()]

    def waiting_for_no_step(self) -> Sequence[AlertId]:
        """Return the open alerts without a next step and without an owner's deadline, the gravest first."""
        table, timer = tables.alert, tables.timer
        waits = (timer.c.alert_id == table.c.id) & (timer.c.kind != TimerKind.HOLD_END.value)
        query = select(table.c.id).where(text(tables.IS_OPEN_ALERT), ~exists().where(waits))
        return list(self._connection.scalars(query.order_by(table.c.priority, table.c.opened_at_ms, table.c.id)))

    def count_by_state(self) -> dict[AlertState, int]:
        """Return how many alerts stand in each state; a state without one is 0."""
        table = tables.alert
        rows = self._connection.execute(select(table.c.state, func.count()).group_by(table.c.state))
        return dict.fromkeys(AlertState, 0) | {AlertState(state): int(count) for state, count in rows}

    def timers(self, alert_id: AlertId) -> Sequence[Timer]:
        """Return the alert's timers, the next one first."""
        table = tables.timer
        query = select(table).where(table.c.alert_id == alert_id).order_by(table.c.due_at_ms, table.c.key)
        return [_timer(row) for row in self._connection.execute(query)]

    def timers_due(self, now_ms: int, limit: int) -> Sequence[Timer]:
        """Return timers due at or before an instant, oldest first."""
        table = tables.timer
        query = select(table).where(table.c.due_at_ms <= now_ms).order_by(table.c.due_at_ms, table.c.key).limit(limit)
        return [_timer(row) for row in self._connection.execute(query)]

    def next_timer_ms(self) -> int | None:
        """Return when the next timer of any alert is due, or None."""
        return self._connection.scalar(select(func.min(tables.timer.c.due_at_ms)))

    def put_off(self, key: str, due_at_ms: int) -> None:
        """Let a timer be due later."""
        self._connection.execute(update(tables.timer).where(tables.timer.c.key == key).values(due_at_ms=due_at_ms))

    def drop_timer(self, key: str) -> None:
        """Remove a timer that nothing waits for."""
        self._connection.execute(delete(tables.timer).where(tables.timer.c.key == key))

    def trace(self, alert_id: AlertId) -> Sequence[TraceLine]:
        """Return the alert's story in the order it was written."""
        table = tables.trace
        query = select(table).where(table.c.alert_id == alert_id).order_by(table.c.position)
        return [self._trace_line(row) for row in self._connection.execute(query)]

    def add_trace(self, line: TraceLine) -> None:
        """Add one line to an alert's story that changes nothing else, e.g. who looked at a number."""
        self._append_trace((line,))

    def findings(self, alert_id: AlertId) -> Sequence[Finding]:
        """Return the findings that joined the alert, oldest first."""
        table = tables.finding
        order = (table.c.at_ms, table.c.id, table.c.is_cleared)
        query = select(table.c.data).where(table.c.alert_id == alert_id).order_by(*order)
        return [_FINDING.decode(data) for data in self._connection.scalars(query)]

    def is_standing(self, incident_id: FindingId) -> bool:
        """Return whether an incident of a village still holds: nobody took it back and no human closed its alert."""
        table = tables.finding
        query = select(table.c.data, table.c.alert_id).where(table.c.id == incident_id, ~table.c.is_cleared)
        row = self._connection.execute(query).first()
        if row is None or self.is_finding_known(end_of(_FINDING.decode(row.data)), True):
            return False
        alert = None if row.alert_id is None else self.get(row.alert_id)
        return alert is None or alert.state not in _ENDED

    def is_finding_known(self, finding_id: FindingId, is_cleared: bool) -> bool:  # noqa: FBT001 - half of the key
        """Return whether the finding, or its clearing, has been remembered."""
        table = tables.finding
        query = select(table.c.id).where(table.c.id == finding_id, table.c.is_cleared == is_cleared)
        return self._connection.execute(query).first() is not None

    def remember_finding(self, finding: Finding, alert_id: AlertId | None) -> None:
        """Keep a finding with the alert it joined (None: it raised none); the first time stands."""
        if self.is_finding_known(finding.id, finding.is_cleared):
            return
        self._connection.execute(
            insert(tables.finding).values(
                id=finding.id,
                is_cleared=finding.is_cleared,
                alert_id=alert_id,
                at_ms=finding.at_ms,
                data=msgspec.json.encode(finding).decode(),
            )
        )

    def _put(self, alert: Alert) -> None:
        table = tables.alert
        row = self._row(alert)
        if alert.version > 1:
            same = (table.c.id == alert.id, table.c.version == alert.version - 1)
            if self._connection.execute(update(table).where(*same).values(row)).rowcount == 1:
                return
        elif self.get(alert.id) is None:
            is_ticket = alert.priority is Priority.P3
            other = None if alert.state in _ENDED else self.open_of_home(alert.home_id, is_ticket=is_ticket)
            if other is not None:
                raise ConflictError(f"home {alert.home_id} already has the open alert {other.id}")
            self._connection.execute(insert(table).values(row))
            return
        stored = self.get(alert.id)
        found = "is not there" if stored is None else f"stands at version {stored.version}"
        raise ConflictError(f"alert {alert.id} {found}, so version {alert.version} cannot be written")

    def _row(self, alert: Alert) -> dict[str, Any]:
        note = self._cipher.seal(alert.outcome_note, table="alert", column="outcome_note", row_id=alert.id)
        return {
            **msgspec.structs.asdict(alert),
            "priority": int(alert.priority),
            "is_ticket": alert.priority is Priority.P3,
            "kinds": msgspec.json.encode(alert.kinds).decode(),
            "finding_ids": msgspec.json.encode(alert.finding_ids).decode(),
            "state": alert.state.value,
            "sentence": msgspec.json.encode(alert.sentence).decode(),
            "holds": msgspec.json.encode(alert.holds).decode() if alert.holds else None,
            "ladder": None if alert.ladder is None else msgspec.json.encode(alert.ladder).decode(),
            "outcome": None if alert.outcome is None else alert.outcome.value,
            "outcome_note": note,
        }

    def _one(self, *where: ColumnElement[bool] | TextClause) -> Alert | None:
        row = self._connection.execute(select(tables.alert).where(*where)).mappings().first()
        return None if row is None else self._alert(row)

    def _alert(self, row: RowMapping) -> Alert:
        note = self._cipher.open(row["outcome_note"], table="alert", column="outcome_note", row_id=row["id"])
        fields: dict[str, Any] = {
            **{name: value for name, value in row.items() if name != "is_ticket"},
            "priority": Priority(row["priority"]),
            "kinds": _KINDS.decode(row["kinds"]),
            "finding_ids": _IDS.decode(row["finding_ids"]),
            "state": AlertState(row["state"]),
            "sentence": _TEXT.decode(row["sentence"]),
            "holds": _HOLDS.decode(row["holds"] or "[]"),
            "ladder": None if row["ladder"] is None else _LADDER.decode(row["ladder"]),
            "outcome": None if row["outcome"] is None else Outcome(row["outcome"]),
            "outcome_note": note,
        }
        return Alert(**fields)

    def _replace_timers(self, alert_id: AlertId, timers: Sequence[Timer]) -> None:
        self._connection.execute(delete(tables.timer).where(tables.timer.c.alert_id == alert_id))
        for timer in timers:
            row = {"key": timer.key, "alert_id": timer.alert_id, "kind": timer.kind.value}
            self._connection.execute(insert(tables.timer).values({**row, "due_at_ms": timer.due_at_ms}))

    def _append_trace(self, lines: Sequence[TraceLine]) -> None:
        table = tables.trace
        for line in lines:
            of_alert = table.c.alert_id == line.alert_id
            last = self._connection.scalar(select(func.max(table.c.position)).where(of_alert))
            position = 1 if last is None else last + 1
            place = f"{line.alert_id}/{position}"
            row = {**msgspec.structs.asdict(line), "position": position}
            for column, said in (("text", line.text), ("suppression", line.suppression)):
                if said is not None:
                    plain = msgspec.json.encode(said).decode()
                    row[column] = self._cipher.seal(plain, table="trace", column=column, row_id=place)
            self._connection.execute(insert(table).values(row))

    def _trace_line(self, row: Row[Any]) -> TraceLine:
        place = f"{row.alert_id}/{row.position}"
        suppression = None
        if row.suppression is not None:
            opened = self._cipher.open(row.suppression, table="trace", column="suppression", row_id=place)
            suppression = _SUPPRESSION.decode(opened)
        return TraceLine(
            alert_id=row.alert_id,
            at_ms=row.at_ms,
            what=row.what,
            who=row.who,
            text=_TEXT.decode(self._cipher.open(row.text, table="trace", column="text", row_id=place)),
            attempt_id=row.attempt_id,
            suppression=suppression,
        )


_ENDED = frozenset({AlertState.CLOSED, AlertState.WITHDRAWN})


def _timer(row: Row[Any]) -> Timer:
    return Timer(key=row.key, alert_id=row.alert_id, kind=TimerKind(row.kind), due_at_ms=row.due_at_ms)
