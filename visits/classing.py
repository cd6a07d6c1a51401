"""The class of what somebody writes down (policy B3), and of a record that they fill or correct."""

from datetime import timedelta

import msgspec

from core.errors import ConflictError
from visits.annex2 import Annex2, VisitKind
from visits.model import ContactClass, Met, Visit
from visits.monitoring import is_monitored_month

_DAY = timedelta(days=1)

CLASS_BY_KIND = {
    VisitKind.HOME: ContactClass.C1_HOME,
    VisitKind.PHONE: ContactClass.C2_PHONE,
    VisitKind.VIDEO: ContactClass.C3_VIDEO,
    VisitKind.REMOTE_MONITORING: ContactClass.C4A_REMOTE_CONFIRMED_CALL,
    VisitKind.OTHER: ContactClass.C5_REMOTE_RAW,  # a way that the plan does not name: logged, never counted
}


def class_of_entry(kind: VisitKind, met: Met) -> ContactClass:
    """Return what happened as policy B3 classes it."""
    if met is Met.OTHER:
        return ContactClass.C7_COLLATERAL
    if met is Met.NOBODY:
        return ContactClass.C5_REMOTE_RAW if kind is VisitKind.REMOTE_MONITORING else ContactClass.C6_ATTEMPT
    return CLASS_BY_KIND[kind]


def class_filled(visit: Visit, form: Annex2) -> ContactClass:
    """Return the class of an unsigned record with another form."""
    return _class_of_month(visit, class_of_entry(form.kind, visit.met))


def as_month(visit: Visit, fresh: Visit) -> Visit:
    """Return a correction of a monitored month as one; it has no other day than the month's last: ConflictError."""
    if not is_monitored_month(visit):
        return fresh
    found = _class_of_month(visit, fresh.contact_class)
    is_same_month = visit.local_date.replace(day=1) == fresh.local_date.replace(day=1)
    is_last = found is not ContactClass.C4B_REMOTE_CONFIRMED_MONTH or (fresh.local_date + _DAY).day == 1
    if not (is_same_month and is_last):
        raise ConflictError("监测月记录的日期是该月最后一天 / the day of a monitored month is its last")
    return msgspec.structs.replace(fresh, contact_class=found)


def _class_of_month(visit: Visit, found: ContactClass) -> ContactClass:
    """Return C4b where a monitored month would pass for a call that was answered: nobody spoke to anybody."""
    is_call = found is ContactClass.C4A_REMOTE_CONFIRMED_CALL
    return ContactClass.C4B_REMOTE_CONFIRMED_MONTH if is_call and is_monitored_month(visit) else found
