"""Records of visits as a test tells them: written down and signed at a time."""

from annex2_kit import home_form
from visits_kit import POLICY, ZONE, at, key_person

from registry.standing import standing_of
from visits.model import Visit
from visits.obligations import due
from visits.recording import Entry, drafted, signed


def month(person, *visits: Visit, of="2024-02", today=None, facts=(), periods=()):
    return due(of, [person], visits, today, POLICY, facts=facts, periods=periods)[0]


def recorded(begins: str, entered: str, person=None, **fields) -> Visit:
    """Return a home visit written down and signed at `entered`."""
    person = person or key_person()
    entry = Entry(
        person_id=person.id,
        started_at_ms=at(begins),
        form=home_form(),
        visitor="account:wang",
        is_registered_visitor=True,
        **fields,
    )
    draft = drafted(entry, person, by="account:wang", at_ms=at(entered), zone=ZONE)
    given = {"by": "account:wang", "at_ms": at(entered), "number": 1, "zone": ZONE}
    return signed(draft, standing_of(person), POLICY, **given)
