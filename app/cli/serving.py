"""Commands that run the service or need all of it: serve, broker, openapi."""

import asyncio
from typing import Annotated

import msgspec
import typer

from app.adapters import embedded_broker
from app.bind_address import check_bind
from app.broker import EmbeddedBroker
from app.broker_watch import BrokerWatch, rounds_of, started, until_wanted
from app.cli.options import Config, DataDir, settings_of
from app.cli.signals import until_signalled
from app.doctor import standing_troubles
from app.files import DataFiles
from app.service import Service
from core.clock import ManualClock
from core.errors import ConfigurationError

NOBODY_IS_RUNG = (
    "! live_calls = false：不会拨打任何电话、不发任何短信，报警仅显示在值班台，请人工拨打 · "
    "nobody is rung and nothing is sent: alerts are shown on the duty board only, to be rung by hand"
)

STANDS_DOWN = (
    "服务已启动并接管消息服务器，本命令退出 · a service has started and takes the broker over: this command stands down"
)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(serve)
    app.command()(broker)
    app.command()(openapi)


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
    """Run the embedded broker alone, until Ctrl-C, SIGTERM or a service that takes it over."""
    settings = settings_of(config, data_dir)
    if not settings.mqtt_host and DataFiles(settings.data_dir).is_locked():
        raise ConfigurationError(
            "服务正在运行，会自行保持其消息服务器运行 the service runs here, and keeps its own broker running",
            where=str(settings.data_dir),
            remedy="无需另行启动，详见服务日志 start none beside it: its log says what became of that one",
        )
    check_bind(settings, "mqtt_bind")
    child = embedded_broker(settings)  # with the rights that the town gives it, not with others of its own
    asyncio.run(until_signalled(lambda: _keep_until_wanted(child)))


async def _keep_until_wanted(child: EmbeddedBroker) -> None:
    keeping = asyncio.ensure_future(_keep(child))
    wanted = asyncio.ensure_future(until_wanted(child))
    try:
        await asyncio.wait({keeping, wanted}, return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():
            await keeping  # it ends by a refusal only
        print(STANDS_DOWN, flush=True)
    finally:
        child.stop()
        for one in (keeping, wanted):
            one.cancel()


async def _keep(child: EmbeddedBroker) -> None:
    await started(child)
    print(f"MQTT {child.host} port {child.port}; accounts in {child.log_file.parent}", flush=True)
    await rounds_of(BrokerWatch(child)).run()


def openapi() -> None:
    """Print the API's OpenAPI 3.1 description."""
    from app.openapi import description  # noqa: PLC0415  # builds the whole application: only when asked for

    print(msgspec.json.format(msgspec.json.encode(description(ManualClock())), indent=2).decode())
