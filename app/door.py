"""Looks up what an account may do and says no; what it may do is decided in registry/access.py."""

from collections.abc import Sequence

from core.errors import ForbiddenError, NotFoundError
from core.ids import PersonId
from registry.access import Deed, Grant, may
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
