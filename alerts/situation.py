"""All that one decision about one alert may know; plain data, gathered by the caller in its own transaction."""

import msgspec

from alerts.model import TERMINAL_ATTEMPT_STATES, Alert, Attempt, Timer
from core.ids import ContactId
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
RESIDENT = Bilingual("老人本人", "the resident")


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """One alert (or none yet) of one home, with the people who may be rung and what is under way."""

    alert: Alert | None
    contacts: tuple[Contact, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    timers: tuple[Timer, ...] = ()
    active_kinds: frozenset[FindingKind] = frozenset()  # findings of this alert that have not cleared
    has_resident: bool = True  # somebody lives there who can be rung
    zone_name: str = DEFAULT_ZONE_NAME

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
