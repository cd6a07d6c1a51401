"""Examines ports and the broker; tells this data directory's own running service from a stranger on its port."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx

from app.adapters import session_settings
from app.bind_address import check_bind
from app.broker_owner import is_owned
from app.broker_process import running_with
from app.broker_users import CONFIG_FILE, PID_FILE
from app.check import Check, bad, loose, refused, well
from app.doctor_service import announced, examine_heard
from app.files import DataFiles
from app.running import here
from app.settings import Settings
from core.errors import ConfigurationError
from core.text import Bilingual
from ingest.broker_account import SessionSettings
from ingest.wire import Wire

CONNECT_S = 3.0
OK = 200

_LEFT_BEHIND = (
    Bilingual(
        "本数据目录自己的消息服务器还在运行，而服务没有运行（服务被强行终止）",
        "our own broker runs without its service, which was killed",
    ),
    Bilingual("启动 shouwang serve，它会接管", "start shouwang serve: it takes that broker over"),
)
_ALONE = (
    Bilingual(
        "shouwang broker 单独运行着消息服务器，而服务没有运行",
        "`shouwang broker` runs the broker alone, without a service",
    ),
    Bilingual(
        "启动 shouwang serve：该命令会让出并退出，由服务接管",
        "start shouwang serve: that command stands down and ends, and the service takes over",
    ),
)


def examine_broker(settings: Settings) -> Iterator[Check]:
    """Yield what is wrong with the broker that is named, or with the embedded one's port."""
    yield from (_reached(further.session("doctor"), f"[[brokers]] {further.name}") for further in settings.brokers)
    if settings.mqtt_host:
        yield _reached(session_settings(settings, None, "doctor", ()), "mqtt_host, mqtt_port")
        return
    yield from examine_heard(settings)
    try:
        check_bind(settings, "mqtt_bind")
    except ConfigurationError as error:
        yield refused("", error)
        return
    port, left = settings.mqtt_port, _port_left_behind(settings.data_dir)
    if left is not None:
        yield loose(*(_ALONE if is_owned(settings.data_dir / "broker") else _LEFT_BEHIND))
    if port and port != left and _is_taken(settings.mqtt_bind, port):
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
    try:
        check_bind(settings, "http_host")
    except ConfigurationError as error:
        yield refused("", error)
        return
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
    told = announced(settings.data_dir)
    return None if told is None else told.mqtt_port


def _port_left_behind(data_dir: Path) -> int | None:
    """Return the MQTT port of this data's own broker where no service runs that it belongs to; None without one."""
    folder = (data_dir / "broker").resolve()
    config, pid_file = folder / CONFIG_FILE, folder / PID_FILE
    try:
        noted = pid_file.read_text().strip() if pid_file.exists() else ""
        if DataFiles(data_dir).is_locked() or not running_with(config, noted):
            return None
        return int(json.loads(config.read_bytes())["mqtt"]["port"])
    except (OSError, ValueError, KeyError):
        return None


def _answers(host: str, port: int) -> bool:
    try:
        return httpx.get(f"http://{here(host)}:{port}/healthz", timeout=CONNECT_S, trust_env=False).status_code == OK
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
