"""月探访率: of everybody in the ledger, who had at least one contact in the month, and each one who had none (R6)."""

from collections.abc import Iterable

import msgspec

from core.ids import PersonId
from registry.standing import Standing
from visits.in_rate import Missing, place_in_rate
from visits.obligations import Due, Month


class Rate(msgspec.Struct, frozen=True):
    """Numerator and denominator in people, and who is missing."""

    contacted: int
    active: int
    missing: tuple[tuple[PersonId, Missing], ...]

    @property
    def share(self) -> float | None:
        """Contacted by active, 0 to 1; None of nobody: no rate at all, least of all a full one."""
        return self.contacted / self.active if self.active else None


def monthly_rate(rows: Iterable[tuple[Standing, Due]], month: Month) -> Rate:
    """Return the rate of a month; a closed one as it was closed, whatever became known of somebody since."""
    contacted = active = 0
    missing: list[tuple[PersonId, Missing]] = []
    for standing, due in rows:
        why, is_in_rate = due.missing, due.is_in_rate
        if is_in_rate is None:  # closed by a release that did not keep it
            why = place_in_rate(standing, month.window, month.policy)
            is_in_rate = why is not None
        active += is_in_rate
        contacted += is_in_rate and due.contacts > 0
        if is_in_rate and not due.contacts and why is not None:
            missing.append((standing.person.id, why))
    return Rate(contacted, active, tuple(missing))
