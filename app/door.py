"""Looks up what an account may do and says no; what it may do is decided in registry/access.py."""

from collections.abc import Sequence

from core.errors import ForbiddenError, NotFoundError
from core.ids import PersonId, VisitId
from registry.access import Deed, Grant, may, reach
from store.truth.database import Truth


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
            raise ForbiddenError(f"{deed} is not allowed here")

    def check_person(self, account: str, deed: Deed, person_id: str) -> None:
        """Raise ForbiddenError unless the account may do the deed to a person; NotFoundError for nobody."""
        with self._truth.view() as unit:
            person = unit.people.person(PersonId(person_id))
        if person is None:
            raise NotFoundError(f"no person {person_id}")
        self.check(account, deed, person.area)

    def check_visit(self, account: str, deed: Deed, visit_id: str) -> None:
        """Raise ForbiddenError unless the account may do the deed where a visit was made or where the person lives.

        Raises NotFoundError for no visit.
        """
        with self._truth.view() as unit:
            visit = unit.visits.get(VisitId(visit_id))
            person = None if visit is None else unit.people.person(visit.person_id)
        if visit is None:
            raise NotFoundError(f"no visit {visit_id}")
        grants = self.grants(account)
        areas = {visit.area} if person is None else {visit.area, person.area}
        if not any(may(grants, deed, area) for area in areas):
            raise ForbiddenError(f"{deed} is not allowed here")

    def reach(self, account: str, deed: Deed, area: str = "") -> Sequence[str]:
        """Return the widest areas at or below an area in which the account may do a deed; ForbiddenError for none."""
        found = reach(self.grants(account), deed, area)
        if not found:
            raise ForbiddenError(f"{deed} is not allowed here")
        return found
