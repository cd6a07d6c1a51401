"""One alert's world in memory: commits the desk's changes as the store does, and fast-forwards its timers."""

import msgspec

from alerts.attempts import CallNews, with_news
from alerts.desk import Desk
from alerts.keys import MoreFoundError
from alerts.ladder_file import built_in_ladders
from alerts.model import (
    TERMINAL_ATTEMPT_STATES,
    Alert,
    AlertState,
    Attempt,
    AttemptState,
    CancelPending,
    Change,
    PlaceCall,
    SendSms,
    Timer,
    TimerKind,
    TraceLine,
)
from alerts.silences import Silence
from alerts.situation import Bundle, Situation, who_of
from alerts.suppression import Suppression
from alerts.throttle import LONGEST_WINDOW_MS
from core.ids import AttemptId, ContactId, FindingId, HomeId, PersonId, derived_id
from core.localtime import DEFAULT_ZONE_NAME
from core.text import Bilingual
from registry.homes import Contact, ContactRole
from rules.findings import Finding, FindingKind, Priority, finding_id

PERSON = PersonId("p1")
HOME = HomeId("h1")
QUARTER_MS = 900_000


def contact(name: str, role: ContactRole, order: int) -> Contact:
    return Contact(id=ContactId(name), person_id=PERSON, role=role, order=order, phone=f"+8613800000{order:03d}")


CONTACTS = (
    contact("daughter", ContactRole.FAMILY, 1),
    contact("son", ContactRole.FAMILY, 2),
    contact("neighbour", ContactRole.NEIGHBOUR, 3),
    contact("grid", ContactRole.GRID_WORKER, 4),
    contact("duty", ContactRole.DUTY, 5),
    contact("boss", ContactRole.SUPERVISOR, 6),
)


def finding(kind=FindingKind.INACTIVITY, priority=Priority.P1, at_ms=0, **more) -> Finding:
    return Finding(
        id=finding_id(HOME, kind, at_ms, str(more)),
        home_id=HOME,
        kind=kind,
        priority=priority,
        at_ms=at_ms,
        since_ms=at_ms,
        evidence=(),
        sentence=Bilingual(f"{kind}", f"{kind}"),
        **more,
    )


class Room:
    """Holds what a database would hold, and checks that no alert is ever left without a next step."""

    def __init__(self, contacts=CONTACTS, *, has_resident=True, now_ms=0, person_id="") -> None:
        self.desk = Desk(built_in_ladders())
        self.contacts = contacts
        self.has_resident = has_resident
        self.person_id = person_id
        self.now_ms = now_ms
        self.alert: Alert | None = None
        self.timers: tuple[Timer, ...] = ()
        self.attempts: dict[str, Attempt] = {}
        self.trace: list[TraceLine] = []
        self.active: set[FindingKind] = set()
        self.sentences: dict[FindingKind, Bilingual] = {}
        self.rang: list[tuple[int, str]] = []
        self.silences: list[Silence] = []
        self.incidents: set[str] = set()
        self.other_calls: dict[str, list[int]] = {}  # for other people's alerts, by who
        self.bundles: dict[str, Bundle] = {}
        self.dead_for_calls: set[ContactId] = set()
        self.dead_for_messages: set[ContactId] = set()
        self.zone_name = DEFAULT_ZONE_NAME
        self.rung_before: list[int] = []  # of each call that is no life hazard's: how often in the quarter before
        self.repeated: list[str] = []  # keys of effects that came twice

    def situation(self) -> Situation:
        return Situation(
            alert=self.alert,
            contacts=self.contacts,
            attempts=tuple(self.attempts.values()),
            timers=self.timers,
            active_kinds=frozenset(self.active),
            sentences={kind: self.sentences[kind] for kind in self.active},
            has_resident=self.has_resident,
            zone_name=self.zone_name,
            person_id=self.person_id,
            silences=tuple(one for one in self.silences if one.is_active_at(self.now_ms)),
            standing_incidents=frozenset(FindingId(one) for one in self.incidents),
            calls_ms=self._tried(PlaceCall),
            messages_ms=self._tried(SendSms),
            dead_for_calls=frozenset(self.dead_for_calls),
            dead_for_messages=frozenset(self.dead_for_messages),
            bundles=self.bundles,
        )

    def silence(self, seconds: float, *kinds: FindingKind) -> Silence:
        made = Silence(
            id=f"s{len(self.silences)}",
            home_id=HOME,
            kinds=kinds,
            from_ms=self.now_ms,
            until_ms=self.now_ms + int(seconds * 1000),
            author="li",
            reason="检修",
        )
        self.silences.append(made)
        return made

    def judge_holds(self) -> None:
        """What the service does when a silence or an incident has ended: the hold's timer is due now."""
        is_hold = [timer.kind is TimerKind.HOLD_END for timer in self.timers]
        self.timers = tuple(
            msgspec.structs.replace(timer, due_at_ms=self.now_ms) if held else timer
            for timer, held in zip(self.timers, is_hold, strict=True)
        )
        self.forward(0)

    def last_call(self, who: str) -> Attempt:
        return [a for a in self.attempts.values() if (a.contact_id or "resident") == who and _is_call(a)][-1]

    def forget_alert(self) -> None:
        """Let the next finding open an alert of its own, beside calls that still count for the throttle."""
        for attempt in self.attempts.values():
            if _is_call(attempt):
                self.other_calls.setdefault(who_of(attempt.contact_id), []).append(attempt.created_at_ms)
        self.alert, self.timers, self.attempts, self.active = None, (), {}, set()

    def suppressed(self) -> list[Suppression]:
        return [line.suppression for line in self.trace if line.suppression is not None]

    def find(self, one: Finding) -> None:
        before = self.situation()
        self.sentences[one.kind] = one.sentence
        (self.active.discard if one.is_cleared else self.active.add)(one.kind)
        self.commit(self.desk.on_finding(one, before, person_id=PERSON, now_ms=self.now_ms))

    def forward(self, seconds: float) -> None:
        until_ms = self.now_ms + int(seconds * 1000)
        while due := sorted((t for t in self.timers if t.due_at_ms <= until_ms), key=lambda t: t.due_at_ms):
            self.now_ms = max(self.now_ms, due[0].due_at_ms)
            change = self.desk.on_timer(due[0], self.situation(), now_ms=self.now_ms)
            assert change is not None, f"a timer that nobody answers: {due[0]}"
            self.commit(change)
        self.now_ms = until_ms

    def press(self, who: str, digits: str, *, call: Attempt | None = None, told_version: int | None = None) -> None:
        """In the last call to them, or in an earlier one, whose script told what the alert knew at a version."""
        state = AttemptState.DECLINED if digits == "2" else AttemptState.ACKED
        self.news(who, state, digits, call=call, told_version=told_version)

    def news(
        self,
        who: str,
        state: AttemptState,
        digits: str = "",
        *,
        call: Attempt | None = None,
        told_version: int | None = None,
    ) -> None:
        last = self.attempts[(call or self.last_call(who)).key]
        news = CallNews(state=state, at_ms=self.now_ms, digits=digits, told_version=told_version)
        changed = with_news(last, news)
        assert changed is not last
        self.attempts[changed.key] = changed
        situation = self.situation()
        try:
            change = self.desk.on_attempt(changed, situation, news, now_ms=self.now_ms)
        except MoreFoundError:
            self.attempts[last.key] = last  # the transaction is rolled back
            raise
        self.commit(change)

    def commit(self, change: Change | None) -> None:
        if change is None:
            return
        assert change.alert.version == (self.alert.version + 1 if self.alert else 1)
        self.alert, self.timers = change.alert, change.timers
        self.trace += change.trace
        for effect in change.effects:
            if isinstance(effect, CancelPending):
                self.cancel_pending()
            elif effect.key not in self.attempts:
                self._queue(effect)
            else:
                self.repeated.append(effect.key)
        if self.alert.state not in {AlertState.CLOSED, AlertState.WITHDRAWN}:
            assert self.timers, f"{self.alert.state} waits for nothing"

    def _tried(self, kind) -> dict[str, tuple[int, ...]]:
        found: dict[str, list[int]] = {}
        if kind is PlaceCall:
            since_ms = self.now_ms - LONGEST_WINDOW_MS
            found = {who: [at for at in times if at > since_ms] for who, times in self.other_calls.items()}
        for attempt in self.attempts.values():
            if isinstance(attempt.effect, kind) and attempt.created_at_ms > self.now_ms - LONGEST_WINDOW_MS:
                found.setdefault(who_of(attempt.contact_id), []).append(attempt.created_at_ms)
        return {who: tuple(times) for who, times in found.items()}

    def called(self) -> list[str]:
        return [who for _, who in self.rang]

    def _queue(self, effect) -> None:
        if isinstance(effect, PlaceCall) and effect.priority is not Priority.P0:
            before = self._tried(PlaceCall).get(who_of(effect.contact_id), ())
            self.rung_before.append(sum(at_ms > self.now_ms - QUARTER_MS for at_ms in before))
        self.attempts[effect.key] = Attempt(
            id=AttemptId(derived_id("attempt", effect.key)),
            key=effect.key,
            alert_id=effect.alert_id,
            contact_id=effect.contact_id,
            effect=effect,
            created_at_ms=self.now_ms,
            not_before_ms=effect.not_before_ms,
        )
        if isinstance(effect, PlaceCall):
            self.rang.append((self.now_ms // 1000, effect.contact_id or "resident"))

    def cancel_pending(self) -> None:
        for key, attempt in self.attempts.items():
            if attempt.state not in TERMINAL_ATTEMPT_STATES:
                self.attempts[key] = msgspec.structs.replace(attempt, state=AttemptState.CANCELED)


def _is_call(attempt: Attempt) -> bool:
    return isinstance(attempt.effect, PlaceCall)
