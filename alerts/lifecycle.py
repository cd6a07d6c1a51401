"""Every state of an alert and every exit, in one table; what is not listed is refused."""

from alerts.model import AlertEvent, AlertState
from core.errors import ShouwangError

UNANSWERED = frozenset({AlertState.OPEN, AlertState.ASKING_RESIDENT, AlertState.CALLING_CONTACTS})
"""Nobody owns it yet."""

ENDED = frozenset({AlertState.CLOSED, AlertState.WITHDRAWN})
"""Nothing more happens to it."""


class TransitionError(ShouwangError):
    """An event that this state has no exit for."""


TRANSITIONS: dict[tuple[AlertState, AlertEvent], AlertState] = {
    (AlertState.OPEN, AlertEvent.ASK_RESIDENT): AlertState.ASKING_RESIDENT,
    (AlertState.OPEN, AlertEvent.CALL_CONTACTS): AlertState.CALLING_CONTACTS,
    (AlertState.OPEN, AlertEvent.PAGE_AGAIN): AlertState.OPEN,
    (AlertState.OPEN, AlertEvent.ACKNOWLEDGE): AlertState.ACKNOWLEDGED,
    (AlertState.OPEN, AlertEvent.CLOSE): AlertState.CLOSED,
    (AlertState.OPEN, AlertEvent.WITHDRAW): AlertState.WITHDRAWN,
    (AlertState.ASKING_RESIDENT, AlertEvent.ASK_RESIDENT): AlertState.ASKING_RESIDENT,
    (AlertState.ASKING_RESIDENT, AlertEvent.CALL_CONTACTS): AlertState.CALLING_CONTACTS,
    (AlertState.ASKING_RESIDENT, AlertEvent.PAGE_AGAIN): AlertState.OPEN,
    (AlertState.ASKING_RESIDENT, AlertEvent.ACKNOWLEDGE): AlertState.ACKNOWLEDGED,
    (AlertState.ASKING_RESIDENT, AlertEvent.CLOSE): AlertState.CLOSED,
    (AlertState.ASKING_RESIDENT, AlertEvent.WITHDRAW): AlertState.WITHDRAWN,
    (AlertState.CALLING_CONTACTS, AlertEvent.CALL_CONTACTS): AlertState.CALLING_CONTACTS,
    (AlertState.CALLING_CONTACTS, AlertEvent.PAGE_AGAIN): AlertState.OPEN,
    (AlertState.CALLING_CONTACTS, AlertEvent.ACKNOWLEDGE): AlertState.ACKNOWLEDGED,
    (AlertState.CALLING_CONTACTS, AlertEvent.CLOSE): AlertState.CLOSED,
    (AlertState.ACKNOWLEDGED, AlertEvent.ACKNOWLEDGE): AlertState.ACKNOWLEDGED,
    (AlertState.ACKNOWLEDGED, AlertEvent.EXPIRE_ACKNOWLEDGEMENT): AlertState.CALLING_CONTACTS,
    (AlertState.ACKNOWLEDGED, AlertEvent.PAGE_AGAIN): AlertState.OPEN,
    (AlertState.ACKNOWLEDGED, AlertEvent.CLOSE): AlertState.CLOSED,
}


def moved(state: AlertState, event: AlertEvent) -> AlertState:
    """Return the state after the event; raises TransitionError for a pair that is not listed."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise TransitionError(f"an alert that is {state} cannot {event}") from None


def diagram() -> str:
    """Return the table as a Mermaid state diagram; docs/architecture.md carries it and a test compares."""
    lines = ["stateDiagram-v2", "    [*] --> open"]
    lines += [f"    {state} --> {to}: {event}" for (state, event), to in TRANSITIONS.items()]
    lines += [f"    {state} --> [*]" for state in sorted(ENDED)]
    return "\n".join(lines)
