"""The plain data of alerting: alerts, timers, effects, attempts and their trace; no behaviour."""

from enum import StrEnum

import msgspec

from alerts.ladder import Ladder
from alerts.suppression import Hold, Suppression
from core.ids import AlertId, AttemptId, ContactId, EffectKey, FindingId, HomeId, PersonId
from core.text import Bilingual
from rules.findings import FindingKind, Priority


class AlertState(StrEnum):
    """Where an alert stands; alerts/lifecycle.py holds every move between them."""

    OPEN = "open"
    ASKING_RESIDENT = "asking_resident"
    CALLING_CONTACTS = "calling_contacts"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class AlertEvent(StrEnum):
    """What can happen to an alert."""

    ASK_RESIDENT = "ask_resident"
    CALL_CONTACTS = "call_contacts"
    ACKNOWLEDGE = "acknowledge"
    EXPIRE_ACKNOWLEDGEMENT = "expire_acknowledgement"
    PAGE_AGAIN = "page_again"  # a new kind of finding in an acknowledged alert
    CLOSE = "close"
    WITHDRAW = "withdraw"


class Outcome(StrEnum):
    """The human fact that closes an alert; `false_*` names the cause of a false alarm."""

    WELL_CONFIRMED_BY_RESIDENT = "well_confirmed_by_resident"
    WELL_SPOKEN_TO = "well_spoken_to"
    SEEN_WELL = "seen_well"
    HELPED_AT_HOME = "helped_at_home"
    TAKEN_TO_HOSPITAL = "taken_to_hospital"
    FOUND_DEAD = "found_dead"
    AWAY_CONFIRMED = "away_confirmed"
    HAZARD_REMOVED = "hazard_removed"
    TECHNICAL_FIXED = "technical_fixed"
    FALSE_SENSOR_FAULT = "false_sensor_fault"
    FALSE_ROUTINE_CHANGED = "false_routine_changed"
    FALSE_VISITOR = "false_visitor"
    FALSE_OTHER = "false_other"


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of one home; every finding of that home joins it until a human closes it."""

    id: AlertId
    home_id: HomeId
    person_id: PersonId | None
    priority: Priority
    kinds: tuple[FindingKind, ...]
    finding_ids: tuple[FindingId, ...]
    state: AlertState
    opened_at_ms: int
    sentence: Bilingual  # of the gravest finding so far
    policy: str  # the tables and versions its ladder comes from, e.g. "p1@1 + tier.key.p1.night@3"
    ladder: Ladder | None = None  # of the round under way; None: opened before ladders were kept
    step: int = -1  # index of the last step begun; -1 before the first
    round: int = 0  # how often the ladder has started again
    told_version: int = 1  # at which the last new kind joined: whoever closes it must have seen that
    holds: tuple[Hold, ...] = ()  # findings nobody is told of for now
    owner: str = ""  # who pressed 1: "contact:<id>", "account:<name>"
    acknowledged_at_ms: int | None = None
    ack_deadline_ms: int | None = None
    outcome: Outcome | None = None
    outcome_note: str = ""
    closed_by: str = ""
    closed_at_ms: int | None = None
    version: int = 1

    @property
    def told_kinds(self) -> tuple[FindingKind, ...]:
        """Return what a call may tell of: all but what is held back; everything, when nothing else is left."""
        held = {hold.finding_kind for hold in self.holds}
        return tuple(kind for kind in self.kinds if kind not in held) or self.kinds


class TimerKind(StrEnum):
    """What an alert waits for."""

    NEXT_STEP = "next_step"
    ACK_DEADLINE = "ack_deadline"
    HOLD_END = "hold_end"  # a silence ends, or an incident is looked at again


class Timer(msgspec.Struct, frozen=True, kw_only=True):
    """A row with a due time; it survives a restart. `key` is unique: "<alert>/<kind>"."""

    key: str
    alert_id: AlertId
    kind: TimerKind
    due_at_ms: int


class CallPurpose(StrEnum):
    """Which script a call reads and what its digits mean; a digit means one thing in one script."""

    ASK_RESIDENT = "ask_resident"  # 1 I am well
    ASK_CONTACT = "ask_contact"  # 1 I am going, 2 I cannot, 3 I spoke to them and they are well, 0 repeat
    ASK_SERVICE = "ask_service"  # of the service itself, where nobody lives: 1 I see to it, 2 I cannot, 0 repeat


class PlaceCall(msgspec.Struct, frozen=True, kw_only=True, tag="place_call"):
    """Ring somebody. `contact_id` None means the resident."""

    key: EffectKey  # "<alert>:<round>/<step>/<who>/call"
    alert_id: AlertId
    contact_id: ContactId | None
    purpose: CallPurpose
    priority: Priority
    not_before_ms: int
    told_version: int | None = (
        None  # of the alert it was placed for: what joins later it may not tell of; None: unknown
    )


class SendSms(msgspec.Struct, frozen=True, kw_only=True, tag="send_sms"):
    """Send a template with variables; never a name, an address or a diagnosis."""

    key: EffectKey
    alert_id: AlertId
    contact_id: ContactId
    template: str
    variables: dict[str, str]
    priority: Priority
    not_before_ms: int


class CancelPending(msgspec.Struct, frozen=True, kw_only=True, tag="cancel_pending"):
    """Cancel what is queued or ringing for this alert: a human has it."""

    alert_id: AlertId


Effect = PlaceCall | SendSms | CancelPending


class AttemptState(StrEnum):
    """NEW -> CLAIMED -> SUBMITTED | UNKNOWN -> RINGING -> ANSWERED -> a terminal state."""

    NEW = "new"
    CLAIMED = "claimed"
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    RINGING = "ringing"
    ANSWERED = "answered"
    ACKED = "acked"  # a human pressed a key that takes it (1, or 3)
    DECLINED = "declined"  # a human pressed 2
    DELIVERED = "delivered"  # SMS receipt, or shown on the console: informs, acknowledges nothing
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    CANCELED = "canceled"


TERMINAL_ATTEMPT_STATES = frozenset(
    {
        AttemptState.ACKED,
        AttemptState.DECLINED,
        AttemptState.DELIVERED,
        AttemptState.NO_ANSWER,
        AttemptState.BUSY,
        AttemptState.FAILED,
        AttemptState.CANCELED,
    }
)


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try to reach one person, one row of the outbox; committed before the provider hears of it."""

    id: AttemptId  # derived from the effect key and the try
    key: EffectKey
    alert_id: AlertId
    contact_id: ContactId | None
    effect: PlaceCall | SendSms
    channel: str = ""  # chosen by the dispatcher
    state: AttemptState = AttemptState.NEW
    created_at_ms: int
    not_before_ms: int
    claimed_at_ms: int | None = None
    submitted_at_ms: int | None = None
    answered_at_ms: int | None = None
    ended_at_ms: int | None = None
    provider_id: str = ""  # the provider's own call or message id
    last_sequence: int = -1  # highest SequenceNumber seen from the provider
    digits: str = ""
    detail: str = ""  # the provider's error code and words, never a phone number
    tries: int = 0
    tried: tuple[str, ...] = ()  # channels that surely did not reach it and are not asked again
    first_claimed_at_ms: int | None = None  # when its present channel was first asked
    look_up_at_ms: int | None = None  # when the provider is asked what became of it


class TraceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an alert's story: what happened, who did it, in both languages."""

    alert_id: AlertId
    at_ms: int
    what: str  # a stable code, e.g. "opened", "call_placed", "key_pressed", "closed"
    who: str  # "system", "resident", "contact:<id>", "account:<name>"
    text: Bilingual
    attempt_id: AttemptId | None = None
    suppression: Suppression | None = None  # of a line that says why somebody was not told


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What one decision changes; committed in one transaction, with the cursor that caused it."""

    alert: Alert
    timers: tuple[Timer, ...]  # all timers this alert has from now on; it replaces what was there
    effects: tuple[Effect, ...] = ()
    trace: tuple[TraceLine, ...] = ()
