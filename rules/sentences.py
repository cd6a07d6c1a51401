"""One sentence of each language for every kind of finding; says what is known, never a name or an address."""

from zoneinfo import ZoneInfo

from core.localtime import HOUR_MS, MINUTE_MS, from_ms
from core.text import Bilingual
from registry.homes import Device, Home
from rules.findings import Evidence
from rules.sign_words import room_words, seen_words
from rules.state import Sign


def clock(at_ms: int, tz: ZoneInfo) -> str:
    """Return a local time as people write it, e.g. "07-13 07:21"."""
    return from_ms(at_ms, tz).strftime("%m-%d %H:%M")


def lasting(duration_ms: int) -> Bilingual:
    """Return a duration in hours and minutes."""
    hours, minutes = divmod(round(duration_ms / MINUTE_MS), HOUR_MS // MINUTE_MS)
    if not hours:
        return Bilingual(f"{minutes}分钟", f"{minutes} min")
    return Bilingual(f"{hours}小时{minutes}分", f"{hours} h {minutes:02d} min")


def device_words(device: Device) -> Bilingual:
    """Return what a device is called: its room, or its number where nobody wrote down the room."""
    room = room_words(device.room or device.id)
    return Bilingual(f"{room.zh}的设备", f"the device in {room.en}")


def device_named(device: Device) -> Bilingual:
    """Return which device it is, by its name in its home, with its room: two may hang in one room."""
    name = device.id.rpartition("/")[2]
    if not device.room or device.room == name:
        return Bilingual(name, name)
    room = room_words(device.room)
    return Bilingual(f"{name}（{room.zh}）", f"{name} ({room.en})")


def evidence_of(sign: Sign, home: Home, tz: ZoneInfo) -> Evidence:
    """Return a sign of life as evidence."""
    room = room_words(
        next((device.room for device in home.devices if device.id == sign.device_id), "") or sign.device_id
    )
    seen = seen_words(sign.metric)
    return Evidence(
        sign.at_ms,
        sign.device_id,
        sign.grade,
        Bilingual(
            f"{clock(sign.at_ms, tz)} {room.zh}：{seen.zh}（{sign.grade}级）",
            f"{clock(sign.at_ms, tz)} {room.en}: {seen.en} (grade {sign.grade})",
        ),
    )


def fact(at_ms: int, zh: str, en: str) -> Evidence:
    """Return a fact that is no sign of life, e.g. the limit that was used up."""
    return Evidence(at_ms, None, "fact", Bilingual(zh, en))
