"""Rows of alerts, their timers, trace and findings; writes what the desk decided, decides nothing."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    Connection,
    Row,
    RowMapping,
    Select,
    bindparam,
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
from store.cipher import FieldCipher
from store.truth import tables
from store.truth.areas import EVERYWHERE, home_in
from store.truth.incidents import IS_LISTED, IS_WAITING
from store.truth.outbox import OutboxRows

_FINDING = msgspec.json.Decoder(Finding)
_TEXT = msgspec.json.Decoder(Bilingual)
_KINDS = msgspec.json.Decoder(tuple[FindingKind, ...])
_LADDER = msgspec.json.Decoder(Ladder)
_HOLDS = msgspec.json.Decoder(tuple[Hold, ...])
_SUPPRESSION = msgspec.json.Decoder(Suppression)
_IDS = msgspec.json.Decoder(tuple[FindingId, ...])

# What each decision asks is put together once: building a statement takes longer than the database needs for it.
_alert, _timer_table, _trace, _finding = tables.alert, tables.timer, tables.trace, tables.finding
_GET = select(_alert).where(_alert.c.id == bindparam("wanted"))
_OPEN_OF_HOME = select(_alert).where(
    _alert.c.home_id == bindparam("home"), _alert.c.is_ticket == bindparam("ticket"), text(tables.IS_OPEN_ALERT)
)
_NEXT_VERSION = update(_alert).where(_alert.c.id == bindparam("same"), _alert.c.version == bindparam("before"))
_TIMERS = (
    select(_timer_table)
    .where(_timer_table.c.alert_id == bindparam("wanted"))
    .order_by(_timer_table.c.due_at_ms, _timer_table.c.key)
)
_DROP_TIMERS = delete(_timer_table).where(_timer_table.c.alert_id == bindparam("wanted"))
_LAST_LINE = select(func.max(_trace.c.position)).where(_trace.c.alert_id == bindparam("wanted"))
_FINDINGS = (
    select(_finding.c.data)
    .where(_finding.c.alert_id == bindparam("wanted"))
    .order_by(_finding.c.at_ms, _finding.c.id, _finding.c.is_cleared)
)
_KNOWN = select(_finding.c.id).where(
    _finding.c.id == bindparam("wanted"), _finding.c.is_cleared == bindparam("cleared")
)


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
        return self._one(_GET, {"wanted": alert_id})

    def open_of_home(self, home_id: HomeId, *, is_ticket: bool) -> Alert | None:
        """Return the home's alert, or its technical ticket, that has not ended; there is one of each at most."""
        return self._one(_OPEN_OF_HOME, {"home": home_id, "ticket": is_ticket})

    def list(
        self,
        states: Collection[AlertState] | None = None,
        limit: int = 100,
        before_ms: int | None = None,
        *,
        home_id: HomeId | None = None,
        areas: Sequence[str] = EVERYWHERE,
    ) -> list[Alert]:
        """Return alerts newest first, of the given states, home (None: all) and areas, opened before an instant."""
        table = tables.alert
        order = (table.c.opened_at_ms.desc(), table.c.id.desc())
        query = select(table).where(home_in(table.c.home_id, areas)).order_by(*order).limit(limit)
        if states is not None:
            query = query.where(table.c.state.in_(sorted(state.value for state in states)))
        if before_ms is not None:
            query = query.where(table.c.opened_at_ms < before_ms)
        if home_id is not None:
            query = query.where(table.c.home_id == home_id)
        return [self._alert(row) for row in self._connection.execute(query).mappings()]

    def gravest(self, limit: int, areas: Sequence[str] = EVERYWHERE) -> "list[Alert]":
        """Return the open alerts but those in the list of an incident, the gravest first, then the newest."""
        order = (_alert.c.priority, _alert.c.opened_at_ms.desc(), _alert.c.id.desc())
        where = (text(tables.IS_OPEN_ALERT), ~IS_LISTED, home_in(_alert.c.home_id, areas))
        query = select(_alert).where(*where).order_by(*order).limit(limit)
        return [self._alert(row) for row in self._connection.execute(query).mappings()]

    def waiting_for_no_step(self) -> Sequence[AlertId]:
        """Return the open alerts without a next step and without an owner's deadline, the gravest first.

        One of which all is held waits for the end of its hold.
        """
        table, timer = tables.alert, tables.timer
        of_alert = timer.c.alert_id == table.c.id
        waits = exists().where(of_alert, (timer.c.kind != TimerKind.HOLD_END.value) | IS_WAITING)
        query = select(table.c.id).where(text(tables.IS_OPEN_ALERT), ~waits)
        return list(self._connection.scalars(query.order_by(table.c.priority, table.c.opened_at_ms, table.c.id)))

    def opened_between(self, from_ms: int, until_ms: int) -> "list[Alert]":
        """Return the alerts opened from an instant to just before another, oldest first."""
        table = tables.alert
        is_within = (table.c.opened_at_ms >= from_ms) & (table.c.opened_at_ms < until_ms)
        query = select(table).where(is_within).order_by(table.c.opened_at_ms, table.c.id)
        return [self._alert(row) for row in self._connection.execute(query).mappings()]

    def count_by_state(self) -> dict[AlertState, int]:
        """Return how many alerts stand in each state; a state without one is 0."""
        table = tables.alert
        rows = self._connection.execute(select(table.c.state, func.count()).group_by(table.c.state))
        return dict.fromkeys(AlertState, 0) | {AlertState(state): int(count) for state, count in rows}

    def timers(self, alert_id: AlertId) -> Sequence[Timer]:
        """Return the alert's timers, the next one first."""
        return [_timer(row) for row in self._connection.execute(_TIMERS, {"wanted": alert_id})]

    def timers_due(self, now_ms: int, limit: int) -> Sequence[Timer]:
        """Return timers due at or before an instant, of the gravest alert first, then the oldest."""
        table, alert = tables.timer, tables.alert
        of_alert = select(table).join(alert, alert.c.id == table.c.alert_id).where(table.c.due_at_ms <= now_ms)
        query = of_alert.order_by(alert.c.priority, table.c.due_at_ms, table.c.key).limit(limit)
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
        return [_FINDING.decode(data) for data in self._connection.scalars(_FINDINGS, {"wanted": alert_id})]

    def findings_of_kind(self, kind: FindingKind, until_ms: int) -> Sequence[Finding]:
        """Return every finding of a kind, and every end of one, from before an instant; oldest first."""
        table = tables.finding
        is_of_kind = func.json_extract(table.c.data, "$.kind") == kind.value
        query = select(table.c.data).where(is_of_kind, table.c.at_ms < until_ms).order_by(table.c.at_ms, table.c.id)
        return [_FINDING.decode(data) for data in self._connection.scalars(query)]

    def is_finding_known(self, finding_id: FindingId, is_cleared: bool) -> bool:  # noqa: FBT001 - half of the key
        """Return whether the finding, or its clearing, has been remembered."""
        wanted = {"wanted": finding_id, "cleared": is_cleared}
        return self._connection.execute(_KNOWN, wanted).first() is not None

    def remember_finding(self, finding: Finding, alert_id: AlertId | None) -> None:
        """Keep a finding with the alert it joined (None: it raised none); the first time stands."""
        if self.is_finding_known(finding.id, finding.is_cleared):
            return
        row = {"id": finding.id, "is_cleared": finding.is_cleared, "alert_id": alert_id, "at_ms": finding.at_ms}
        data = msgspec.json.encode(finding).decode()
        self._connection.execute(insert(_finding), {**row, "data": data, "held_by": finding.held_by})

    def _put(self, alert: Alert) -> None:
        row = self._row(alert)
        if alert.version > 1:
            same = {"same": alert.id, "before": alert.version - 1}
            if self._connection.execute(_NEXT_VERSION, {**row, **same}).rowcount == 1:
                return
        elif self.get(alert.id) is None:
            is_ticket = alert.priority is Priority.P3
            other = None if alert.state in _ENDED else self.open_of_home(alert.home_id, is_ticket=is_ticket)
            if other is not None:
                raise ConflictError(f"home {alert.home_id} already has the open alert {other.id}")
            self._connection.execute(insert(_alert), row)
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

    def _one(self, query: Select[Any], wanted: dict[str, Any]) -> Alert | None:
        row = self._connection.execute(query, wanted).mappings().first()
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
        self._connection.execute(_DROP_TIMERS, {"wanted": alert_id})
        for timer in timers:
            row = {"key": timer.key, "alert_id": timer.alert_id, "kind": timer.kind.value}
            self._connection.execute(insert(_timer_table), {**row, "due_at_ms": timer.due_at_ms})

    def _append_trace(self, lines: Sequence[TraceLine]) -> None:
        position = 0
        for number, line in enumerate(lines):
            if number == 0 or line.alert_id != lines[number - 1].alert_id:
                position = self._connection.scalar(_LAST_LINE, {"wanted": line.alert_id}) or 0
            position += 1
            place = f"{line.alert_id}/{position}"
            row = {**msgspec.structs.asdict(line), "position": position}
            for column, said in (("text", line.text), ("suppression", line.suppression)):
                if said is not None:
                    plain = msgspec.json.encode(said).decode()
                    row[column] = self._cipher.seal(plain, table="trace", column=column, row_id=place)
            self._connection.execute(insert(_trace), row)

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
