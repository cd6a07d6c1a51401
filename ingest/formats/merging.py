"""Several sensors of one kind in one device: what they say together for the device; never two values for one thing."""

from collections.abc import Iterable

from ingest.raw import PHYSICAL_RANGES, RawReading


def one_for_each(readings: Iterable[RawReading]) -> tuple[RawReading, ...]:
    """Return readings of which at most one speaks for a device and metric.

    A truth holds for the device when any of its sensors states it. Of two numbers the first speaks for the device;
    the other is kept for whoever registered that part alone.
    """
    kept: dict[tuple[str, str, str], RawReading] = {}
    for one in readings:
        key = (one.address, one.metric.value, "" if one.is_main else one.part)
        other = kept.get(key)
        if other is None or (one.metric not in PHYSICAL_RANGES and one.value is True):
            kept[key] = one
        elif one.part and one.part != other.part:
            kept[one.address, one.metric.value, one.part] = RawReading(
                address=one.address,
                metric=one.metric,
                value=one.value,
                observed_at_ms=one.observed_at_ms,
                seq=one.seq,
                is_replay=one.is_replay,
                part=one.part,
                is_main=False,
            )
    return tuple(kept.values())
