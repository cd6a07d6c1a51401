"""Commands that run the service or look at its set-up: serve, broker, doctor, openapi, account."""

import asyncio
import getpass
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec
import typer

from app.accounts import LocalAccounts
from app.areas import check_area
from app.bind_address import check_bind
from app.broker import EmbeddedBroker
from app.broker_watch import BrokerWatch, rounds_of
from app.cli.options import Config, DataDir, at_terminal, settings_of
from app.doctor import examine, standing_troubles
from app.environment import ENV_PREFIX
from app.files import DataFiles
from app.service import Service
from core.clock import ManualClock
from core.errors import ConfigurationError
from ingest.formats.conventions import FILTERS
from registry.access import ROLE_WORDS, Grant, Role

account_app = typer.Typer(help="Accounts of the duty console", no_args_is_help=True)
PASSWORD_VARIABLE = f"{ENV_PREFIX}ACCOUNT_PASSWORD"

NOBODY_IS_RUNG = (
    "! live_calls = false：不会拨打任何电话、不发任何短信，报警仅显示在值班台，请人工拨打 · "
    "nobody is rung and nothing is sent: alerts are shown on the duty board only, to be rung by hand"
)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(serve)
    app.command()(broker)
    app.command()(doctor)
    app.command()(openapi)
    app.add_typer(account_app, name="account")


def serve(
    config: Config = None,
    data_dir: DataDir = None,
    clock: Annotated[str | None, typer.Option(help="system, or driven: a replay sets the time")] = None,
    http_port: Annotated[int | None, typer.Option(help="Console and API; 0 takes a free port")] = None,
    mqtt_port: Annotated[int | None, typer.Option(help="Broker; 0 lets the embedded one take a free port")] = None,
) -> None:
    """Run the service until Ctrl-C or SIGTERM."""
    settings = settings_of(config, data_dir, clock=clock, http_port=http_port, mqtt_port=mqtt_port)
    if settings.clock == "driven":
        DataFiles(settings.data_dir).refuse_driven_clock()
    if not settings.mqtt_host:
        check_bind(settings, "mqtt_bind")
    service = Service(settings)

    async def run() -> None:
        await service.start()
        try:
            where = "embedded broker" if service.broker is not None else settings.mqtt_host
            port = settings.mqtt_port if service.broker is None else service.broker.port
            print(f"守望值班台 console  {service.base_url}", flush=True)
            print(f"MQTT {where} port {port} · data {settings.data_dir}", flush=True)
            if not settings.live_calls:
                print(NOBODY_IS_RUNG, flush=True)
            if not service.accounts.names():
                print("还没有账号 no account yet: shouwang account add NAME", flush=True)
            for check in await asyncio.to_thread(standing_troubles, settings):
                print(f"! {check.what} → {check.remedy}", flush=True)
            await service.wait()
        finally:
            await service.stop()

    asyncio.run(until_signalled(run))


def broker(config: Config = None, data_dir: DataDir = None) -> None:
    """Run the embedded broker alone, until Ctrl-C or SIGTERM; started again when it ends by itself."""
    settings = settings_of(config, data_dir)
    if not settings.mqtt_host and DataFiles(settings.data_dir).is_locked():
        raise ConfigurationError(
            "服务正在运行，会自行保持其消息服务器运行 the service runs here, and keeps its own broker running",
            where=str(settings.data_dir),
            remedy="无需另行启动，详见服务日志 start none beside it: its log says what became of that one",
        )
    check_bind(settings, "mqtt_bind")
    topics = (*FILTERS, *settings.mqtt_topics.split())
    child = EmbeddedBroker(settings.data_dir / "broker", settings.mqtt_port, settings.mqtt_bind, topics=topics)
    child.start()

    async def run() -> None:
        try:
            print(f"MQTT {child.host} port {child.port}; accounts in {settings.data_dir / 'broker'}", flush=True)
            await rounds_of(BrokerWatch(child)).run()
        finally:
            child.stop()

    asyncio.run(until_signalled(run))


def doctor(config: Config = None, data_dir: DataDir = None) -> None:
    """Say what is wrong with the set-up, where, and what to do."""
    checks = examine(config, data_dir)
    for check in checks:
        mark = "WARN" if check.is_warning else "ok  " if check.is_well else "BAD "
        is_plain = check.is_well and not check.is_warning
        print(f"{mark} {check.what}{'' if is_plain else f' → {check.remedy}'}")
    if not all(check.is_well for check in checks):
        raise typer.Exit(1)


def openapi() -> None:
    """Print the API's OpenAPI 3.1 description."""
    from app.openapi import description  # noqa: PLC0415  # builds the whole application: only when asked for

    print(msgspec.json.format(msgspec.json.encode(description(ManualClock())), indent=2).decode())


@account_app.command("grant")
def account_grant(
    name: str,
    grants: Annotated[list[str] | None, typer.Argument(help="ROLE or ROLE:AREA, e.g. village:shuren/qiaotou")] = None,
    config: Config = None,
    data_dir: DataDir = None,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="No role: it may do everything, everywhere")] = False,
) -> None:
    """Let an account have just these roles (grid, village, town, duty, auditor, privacy) in areas, or everything."""
    wanted = [_grant(text) for text in grants or ()]
    if bool(wanted) is everywhere:
        raise ConfigurationError(
            "没有写角色 no role is named" if not wanted else "--everywhere 不能与角色同用 goes with no role",
            where="the arguments",
            remedy=f"{name} village:AREA, 或 or {name} --everywhere（可做一切 it may do everything）",
        )
    truth = DataFiles(settings_of(config, data_dir).data_dir).open_truth()
    try:
        with truth.view() as unit:
            for one in wanted:
                check_area(unit, one.area, "the arguments")
        LocalAccounts(truth).grant(name, wanted, at_terminal())
    finally:
        truth.close()
    for one in wanted:
        print(f"{name}: {_granted(one)}")
    if not wanted:
        print(f"! {name}：可做一切、不限区域 may do EVERYTHING, EVERYWHERE")


def _granted(one: Grant) -> str:
    return f"{ROLE_WORDS[one.role]} in {one.area or '所有区域 ALL AREAS'}"


def _grant(text: str) -> Grant:
    role, _, area = text.partition(":")
    if role not in set(Role):
        remedy = f"use one of {', '.join(Role)}, with :AREA or for all areas"
        raise ConfigurationError(f"{text!r} is no role", where="the arguments", remedy=remedy)
    return Grant(Role(role), area.strip("/"))


@account_app.command("add")
def account_add(
    name: str,
    config: Config = None,
    data_dir: DataDir = None,
    replace: Annotated[bool, typer.Option(help="Set a new password for an account that exists")] = False,
    called: Annotated[str, typer.Option("--name", help="What forms call them, e.g. 李梅")] = "",
) -> None:
    """Add an account; the password comes from the terminal or SHOUWANG_ACCOUNT_PASSWORD, never from an argument."""
    settings = settings_of(config, data_dir)
    password = os.environ.get(PASSWORD_VARIABLE) or getpass.getpass(f"password for {name}: ")
    truth = DataFiles(settings.data_dir).open_truth()
    try:
        accounts = LocalAccounts(truth)
        accounts.create(name, password, may_replace=replace)
        if called:
            accounts.call(name, called, at_terminal())
    finally:
        truth.close()
    print(f"account {name} may log in")


@account_app.command("name")
def account_name(
    name: str,
    called: Annotated[str, typer.Argument(help="What forms call them, e.g. 李梅")],
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Say what a person is called: annex 2 and the return print it where the account would stand."""
    truth = DataFiles(settings_of(config, data_dir).data_dir).open_truth()
    try:
        LocalAccounts(truth).call(name, called, at_terminal())
    finally:
        truth.close()
    print(f"{name}  {called}")


@account_app.command("list")
def account_list(config: Config = None, data_dir: DataDir = None) -> None:
    """List who may log in, what they are called, and their roles with the areas; without any it may do everything."""
    truth = DataFiles(settings_of(config, data_dir).data_dir).open_truth()
    try:
        accounts = LocalAccounts(truth)
        called = accounts.display_names()
        for name in accounts.names():
            roles = "; ".join(_granted(one) for one in accounts.grants(name))
            words = [
                name,
                called.get(name, ""),
                roles or "! 无角色：可做一切、不限区域 no role: EVERYTHING, EVERYWHERE",
            ]
            print("  ".join(word for word in words if word))
    finally:
        truth.close()


async def until_signalled(run: Callable[[], Awaitable[None]]) -> None:
    """Run until it ends or SIGINT or SIGTERM comes; then it is cancelled and its clean-up awaited."""
    loop = asyncio.get_running_loop()
    running = asyncio.ensure_future(run())
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        print("stopped", flush=True)
