"""Commands about contacts: readiness, confirm; by id, without names and numbers."""

from typing import Annotated

import msgspec
import typer

from app.cli.clerks import clerk_of
from app.cli.options import Config, DataDir, Who, settings_of
from app.opened import clock_of, opened_truth
from app.readiness_watch import is_in_service
from core.errors import NotFoundError
from core.ids import ContactId
from core.localtime import local_date, zone
from registry.readiness import REASON_WORDS, Readiness, readiness

contacts_app = typer.Typer(help="Contacts: whether they can be rung", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(contacts_app, name="contacts")


@contacts_app.command("readiness")
def show(
    config: Config = None,
    data_dir: DataDir = None,
    due: Annotated[bool, typer.Option("--due", help="Only those to be rung and confirmed this month")] = False,
) -> None:
    """List each contact's readiness, 0 to 100, with the reasons; who is in service without anybody comes first."""
    settings = settings_of(config, data_dir)
    now_ms, tz = clock_of(settings).now_ms(), zone(settings.zone)
    rows: list[tuple[bool, str, list[tuple[str, Readiness]]]] = []
    with opened_truth(settings) as truth, truth.view() as unit:
        today = local_date(now_ms, tz)
        for person in (one for one in unit.people.persons() if is_in_service(unit, one, today)):
            contacts = unit.people.contacts(person.id)
            judged = [(one.role.value, readiness(one, unit.numbers.get(one.phone), now_ms)) for one in contacts]
            rows.append((any(one.is_reachable for _, one in judged), person.id, judged))
    for has_somebody, person_id, judged in sorted(rows, key=lambda row: (row[0], row[1])):
        shown = [(role, one) for role, one in judged if one.is_confirmation_due or not due]
        if has_somebody and not shown:
            continue
        print(f"{person_id}{'' if has_somebody else '  ! 没有可拨通的联系人 nobody can be rung'}")
        for role, one in shown:
            answered = one.last_answered_at_ms
            when = "-" if answered is None else f"{local_date(answered, tz):%Y-%m-%d}"
            reasons = "；".join(str(REASON_WORDS[reason]) for reason in one.reasons)
            print(f"    {one.contact_id}  {role}  {one.score}  应答 answered {when}  {reasons}".rstrip())
    everybody = [one for _, _, judged in rows for _, one in judged]
    print(
        f"{len(everybody)} contacts, {sum(one.is_confirmation_due for one in everybody)} to be confirmed, "
        f"{sum(not has_somebody for has_somebody, _, _ in rows)} people without anybody who can be rung"
    )


@contacts_app.command("confirm")
def confirm(
    contact_id: str,
    config: Config = None,
    data_dir: DataDir = None,
    account: Who = "",
) -> None:
    """Write down that a contact was reached under their number and is willing to be rung."""
    settings = settings_of(config, data_dir)
    now_ms = clock_of(settings).now_ms()
    with opened_truth(settings) as truth:
        by = clerk_of(truth, account)
        with truth.transaction() as unit:
            contact = unit.people.contact(ContactId(contact_id))
            if contact is None or not contact.phone:
                raise NotFoundError(f"no contact {contact_id} with a number; see: shouwang contacts readiness")
            known = unit.numbers.get(contact.phone)
            unit.numbers.put(contact.phone, msgspec.structs.replace(known, confirmed_at_ms=now_ms, confirmed_by=by))
    print(f"{contact_id} is confirmed by {account}")
