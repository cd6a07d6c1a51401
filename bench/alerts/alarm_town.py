"""A town for the load of alarms: homes with their people, what they said before the service came up, and their phones.

Nothing in it is anybody's: the numbers are of no subscriber and reach the stand-in alone. The findings are made by the
rules that ship, from readings that stand in the journal or come by MQTT.
"""

from collections.abc import Iterator

from app.files import DataFiles
from core.events import Metric, Reading, Value
from core.ids import ContactId, DeviceId, HomeId, PersonId
from core.localtime import MINUTE_MS
from registry.homes import Contact, ContactRole, Device, DeviceRole, Home
from registry.people import Category, Person
from store.journal import Journal

VILLAGE = "shuren/qiaotou"
HOMES_A_GRID = 100
ENTRY = 256  # readings in an entry of the journal while readings pour in
BEAT_MS = MINUTE_MS  # of a gateway

WENT_OUT = ((-100, "pir", True), (-99, "pir", False), (-98, "door", True), (-97, "door", False))
CAME_IN = ((-40, "door", True), (-39, "door", False))
"""Minutes before the present: out of the house for an hour, then the door, and nothing inside for longer than the half
hour in which whoever came in shows: a P1 that is due as soon as a service looks."""


def name_of(number: int) -> HomeId:
    """Return the id of the home with a number."""
    return HomeId(f"h{number:05d}")


def phone_of(number: int, place: int = 0) -> str:
    """Return the number of the resident (0), of a relative (1) or of a grid worker (2)."""
    return f"+852{9 - place}{number:07d}"


def home_behind(phone: str) -> HomeId | None:
    """Return the home whose resident or relative has a number; None of a grid worker's."""
    return name_of(int(phone[5:])) if phone[4] in "98" else None


def register(files: DataFiles, numbers: range, *, beats: bool) -> None:
    """Register homes: a door, a motion sensor, a button and a meter each; a relative each, a grid worker for a hundred.

    `beats`: with a gateway that promises a heartbeat, so that the home is blind without it.
    """
    truth = files.open_truth()
    try:
        with truth.transaction() as unit:
            for number in numbers:
                person = _person(number)
                unit.people.put_person(person)
                unit.people.put_home(_home(number, beats=beats))
                for contact in _contacts(number):
                    unit.people.put_contact(contact)
    finally:
        truth.close()


def lived(files: DataFiles, numbers: range, now_ms: int, *, beats: bool) -> None:
    """Write into the journal what these homes said before now: what makes each a P1, or their gateways' last beat."""
    journal = Journal(files.journal)
    try:
        last_beat = ((-BEAT_MS * 60 // MINUTE_MS, "gateway", True),)
        for minute, device, value in last_beat if beats else (*WENT_OUT, *CAME_IN):
            at_ms = now_ms + minute * MINUTE_MS
            for first in range(numbers.start, numbers.stop, ENTRY):
                part = numbers[first - numbers.start : first - numbers.start + ENTRY]
                journal.append([_reading(one, device, value, at_ms) for one in part], log_time_ms=at_ms)
    finally:
        journal.close()


def _reading(number: int, device: str, value: Value, at_ms: int) -> Reading:
    metrics = {"pir": Metric.MOTION, "door": Metric.OPEN, "gateway": Metric.ONLINE}
    name = name_of(number)
    return Reading(name, DeviceId(f"{name}/{device}"), metrics[device], value, at_ms, at_ms)


def _person(number: int) -> Person:
    return Person(
        id=PersonId(f"p{number:05d}"),
        home_id=name_of(number),
        area=_area(number),
        categories=frozenset({Category.ALONE}),
        phone=phone_of(number),
    )


def _home(number: int, *, beats: bool) -> Home:
    roles = {
        "door": DeviceRole.OUTSIDE_DOOR,
        "pir": DeviceRole.INTERIOR_MOTION,
        "sos": DeviceRole.SOS_BUTTON,
        "power": DeviceRole.POWER_METER,
    }
    if beats:
        roles["gateway"] = DeviceRole.GATEWAY
    name = name_of(number)
    devices = tuple(
        Device(
            id=DeviceId(f"{name}/{device}"),
            home_id=name,
            address=f"care/{name}/{device}",
            role=role,
            heartbeat_ms=BEAT_MS if role is DeviceRole.GATEWAY else None,
        )
        for device, role in roles.items()
    )
    return Home(id=name, person_id=PersonId(f"p{number:05d}"), area=_area(number), devices=devices)


def _contacts(number: int) -> Iterator[Contact]:
    person_id = PersonId(f"p{number:05d}")
    served = ((ContactRole.FAMILY, 1, number), (ContactRole.GRID_WORKER, 2, number // HOMES_A_GRID))
    for role, place, whose in served:
        contact_id = ContactId(f"c{number:05d}-{place}")
        yield Contact(id=contact_id, person_id=person_id, role=role, order=place, phone=phone_of(whose, place))


def _area(number: int) -> str:
    return f"{VILLAGE}/g{number // HOMES_A_GRID}"
