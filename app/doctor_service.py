"""Asks the service that runs on this data whether it can do its work: that it runs is not yet that it hears."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec

from app.check import Check, bad, loose, well
from app.files import DataFiles
from app.running import RunningService, here, running_service
from app.settings import Settings
from core.errors import ConfigurationError
from core.text import Bilingual

ANSWER_S = 5.0
"""It answers within milliseconds, on a starved machine within seconds; longer an operator does not wait."""

_RUNS = ("服务正在运行", "the service runs on this data")
_TABLE = Bilingual(
    "按 docs/operations.md“When something is wrong”一节逐条处理",
    'docs/operations.md, "When something is wrong", has a line for each',
)


class Readiness(msgspec.Struct, frozen=True):
    """What /readyz answers."""

    is_ready: bool
    problems: list[str]


def examine_service(settings: Settings) -> Iterator[Check]:
    """Yield whether the service runs on this data and can do its work; nothing before there is any data."""
    files = DataFiles(settings.data_dir)
    if files.is_locked():
        yield _told(announced(settings.data_dir))
    elif files.truth.exists():
        yield loose(
            Bilingual("服务没有运行，此刻无人守望", "the service does not run: nobody is watched over now"),
            Bilingual("启动 shouwang serve", "start it: shouwang serve"),
        )


def examine_heard(settings: Settings) -> Iterator[Check]:
    """Yield that nothing listens where the running service's own broker should be."""
    told = announced(settings.data_dir) if not settings.mqtt_host and DataFiles(settings.data_dir).is_locked() else None
    if told is None or settings.mqtt_port not in {0, told.mqtt_port} or _listens(told.mqtt_host, told.mqtt_port):
        return
    yield bad(
        Bilingual(
            f"mqtt_port {told.mqtt_port} 无人监听，而服务正在运行：收不到任何设备",
            f"mqtt_port {told.mqtt_port}: nothing listens there although the service runs: no device is heard",
        ),
        Bilingual(
            "服务会自动重启它；若一分钟后仍如此，见服务日志与 broker/nats-server.log",
            "the service starts it again by itself; if not within a minute, see its log and broker/nats-server.log",
        ),
    )


def announced(data_dir: Path) -> RunningService | None:
    """Return what the last service on this data told of itself; None: nothing that can be read."""
    try:
        return running_service(data_dir)
    except (ConfigurationError, msgspec.MsgspecError, OSError):
        return None


def _told(told: RunningService | None) -> Check:
    zh, en = _RUNS
    if told is None:
        starting = Bilingual(f"{zh}，尚未说明地址", f"{en} and has not said where it answers: it is starting")
        return loose(starting, Bilingual("稍后再查", "look again in a minute"))
    url = told.local_url or told.base_url
    found = _readiness(url)
    if found is None:
        silent = Bilingual(f"{zh}，但 {url}/readyz 没有应答", f"{en}, but {url}/readyz does not answer")
        return bad(
            silent,
            Bilingual(
                "刚启动时在重放日志，稍后再查；仍无应答则查看服务日志并重启",
                "at its start it replays the journal: look again in a minute, then at its log, and restart it",
            ),
        )
    if found.is_ready:
        return well(zh, en)
    why = "; ".join(found.problems)
    return bad(Bilingual(f"{zh}，但不能正常工作（{why}）", f"{en} and cannot do its work: {why}"), _TABLE)


def _readiness(url: str) -> Readiness | None:
    try:
        answer = httpx.get(f"{url}/readyz", timeout=ANSWER_S, trust_env=False)
        return msgspec.json.decode(answer.content, type=Readiness)
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError):
        return None


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((here(host), port), timeout=ANSWER_S).close()
    except OSError:
        return False
    return True
