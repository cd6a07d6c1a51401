"""A registered home's own history out of the journal, taken in as the service took it in; changes nothing."""

from collections.abc import Iterable, Iterator

import msgspec

from app.evaluation.recordings import Grown, Recording, Span
from core.errors import NotFoundError
from core.events import Flag, Reading
from core.limits import LATE_AFTER_MS
from core.localtime import DAY_MS, MINUTE_MS
from core.log import HomeEntry
from core.text import Bilingual
from registry.homes import DeviceRole, Home
from store.journal import Journal

READ_ENTRIES = 2_048
"""Read at once: some milliseconds."""

DRAINS_MS = MINUTE_MS
"""So long after an outage the broker still delivers what it kept, and nothing is judged (rules: late_settle_ms)."""


def history_of(journal: Journal, home: Home, from_ms: int) -> Recording:
    """Return what the journal holds of a home from a log time on; raises NotFoundError when that is nothing.

    Readings arrive at the log time of their entry (or when they were observed: a replay's clock runs behind them), a
    device that came later joins the home with its first word, and where the service was down what it missed is taken
    in before anything is judged, as it does at a start.
    """
    readings: list[Reading] = []
    outages: list[Span] = []
    pause: Span | None = None
    for entry in _entries(journal, home, from_ms):
        if entry.log_time_ms - entry.before_ms > LATE_AFTER_MS:
            pause = Span(entry.before_ms, entry.log_time_ms + DRAINS_MS)
        if pause is not None and entry.log_time_ms < pause.until_ms and _is_backlog(entry, pause):
            outages.append(pause)
            pause = None
        readings += _arrived(entry)
    readings.sort(key=lambda reading: reading.received_at_ms)
    known = {device.id for device in home.devices}
    strangers = {reading.device_id for reading in readings} - known
    kept = [reading for reading in readings if reading.device_id in known]
    if not kept:
        raise NotFoundError(f"the journal holds nothing from home {home.id} in those days")
    first, grown = _grown(home, kept)
    return Recording(
        name=str(home.id),
        home=first,
        readings=kept,
        outages=outages,
        grown=grown,
        until_ms=max(journal.last()[1], kept[-1].received_at_ms),
        notes=[str(note) for note in _notes(len(strangers), outages)],
    )


def _entries(journal: Journal, home: Home, from_ms: int) -> Iterator[HomeEntry]:
    seq, last_seq = journal.seq_before(from_ms), journal.last()[0]
    while seq < last_seq:
        yield from journal.read_home(home.id, seq, READ_ENTRIES, pause_ms=LATE_AFTER_MS)
        seq += READ_ENTRIES


def _is_backlog(entry: HomeEntry, pause: Span) -> bool:
    """Return whether something was observed while the journal stood still: then nobody was listening."""
    return any(r.flags & Flag.LATE and pause.from_ms <= r.observed_at_ms for r in entry.readings)


def _arrived(entry: HomeEntry) -> Iterator[Reading]:
    for reading in sorted(entry.readings, key=lambda one: one.observed_at_ms):
        at_ms = max(entry.log_time_ms, reading.observed_at_ms)
        yield reading if reading.received_at_ms == at_ms else msgspec.structs.replace(reading, received_at_ms=at_ms)


def _grown(home: Home, readings: Iterable[Reading]) -> tuple[Home, list[Grown]]:
    """Return the home as it was on its first day, and as it was from each later device's first word on.

    Only a device that promises heartbeats comes later: before it was there its silence would be a fault. One that
    never spoke is there from the start, as it is for the service; a gateway speaks through the others.
    """
    first_ms: dict[str, int] = {}
    for reading in readings:
        first_ms.setdefault(reading.device_id, reading.received_at_ms)
    day_ms = min(first_ms.values(), default=0) + DAY_MS
    later = {
        device.id: first_ms[device.id]
        for device in home.devices
        if device.heartbeat_ms and device.role is not DeviceRole.GATEWAY and first_ms.get(device.id, 0) > day_ms
    }

    def known_by(at_ms: int) -> Home:
        devices = tuple(device for device in home.devices if later.get(device.id, 0) <= at_ms)
        return msgspec.structs.replace(home, devices=devices)

    return known_by(day_ms), [Grown(at_ms, known_by(at_ms)) for at_ms in sorted(set(later.values()))]


def _notes(strangers: int, outages: list[Span]) -> Iterator[Bilingual]:
    if strangers:
        yield Bilingual(
            f"登记里已没有的{strangers}个设备当时也有数据：它们的活动没有算进去",
            f"{strangers} devices that the registry no longer knows spoke then: their signs of life are left out",
        )
    if outages:
        days = sum(span.until_ms - span.from_ms for span in outages) / DAY_MS
        yield Bilingual(
            f"服务停过{len(outages)}次，共{days:.1f}天，不计入",
            f"the service was down {len(outages)} times, {days:.1f} days in all: not counted",
        )
