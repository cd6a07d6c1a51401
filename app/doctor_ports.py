"""Examines ports and the broker; tells this data directory's own running service from a stranger on its port."""

import socket
from collections.abc import Iterator

import httpx
import msgspec

from app.adapters import session_settings
from app.check import Check, bad, well
from app.files import DataFiles
from app.running import running_service
from app.settings import Settings
from core.errors import ConfigurationError
from core.text import Bilingual
from ingest.broker_account import SessionSettings
from ingest.wire import Wire

CONNECT_S = 3.0
OK = 200


def examine_broker(settings: Settings) -> Iterator[Check]:
    """Yield what is wrong with the broker that is named, or with the embedded one's port."""
    yield from (_reached(further.session("doctor"), f"[[brokers]] {further.name}") for further in settings.brokers)
    if settings.mqtt_host:
        yield _reached(session_settings(settings, None, "doctor", ()), "mqtt_host, mqtt_port")
    elif settings.mqtt_port and _is_taken(settings.mqtt_bind, settings.mqtt_port):
        port = settings.mqtt_port
        yield (
            _own("mqtt_port", port)
            if _own_mqtt_port(settings) == port
            else _foreign(
                "mqtt_port",
                port,
                Bilingual(
                    "停掉占用端口的服务，或用 mqtt_host 指定它，或改 mqtt_port",
                    "stop the other broker, name it as mqtt_host, or set mqtt_port",
                ),
            )
        )


def examine_console_port(settings: Settings) -> Iterator[Check]:
    """Yield what is wrong with the console's port."""
    port = settings.http_port
    if port and _is_taken(settings.http_host, port):
        is_own = DataFiles(settings.data_dir).is_locked() and _answers(settings.http_host, port)
        yield (
            _own("http_port", port)
            if is_own
            else _foreign(
                "http_port",
                port,
                Bilingual("停掉占用端口的程序，或改 http_port", "stop what uses it, or set http_port"),
            )
        )


def _own(setting: str, port: int) -> Check:
    return well(f"{setting} {port} 由正在运行的本服务使用", f"{setting} {port} is held by this service, which runs")


def _foreign(setting: str, port: int, remedy: Bilingual) -> Check:
    return bad(Bilingual(f"{setting} {port} 被别的程序占用", f"{setting} {port} is in use by something else"), remedy)


def _own_mqtt_port(settings: Settings) -> int | None:
    if not DataFiles(settings.data_dir).is_locked():
        return None
    try:
        return running_service(settings.data_dir).mqtt_port
    except (ConfigurationError, msgspec.MsgspecError, OSError):
        return None


def _answers(host: str, port: int) -> bool:
    there = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host
    try:
        return httpx.get(f"http://{there}:{port}/healthz", timeout=CONNECT_S, trust_env=False).status_code == OK
    except httpx.HTTPError:
        return False


def _reached(broker: SessionSettings, named: str) -> Check:
    where = f"{broker.host}:{broker.port}"
    try:
        Wire(broker.host, broker.port, broker.tls_context()).close()
    except ConfigurationError as error:
        return bad(
            Bilingual(f"消息服务器 {where} 的证书不能用（{error.what}）", f"{error.where}: {error.what}"),
            Bilingual("更正证书文件的路径与权限", error.remedy),
        )
    except OSError as error:
        return bad(
            Bilingual(f"连接不上消息服务器 {where}（{error}）", f"broker {where}: {error}"),
            Bilingual(f"更正 {named}，或启动它", f"correct {named}, or start the broker"),
        )
    over = " over TLS" if broker.tls else ""
    return well(f"消息服务器 {where} 有应答{'（TLS）' if broker.tls else ''}", f"broker {where} answers{over}")


def _is_taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
