"""What a change of the register says of somebody's standing: the dated facts that duties are judged from."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from core.ids import derived_id
from registry.commands import Activate, AnyCommand, Doing, EndService, RecordConsent
from registry.consent import ConsentState, Purpose
from registry.entries import NOT_YET, Filed
from registry.people import tier_of
from registry.standing_facts import ENDINGS, VISITING, FactId, FactKind, StandingFact

_BEGINS_OR_ENDS = frozenset({FactKind.ACTIVATED, *ENDINGS})
_TAKEN_BACK = frozenset({ConsentState.REFUSED, ConsentState.WITHDRAWN})


def told_facts(
    command: AnyCommand, before: Filed, after: Filed, doing: Doing, known: Sequence[StandingFact]
) -> tuple[StandingFact, ...]:
    """Return the facts that a command tells, new ones only; `known` are the person's facts so far."""
    drafts = (*_service(command, before, known), *_answer(command), *_change(before, after, doing))
    return tuple(_told(one, before, doing) for one in drafts)


def _told(draft: StandingFact, filed: Filed, doing: Doing) -> StandingFact:
    person_id = filed.person.id
    name = derived_id("fact", person_id, draft.kind, draft.on.isoformat(), draft.purpose, doing.at_ms)
    return msgspec.structs.replace(
        draft,
        id=FactId(name),
        person_id=person_id,
        reason=draft.reason or doing.why,
        recorded_at_ms=doing.at_ms,
        recorded_by=doing.actor,
    )


def _draft(kind: FactKind, on: date, **fields: object) -> StandingFact:
    return msgspec.convert(
        {"id": "", "person_id": "", "kind": kind, "on": on} | fields, StandingFact, strict=False, from_attributes=True
    )


def _service(command: AnyCommand, before: Filed, known: Sequence[StandingFact]) -> Iterator[StandingFact]:
    if not isinstance(command, Activate | EndService):
        return
    begun = before.person.active_from
    is_first = not any(fact.kind in _BEGINS_OR_ENDS for fact in known)
    if is_first and begun is not None and begun != NOT_YET:
        yield _draft(FactKind.ACTIVATED, begun)  # the registry keeps only the latest stretch of service
    yield _draft(FactKind.ACTIVATED if isinstance(command, Activate) else FactKind.ENDED, command.on)


def _answer(command: AnyCommand) -> Iterator[StandingFact]:
    """Yield what an answer about visits says; refusing sensors never lowers the duty to visit (policy B3, case 11)."""
    if not isinstance(command, RecordConsent) or command.purpose is not Purpose.VISITING:
        return
    if command.state in _TAKEN_BACK:
        is_signed = bool(command.evidence.strip())
        yield _draft(FactKind.REFUSED, command.on, purpose=VISITING, is_signed=is_signed, evidence=command.evidence)
    elif command.state is ConsentState.GIVEN:
        yield _draft(FactKind.AGREED, command.on, purpose=VISITING)


def _change(before: Filed, after: Filed, doing: Doing) -> Iterator[StandingFact]:
    begun = before.person.active_from
    if begun is not None and begun > doing.today:
        return  # not served yet: what the registry says on the first day is where the history begins
    was, now = tier_of(before.person, doing.today), tier_of(after.person, doing.today)
    was_set, is_set = (one.person.tier_override is not None for one in (before, after))
    if (was.tier, was_set) != (now.tier, is_set):
        yield _draft(FactKind.TIER_CHANGED, doing.today, was=was.tier, tier=now.tier, is_override=is_set)
    if before.person.area != after.person.area:
        yield _draft(FactKind.MOVED, doing.today, area=after.person.area)
