"""When each home last showed life, as a sheet says it; asked of the engine on the engine's own thread."""

from collections.abc import Mapping
from concurrent.futures import Executor
from zoneinfo import ZoneInfo

from app.paper.sheets import LastSigns
from core.errors import NotFoundError
from core.ids import HomeId
from core.localtime import from_ms, zone
from registry.homes import Home
from rules.engine import Engine
from rules.home_status import HomeStatus
from store.truth.database import Truth


def last_signs(truth: Truth, engine: Engine, executor: Executor, zone_name: str) -> LastSigns:
    """Return a question that may be asked from any thread but the engine's."""
    local = zone(zone_name)

    def ask() -> Mapping[HomeId, str]:
        with truth.view() as unit:
            homes = unit.people.homes()
        return executor.submit(_signs, engine, homes, local).result()

    return ask


def _signs(engine: Engine, homes: list[Home], local: ZoneInfo) -> Mapping[HomeId, str]:
    found: dict[HomeId, str] = {}
    for home in homes:
        try:
            found[home.id] = _words(home, engine.home_status(home.id), local)
        except NotFoundError:  # registered, and nothing received yet
            continue
    return found


def _words(home: Home, status: HomeStatus, local: ZoneInfo) -> str:
    sign = "从未"
    if status.last_sign_at_ms is not None:
        rooms = {device.id: device.room for device in home.devices}
        where = rooms.get(status.last_sign_device, "") if status.last_sign_device else ""
        sign = " ".join(part for part in (f"{from_ms(status.last_sign_at_ms, local):%m-%d %H:%M}", where) if part)
    if status.blind_since_ms is not None:
        return f"{sign}；{from_ms(status.blind_since_ms, local):%m-%d %H:%M} 起看不到"
    if status.away_since_ms is not None:
        return f"{sign}；{from_ms(status.away_since_ms, local):%m-%d %H:%M} 起外出"
    return sign
