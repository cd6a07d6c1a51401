"""Each real visit once: latest versions, one row per incident, no double entries; counts nothing by itself."""

from collections.abc import Iterable

from visits.counting import is_same_visit, is_unfinished, judged, standing_class, was_not_owed
from visits.credit import RANKING
from visits.model import Obligation, Visit
from visits.policy import CountingPolicy


def distinct(visits: Iterable[Visit], policy: CountingPolicy) -> list[Visit]:
    """Return each real visit once: latest versions, one row per incident (the highest class), no double entries."""
    latest: dict[str, Visit] = {}
    for visit in visits:
        known = latest.get(visit.id)
        if known is None or known.version <= visit.version:
            latest[visit.id] = visit
    kept: list[Visit] = []
    incidents: set[str] = set()
    for visit in sorted(latest.values(), key=_highest_first):
        if visit.merged_into is not None or (visit.alert_id is not None and visit.alert_id in incidents):
            continue
        if any(is_same_visit(visit, other, policy) for other in kept):
            continue
        kept.append(visit)
        if visit.alert_id is not None:
            incidents.add(visit.alert_id)
    return sorted(kept, key=lambda visit: (visit.started_at_ms, visit.id))


def counts_for(visit: Visit, obligation: Obligation, policy: CountingPolicy) -> bool:
    """Return whether a visit counts for an obligation; what another policy version has judged is not judged again.

    What that version did not judge (an obligation it did not know, or one that the tier of that day was not owed) is.
    """
    if visit.policy_version not in {"", policy.stamp}:
        kept = next((credit for credit in visit.credits if credit.obligation is obligation), None)
        if kept is not None and not was_not_owed(kept):
            return kept.counts
    return judged(visit, obligation, policy).counts


def _highest_first(visit: Visit) -> tuple[bool, bool, int, bool, int, str]:
    standing = RANKING.index(standing_class(visit))
    return visit.is_drill, is_unfinished(visit), standing, visit.reviewed_at_ms is None, visit.started_at_ms, visit.id
