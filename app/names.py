"""Who and where as people say it: an account's or a contact's name, an area's; an id stays where nobody named it."""

from collections.abc import Callable, Iterable

import msgspec

from core.ids import ContactId
from store.truth.database import Unit


def bare(by: str) -> str:
    """Return who did something without saying what kind of id it is."""
    return by.removeprefix("account:")


class Says(msgspec.Struct, frozen=True):
    """How a form says an area's path, and who "account:li" or "contact:c1" is."""

    place: Callable[[str], str] = str
    who: Callable[[str], str] = bare


BY_ID = Says()
"""Nothing is known by name."""


def names_of(unit: Unit, people: Iterable[str]) -> Callable[[str], str]:
    """Return what says who some ids are, read now."""
    accounts = unit.accounts.display_names()
    found: dict[str, str] = {}
    for by in set(people):
        kind, _, name = by.partition(":")
        if kind == "account":
            found[by] = accounts.get(name) or name
        elif kind == "contact":
            contact = unit.people.contact(ContactId(name))
            found[by] = name if contact is None else contact.name or name
    return lambda by: found.get(by, bare(by))
