"""Commands that register homes: registry add, registry list; from the files that map the sensors of recordings."""

from collections.abc import Set as AbstractSet
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from alerts.channels.twilio_settings import is_e164
from app.cli.options import Config, DataDir, at_terminal, settings_of
from app.devices import check_units
from app.files import DataFiles
from app.kept_file import read_text
from app.opened import clock_of
from app.register import registered
from app.registering import put_registration
from app.registration_doubts import doubts_of
from app.settings_lines import line_of
from core.errors import ConfigurationError
from core.ids import DeviceId
from core.localtime import local_date, zone
from device_sim.registration import Registration
from device_sim.sensor_map import load_sensor_map
from registry.commands import Doing
from registry.devices import InboxState
from registry.identity import FieldError
from registry.installing import begun, equipped
from registry.people import Person
from registry.phones import to_e164
from store.truth.database import Unit

registry_app = typer.Typer(help="Homes, people, devices and contacts", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(registry_app, name="registry")


@registry_app.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="home.toml: home, person, contacts, sensors")],
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Register a home, or take its file again; a running service takes it up at once.

    Of a person who is known, what the file does not say stays as the register has it; devices that it does not name
    stay, too.
    """
    settings = settings_of(config, data_dir)
    text = read_text(file)  # says what a file in another encoding needs
    given = load_sensor_map(file).registration
    for device in given.home.devices:
        check_units(device.units, where=f"{file}, {device.id}")
    registration = _with_whole_phones(given, file, text)
    now_ms = clock_of(settings).now_ms()
    doing = Doing(
        actor=at_terminal(),
        why=f"registry add {file.name}",
        at_ms=now_ms,
        today=local_date(now_ms, zone(settings.zone)),
    )
    _check_born(given.person, doing.today, f"{file}, line {line_of(('person', 0, 'birth_date'), text)}, [person]")
    truth = DataFiles(settings.data_dir).open_truth()
    try:
        with truth.transaction() as unit:
            registration = _beside_what_is_known(unit, registration, doing.today)
            put_registration(unit, registration)
            registered(unit, registration.person.id, doing)
            doubts = doubts_of(unit, registration, doing.today)
    finally:
        truth.close()
    _print_home(registration, {device.id for device in given.home.devices})
    if completed := sum(one != other for one, other in zip(_phones(given), _phones(registration), strict=True)):
        print(f"    {completed}个号码已补为 +国家码 / {completed} phone numbers were completed with their country code")
    for doubt in doubts:
        print(f"! {doubt}")


def _check_born(person: Person, today: date, where: str) -> None:
    """Refuse a birth date that is still to come; raises ConfigurationError."""
    if person.birth_date is not None and person.birth_date > today:
        raise ConfigurationError(
            "birth_date 出生日期晚于今天 / is after today", where=where, remedy="改正年份 / write the year of birth"
        )


def _beside_what_is_known(unit: Unit, given: Registration, today: date) -> Registration:
    person = begun(given.person, unit.people.person(given.person.id), today)
    home_id, rejected = given.home.id, unit.devices.inbox(InboxState.REJECTED)
    home = equipped(given.home, unit.people.home(home_id), unit.devices.replacements(home_id), rejected)
    return msgspec.structs.replace(given, person=person, home=home)


def _print_home(registration: Registration, named: AbstractSet[DeviceId]) -> None:
    home = registration.home
    print(f"home {home.id}: {len(home.devices)} devices, {len(registration.contacts)} contacts")
    for device in home.devices:
        kept = "" if device.id in named else "  文件中没有，保留 / kept, not in the file"
        print(f"    {device.address}  {device.role}{kept}")
    for gone in sorted(named - {device.id for device in home.devices}):
        print(f"    {gone}  已移除，不再恢复；要用请认领 / was removed and stays away; to use it, adopt it again")


def _phones(registration: Registration) -> list[str]:
    return [registration.person.phone, *(contact.phone for contact in registration.contacts)]


def _with_whole_phones(registration: Registration, file: Path, text: str) -> Registration:
    """Return it with every number as a provider rings it; raises ConfigurationError for one that nobody can ring."""

    def whole(phone: str, table: str, index: int, said: str) -> str:
        return _whole(phone, f"{file}, line {line_of((table, index, 'phone'), text)}, {said}, phone")

    person, contacts = registration.person, registration.contacts
    return msgspec.structs.replace(
        registration,
        person=msgspec.structs.replace(person, phone=whole(person.phone, "person", 0, "[person]")),
        contacts=tuple(
            msgspec.structs.replace(one, phone=whole(one.phone, "contact", index, f"[[contact]] {index + 1}"))
            for index, one in enumerate(contacts)
        ),
    )


def _whole(phone: str, where: str) -> str:
    if is_e164(phone):
        return phone
    try:
        return to_e164(phone)
    except FieldError as error:
        raise ConfigurationError(str(error.why), where=where, remedy=str(error.remedy)) from error


@registry_app.command("list")
def list_homes(config: Config = None, data_dir: DataDir = None) -> None:
    """List registered homes, the id of who lives there, area and devices; no names."""
    truth = DataFiles(settings_of(config, data_dir).data_dir).open_truth()
    try:
        with truth.view() as unit:
            homes = unit.people.homes()
    finally:
        truth.close()
    for home in homes:
        print(f"{home.id}  {home.person_id or '-'}  {home.area}  {len(home.devices)} devices")
    print(f"{len(homes)} homes")
