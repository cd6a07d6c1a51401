"""The plain data of the ledger: what happened (a contact), what it counts for (a visit), what is owed."""

from datetime import date
from enum import StrEnum

import msgspec

from core.ids import AlertId, PersonId, VisitId
from core.text import Bilingual


class ContactClass(StrEnum):
    """What happened, as policy B3 classes it; a smaller number in the name does not mean more."""

    C1_HOME = "C1"
    C2_PHONE = "C2"
    C3_VIDEO = "C3"
    C4A_REMOTE_CONFIRMED_CALL = "C4a"
    C4B_REMOTE_CONFIRMED_MONTH = "C4b"
    C5_REMOTE_RAW = "C5"
    C6_ATTEMPT = "C6"
    C7_COLLATERAL = "C7"


class Obligation(StrEnum):
    """What the plan demands: the two legal minimums."""

    KEY_HALFMONTH = "KEY-HALFMONTH"
    GEN_MONTH = "GEN-MONTH"


class Credit(msgspec.Struct, frozen=True):
    """Whether a contact counts for an obligation, and the clause that says so."""

    obligation: Obligation
    counts: bool
    clause: str  # e.g. "四(二)"
    why: Bilingual


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the ledger. The local date is derived once and frozen (policy B3, case 24)."""

    id: VisitId
    person_id: PersonId
    contact_class: ContactClass
    started_at_ms: int
    local_date: date
    visitor: str = ""  # account or contact id, never a name
    is_registered_visitor: bool = False
    is_form_complete: bool = False
    is_drill: bool = False
    alert_id: AlertId | None = None  # one incident gives at most one counted contact
    reviewed_by: str = ""  # duty staff who signed (C4a within 72 h)
    reviewed_at_ms: int | None = None
    credits: tuple[Credit, ...] = ()
    policy_version: str = ""
    note: str = ""
    version: int = 1
