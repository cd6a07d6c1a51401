"""Looks up what an account may do and says no; what it may do is decided in registry/access.py."""

from collections.abc import Sequence

import msgspec

from core.errors import ForbiddenError, NotFoundError
from core.ids import AlertId, AttemptId, HomeId, PersonId, VisitId
from registry.access import DEED_WORDS, Deed, Grant, may, reach
from rules.village import AREA_PREFIX
from store.truth.database import Truth, Unit
from visits.returns import ReturnStep


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked about: a home, an alert, a call of one, or a person; empty: everywhere."""

    home_id: str = ""
    alert_id: str = ""
    attempt_id: str = ""
    person_id: str = ""


class Door:
    """Asked before each deed; a role that was taken away is gone at the next question."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth

    def grants(self, account: str) -> Sequence[Grant]:
        """Return an account's roles in areas."""
        with self._truth.view() as unit:
            return unit.accounts.grants(account)

    def check(self, account: str, deed: Deed, area: str | None = None) -> None:
        """Raise ForbiddenError unless the account may do the deed in the area (None: bound to none)."""
        if not may(self.grants(account), deed, area):
            raise _forbidden(deed)

    def check_person(self, account: str, deed: Deed, person_id: str) -> None:
        """Raise ForbiddenError unless the account may do the deed to a person; NotFoundError for nobody."""
        with self._truth.view() as unit:
            person = unit.people.person(PersonId(person_id))
        if person is None:
            raise NotFoundError(f"没有此人 {person_id} / no person {person_id}")
        self.check(account, deed, person.area)

    def check_home(self, account: str, deed: Deed, home_id: str) -> None:
        """Raise ForbiddenError unless the account may do the deed to a home; to one nobody knows: everywhere."""
        with self._truth.view() as unit:
            home = unit.people.home(HomeId(home_id))
        self.check(account, deed, "" if home is None else home.area)

    def check_visit(self, account: str, deed: Deed, visit_id: str) -> None:
        """Raise ForbiddenError unless the account may do the deed where a visit was made or where the person lives.

        Raises NotFoundError for no visit.
        """
        with self._truth.view() as unit:
            visit = unit.visits.get(VisitId(visit_id))
            person = None if visit is None else unit.people.person(visit.person_id)
        if visit is None:
            raise NotFoundError(f"没有此探访记录 {visit_id} / no visit {visit_id}")
        grants = self.grants(account)
        areas = {visit.area} if person is None else {visit.area, person.area}
        if not any(may(grants, deed, area) for area in areas):
            raise _forbidden(deed)

    def check_step(self, account: str, step: ReturnStep, area: str) -> None:
        """Raise ForbiddenError unless a step of a village's return is the account's: the town takes all but signing."""
        self.check(account, Deed.SIGN_RETURN if step is ReturnStep.SIGN else Deed.RECEIVE_RETURN, area)

    def watched(self, account: str) -> Sequence[str]:
        """Return the widest areas whose homes and alerts the account may see; of an auditor none."""
        return reach(self.grants(account), Deed.WATCH)

    def check_watch(self, account: str, named: Named, *, acts: bool = False) -> None:
        """Raise ForbiddenError unless the account may see what is named; an unknown id is for its route to refuse.

        An incident of a village is seen by whoever sees a part of it, and acted upon by who watches over all of it;
        what is of no home is for who sees everywhere.
        """
        with self._truth.view() as unit:
            grants, place = unit.accounts.grants(account), _place_of(unit, named)
        if not grants or place is None:
            return
        area, is_part_enough = place
        deed = Deed.SEE if named.person_id else Deed.WATCH
        if not (reach(grants, deed, area) if is_part_enough and not acts else may(grants, deed, area)):
            raise _forbidden(deed)

    def reach(self, account: str, deed: Deed, area: str = "") -> Sequence[str]:
        """Return the widest areas at or below an area in which the account may do a deed; ForbiddenError for none."""
        found = reach(self.grants(account), deed, area)
        if not found:
            raise _forbidden(deed)
        return found


def _forbidden(deed: Deed) -> ForbiddenError:
    words = DEED_WORDS[deed]
    return ForbiddenError(f"您在此处无权{words.zh} / your role or area does not allow {words.en}")


def _place_of(unit: Unit, named: Named) -> tuple[str, bool] | None:
    """Return the area of what is named, and whether a part is enough to read it; None: nobody knows the id."""
    if named.person_id:
        person = unit.people.person(PersonId(named.person_id))
        return None if person is None else (person.area, False)
    alert_id = named.alert_id
    if named.attempt_id:
        attempt = unit.outbox.get(AttemptId(named.attempt_id))
        if attempt is None:
            return None
        alert_id = attempt.alert_id
    home_id = named.home_id
    if alert_id:
        alert = unit.alerts.get(AlertId(alert_id))
        if alert is None:
            return None
        home_id = alert.home_id
    if home_id.startswith(AREA_PREFIX):
        return home_id.removeprefix(AREA_PREFIX), True
    home = unit.people.home(HomeId(home_id)) if home_id else None
    if home is None and named.home_id:
        return None
    return ("" if home is None else home.area), False
