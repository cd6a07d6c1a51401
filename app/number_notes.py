"""Writes down what an attempt says about its number, in the transaction that takes the news of it; decides nothing."""

from alerts.attempts import PRESSED
from alerts.bounces import with_attempt
from alerts.model import Attempt, AttemptState
from store.truth.database import Unit

_TELLING = PRESSED | {AttemptState.FAILED}


def note_number(unit: Unit, attempt: Attempt, at_ms: int) -> None:
    """Keep that a human answered, or that the number bounced; everything else says nothing about it."""
    if attempt.state not in _TELLING:
        return
    phone = _number_of(unit, attempt)
    known = unit.numbers.get(phone)
    learned = with_attempt(known, attempt, at_ms)
    if phone and learned is not known:
        unit.numbers.put(phone, learned)


def _number_of(unit: Unit, attempt: Attempt) -> str:
    if attempt.contact_id is not None:
        contact = unit.people.contact(attempt.contact_id)
        return "" if contact is None else contact.phone
    alert = unit.alerts.get(attempt.alert_id)
    person = None if alert is None or alert.person_id is None else unit.people.person(alert.person_id)
    return "" if person is None else person.phone
