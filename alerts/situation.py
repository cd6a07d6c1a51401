"""All that one decision about one alert may know; plain data, gathered by the caller in its own transaction."""

from collections.abc import Mapping

import msgspec

from alerts.answered import Answered
from alerts.model import TERMINAL_ATTEMPT_STATES, Alert, Attempt, Timer
from alerts.silences import Silence
from core.ids import ContactId, FindingId
from core.localtime import DEFAULT_ZONE_NAME
from core.text import Bilingual
from registry.duty_contacts import is_staff
from registry.homes import Contact, ContactRole
from rules.findings import FindingKind

ROLE_WORDS = {
    ContactRole.FAMILY: Bilingual("家属", "family"),
    ContactRole.NEIGHBOUR: Bilingual("邻居", "neighbour"),
    ContactRole.GRID_WORKER: Bilingual("网格员", "grid worker"),
    ContactRole.DUTY: Bilingual("值班人员", "duty staff"),
    ContactRole.SUPERVISOR: Bilingual("值班主管", "supervisor"),
}
BUNDLE_PREFIX = "bundle:"
"""How the key of a message begins that speaks of many alerts: whoever has one of them does not cancel it."""

RESIDENT = Bilingual("老人本人", "the resident")


class Bundle(msgspec.Struct, frozen=True):
    """The one message to one number at one time of a day: whose and when, which make it one, and how many tickets."""

    of: str  # BUNDLE_PREFIX, the local day, a code of the number
    count: int


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """One alert (or none yet) of one home, with the people who may be rung and what is under way."""

    alert: Alert | None
    contacts: tuple[Contact, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    timers: tuple[Timer, ...] = ()
    active_kinds: frozenset[FindingKind] = frozenset()  # findings of this alert that have not cleared
    sentences: Mapping[FindingKind, Bilingual] = {}  # of these, the latest of each kind
    has_resident: bool = True  # somebody lives there who can be rung
    zone_name: str = DEFAULT_ZONE_NAME
    person_id: str = ""
    area: str = ""
    is_key_person: bool = False
    silences: tuple[Silence, ...] = ()  # that hold now and are about this home
    answered: Answered | None = None  # of a silence that an alert before this told of
    standing_incidents: frozenset[FindingId] = frozenset()  # of those that may hold findings of this home
    calls_ms: Mapping[str, tuple[int, ...]] = {}  # by who_of: when that number was rung in the last hours, by anybody
    messages_ms: Mapping[str, tuple[int, ...]] = {}
    dead_for_calls: frozenset[ContactId] = frozenset()  # whose number a provider has refused for good
    dead_for_messages: frozenset[ContactId] = frozenset()
    bundles: Mapping[str, Bundle] = {}  # by contact id, for technical tickets

    def live_attempts(self) -> tuple[Attempt, ...]:
        """Return the attempts that may still reach somebody."""
        return tuple(attempt for attempt in self.attempts if attempt.state not in TERMINAL_ATTEMPT_STATES)

    def words_for(self, contact_id: ContactId | None) -> Bilingual:
        """Return who that is, without a name: relation and role."""
        if contact_id is None:
            return RESIDENT
        for contact in self.contacts:
            if contact.id == contact_id:
                role = ROLE_WORDS[contact.role]
                return Bilingual(f"{role.zh}（{contact.relation}）", role.en) if contact.relation else role
        if is_staff(contact_id):
            return ROLE_WORDS[ContactRole.DUTY]  # their spell has ended since the call was placed
        return Bilingual("已删除的联系人", "a contact since removed")


def who_of(contact_id: ContactId | None) -> str:
    """Return the code under which traces and owners name somebody."""
    return "resident" if contact_id is None else f"contact:{contact_id}"
