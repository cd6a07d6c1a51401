"""The plain data of the ledger: what happened (a contact), what it counts for (a visit), what is owed."""

from datetime import date
from enum import StrEnum

import msgspec

from core.ids import AlertId, PersonId, VisitId
from core.text import Bilingual
from visits.annex2 import Annex2


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


class Met(StrEnum):
    """Whom a contact reached."""

    PERSON = "person"
    OTHER = "other"  # a child or neighbour answered for them (case 16)
    NOBODY = "nobody"  # no answer, voicemail (case 17), nobody at home


class Obligation(StrEnum):
    """What contacts may count for: the two legal minimums, and what the plan wants beside them."""

    KEY_HALFMONTH = "KEY-HALFMONTH"
    GEN_MONTH = "GEN-MONTH"
    SPECIAL = "SPECIAL"  # extreme weather and festivals: recommended, never part of the minimum
    LEDGER_6M = "LEDGER-6M"  # annex 1 confirmed at a home visit each half year
    FOLLOW_UP = "FOLLOW-UP"
    MONTHLY_RATE = "MONTHLY-RATE"  # 月探访率, a figure


LEGAL_MINIMUMS = (Obligation.KEY_HALFMONTH, Obligation.GEN_MONTH)
"""What every visit says of itself; the rest depends on periods, forms and tasks outside of it."""


class Credit(msgspec.Struct, frozen=True, gc=False):
    """Whether a contact counts for an obligation, and the clause that says so."""

    obligation: Obligation
    counts: bool
    clause: str  # e.g. "四(二)"
    why: Bilingual


class EvidenceLine(msgspec.Struct, frozen=True):
    """One fact attached to a record: when, and what (last proof of life, who was rung, the key pressed)."""

    at_ms: int
    text: Bilingual


class Visit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One record of the ledger. Local dates are derived once and frozen (policy B3, case 24).

    A signed record never changes: a correction is the next version and says who corrected it and why.
    """

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
    number: int = 0  # 第_次, of one person, never used again; 0: not signed yet, or of a class that never counts
    area: str = ""  # where the person lived at the time, town/village/grid
    is_draft: bool = False  # written down, not signed: counts for nothing yet
    entered_at_ms: int | None = None  # None: written down as it happened
    entered_on: date | None = None  # its local date, frozen: more than 7 days after the visit is late (case 3)
    entered_by: str = ""
    signed_by: str = ""
    signed_at_ms: int | None = None
    approved_by: str = ""  # supervisor who let a late entry count (补录)
    approved_at_ms: int | None = None
    merged_into: VisitId | None = None  # the same visit entered twice: the other row stands for both (case 13)
    trip_id: str = ""  # one trip to a couple: two records (case 12)
    met: Met = Met.PERSON
    form: Annex2 | None = None
    evidence: tuple[EvidenceLine, ...] = ()
    proof: str = ""  # GPS or QR reference; without it the evidence is weaker, the visit stands (case 14)
    changed_by: str = ""  # who made this version
    changed_at_ms: int | None = None
    change_reason: str = ""
