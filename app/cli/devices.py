"""Commands over devices: the inbox of unknown ones, the allow-list, replacement; a running service takes it up."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import typer

from app.cli.clerks import clerk_or_operator
from app.cli.credentials import credentials_app
from app.cli.options import Config, DataDir, Who, settings_of
from app.devices import DeviceDesk
from app.opened import clock_of, opened_truth
from app.settings import Settings
from app.trying_out import TryingOut
from core.errors import ConfigurationError
from core.localtime import from_ms, zone
from core.log import ParkReason
from core.text import printable
from registry.devices import LONGEST_HEARTBEAT_S, Adoption, InboxState, is_allowed, suggested_role
from registry.homes import DeviceRole

devices_app = typer.Typer(help="Devices: adopt, reject, allow, replace, try out", no_args_is_help=True)

Units = Annotated[list[str] | None, typer.Option("--unit", help='A line of the install record: "C1=10 L"')]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    devices_app.add_typer(credentials_app, name="credentials")
    app.add_typer(devices_app, name="devices")


@devices_app.command("inbox")
def inbox(
    state: Annotated[InboxState, typer.Option(help="Which")] = InboxState.WAITING,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """List devices that spoke and that nobody registered, alarms first, then the last heard, with what they tell."""
    settings = settings_of(config, data_dir)
    with _desk(settings) as desk:
        found, allowed = desk.inbox(state), desk.allowed()
    tz = zone(settings.zone)
    for one in found:
        first, last = (f"{from_ms(at_ms, tz):%m-%d %H:%M}" for at_ms in (one.first_seen_ms, one.last_seen_ms))
        told = f"{one.identity.maker} {one.identity.model} {one.identity.firmware}".strip()
        mark = "" if is_allowed(one.address, allowed) else "  ! not on the allow-list"
        mark += "  !! 发出过报警信号 has signalled an alarm" if one.alarmed else ""
        print(printable(f"{one.address}  {one.format}  {told}  {first}..{last}  {one.count} messages{mark}"))
        guess = suggested_role(one.metrics)
        print(printable(f"    {', '.join(one.metrics) or 'nothing told'}{f'  probably {guess}' if guess else ''}"))
    print(f"{len(found)} devices {state}")


@devices_app.command("adopt")
def adopt(
    address: str,
    home: Annotated[str, typer.Option(help="Into which home")],
    role: Annotated[DeviceRole, typer.Option(help="What its signal means")],
    room: Annotated[str, typer.Option(help="Where it hangs")] = "",
    name: Annotated[str, typer.Option(help="In its home; left out: the last word of the address")] = "",
    heartbeat_s: Annotated[
        int,
        typer.Option(
            min=0, max=LONGEST_HEARTBEAT_S, help="It promises to speak at least so often; 0: it promises nothing"
        ),
    ] = 0,
    unit: Units = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Even when it is not on the allow-list")] = False,
    unheard: Annotated[bool, typer.Option("--unheard", help="Even when its address has not spoken yet")] = False,
    account: Who = "",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Take a device into a home; what it said is read by its own times; an SOS of the last day rings at once."""
    adoption = Adoption(
        address=address,
        role=role,
        room=room,
        name=name,
        heartbeat_ms=heartbeat_s * 1000 or None,
        units=units_of(unit),
        is_unheard=unheard,
    )
    with _desk_and_who(settings_of(config, data_dir), account) as (desk, who):
        device = desk.adopt(home, adoption, who, is_anyway=anyway)
        doubts = desk.doubts(device)
    print(f"{device.id} is {address}, {device.role}")
    for doubt in doubts:
        print(printable(f"{doubt.zh} / {doubt.en}"))


@devices_app.command("reject")
def reject(address: str, account: Who = "", config: Config = None, data_dir: DataDir = None) -> None:
    """Say that a device is none of ours: its messages are counted and no longer shown. It can still be adopted."""
    with _desk_and_who(settings_of(config, data_dir), account) as (desk, who):
        device = desk.reject(address, who)
    print(f"{device.address} is {device.state}; {ParkReason.REJECTED_DEVICE} is counted in the inbox")


@devices_app.command("allow")
def allow(
    pattern: Annotated[str, typer.Argument(help='An address, or a pattern: "zigbee2mqtt/h0123/*"')],
    note: Annotated[str, typer.Option(help="e.g. which delivery")] = "",
    account: Who = "",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Put an address on the allow-list; while there is one, nothing else is adopted without --anyway."""
    with _desk_and_who(settings_of(config, data_dir), account) as (desk, who):
        desk.allow(pattern, note, who)
    print(f"{pattern} may be adopted")


@devices_app.command("disallow")
def disallow(pattern: str, config: Config = None, data_dir: DataDir = None) -> None:
    """Take a line from the allow-list; what was adopted stays. An empty list lets everything in."""
    with _desk(settings_of(config, data_dir)) as desk:
        desk.disallow(pattern)
    print(f"{pattern} is no longer on the allow-list")


@devices_app.command("allowed")
def allowed(config: Config = None, data_dir: DataDir = None) -> None:
    """List the allow-list with who added each line."""
    with _desk(settings_of(config, data_dir)) as desk:
        lines = desk.allowed()
    for line in lines:
        print(f"{line.pattern}  {line.added_by}  {line.note}")
    print(f"{len(lines)} lines" if lines else "no allow-list: every device may be adopted")


@devices_app.command("replace")
def replace(
    old: Annotated[str, typer.Argument(help="The device's id, e.g. h0123/kitchen_pir")],
    new: Annotated[str, typer.Argument(help="The address of the one that takes its place")],
    unit: Units = None,
    account: Who = "",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Let another device speak for a place: its id, habits and curves go on; the old one is rejected."""
    with _desk_and_who(settings_of(config, data_dir), account) as (desk, who):
        after, before = desk.replace(old, new, who, units=units_of(unit) if unit else None)
    print(f"{after.id} is {after.address} from now on; {before.address} is rejected")


@devices_app.command("remove")
def remove(
    device: Annotated[str, typer.Argument(help="Its id, e.g. h0123/kitchen_pir")],
    account: Who = "",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Take a device out of its home for good: its history stays, its address is rejected from now on."""
    with _desk_and_who(settings_of(config, data_dir), account) as (desk, who):
        gone = desk.remove(device, who)
    print(f"{gone.id} 已移除 / removed; {gone.address} 已拒收 / is rejected")


@devices_app.command("test")
def try_out(
    home: Annotated[str, typer.Argument(help="Whose devices are tried out, e.g. h0123")],
    minutes: Annotated[int | None, typer.Option(help="For how long from now on, 240 at most")] = None,
    is_over: Annotated[bool, typer.Option("--end", help="It is over: what still holds is told at once")] = False,
    account: Who = "",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Put a home under test while devices are tried out: smoke, gas, CO and SOS ring, all else waits for its end."""
    if (minutes is None) != is_over:
        raise ConfigurationError(
            "须写明测试多久，或测试已结束 / how long the test takes, or that it is over, must be said, and not both",
            where="--minutes, --end",
            remedy="--minutes 60，或 or --end",
        )
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        who, trying_out = clerk_or_operator(truth, account), TryingOut(truth, clock_of(settings))
        if minutes is None:
            trying_out.end(home, who)
            print(
                printable(
                    f"{home} 测试已结束，仍成立的立即报出 / is no longer under test; what still holds is told now"
                )
            )
            return
        until = from_ms(trying_out.begin(home, minutes, who), zone(settings.zone))
    print(printable(f"{home} 设备测试中，至 {until:%m-%d %H:%M}；烟感、燃气、CO和求助按钮照常呼叫，其余到时再报"))
    print(f"  under test until {until:%m-%d %H:%M}; smoke, gas, CO and SOS ring as ever, all else waits for its end")
    print(f"  shouwang devices test {home} --end")


def units_of(lines: list[str] | None) -> dict[str, str]:
    """Return an install record from lines "name=meaning"; raises ConfigurationError."""
    found: dict[str, str] = {}
    for line in lines or []:
        name, is_split, text = line.partition("=")
        if not is_split or not name.strip():
            raise ConfigurationError(f"{line!r} is no line of a record", where="--unit", remedy='write it as "C1=10 L"')
        found[name.strip()] = text.strip()
    return found


@contextmanager
def _desk(settings: Settings) -> Generator[DeviceDesk]:
    with opened_truth(settings) as truth:
        yield DeviceDesk(truth, clock_of(settings))


@contextmanager
def _desk_and_who(settings: Settings, account: str) -> Generator[tuple[DeviceDesk, str]]:
    with opened_truth(settings) as truth:
        yield DeviceDesk(truth, clock_of(settings)), clerk_or_operator(truth, account)
