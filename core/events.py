"""A reading: one value that one device in one home observed, and what ingest knows of its honesty."""

from enum import IntFlag, StrEnum

import msgspec

from core.ids import DeviceId, HomeId


class Metric(StrEnum):
    """What was observed; the unit is part of the meaning (spec: payload conventions)."""

    OPEN = "open"  # bool, True = the door stands open
    MOTION = "motion"  # bool
    PRESENCE = "presence"  # bool, mmWave
    WET = "wet"  # bool, leak
    SMOKE = "smoke"  # bool
    GAS = "gas"  # bool
    CO = "co"  # bool
    SOS = "sos"  # bool, a pressed button
    TAMPER = "tamper"  # bool
    WATER_TOTAL_L = "water_total"  # float, litres, a register that grows
    WATER_FLOW_L_H = "water_flow"  # float, litres per hour
    POWER_W = "power"  # float, watts
    ENERGY_TOTAL_WH = "energy_total"  # float, watt-hours, a register that grows
    MAINS = "mains"  # bool, False = the gateway runs on its battery
    TEMPERATURE_C = "temperature"  # float, degrees Celsius
    BATTERY_PERCENT = "battery"  # float
    BATTERY_LOW = "battery_low"  # bool
    ONLINE = "online"  # bool, a heartbeat or a last will; never a sign of life
    BRIDGE_ONLINE = "bridge_online"  # bool, a gateway bridge's own last will
    DEVICE_ALERT = "device_alert"  # text, the alerts that a device itself raises, by name; "" = none any more
    REMOVED = "removed"  # bool, True = its bridge no longer knows the device: nobody will hear it any more


LIVENESS_METRICS = frozenset({Metric.ONLINE, Metric.BRIDGE_ONLINE})
"""Metrics that say a device can be heard; kept apart from measurements in the time-series store."""


TEXT_METRICS = frozenset({Metric.DEVICE_ALERT})
"""Metrics whose value is a text."""


ALARM_METRICS = frozenset({Metric.SOS, Metric.SMOKE, Metric.GAS, Metric.CO, Metric.WET, Metric.DEVICE_ALERT})
"""Metrics that page at once when they sound: one told twice is far better than one lost."""


TIMELESS_METRICS = ALARM_METRICS | LIVENESS_METRICS | {Metric.BATTERY_PERCENT, Metric.BATTERY_LOW, Metric.TAMPER}
"""Metrics that are worth hearing also from a clock that was reset: alarms, and what a device says of itself."""


class Flag(IntFlag):
    """What ingest noticed about a reading; rules decide what it means."""

    NONE = 0
    REPLAY = 1  # retained or cached state sent again: state only, never a sign of life
    LATE = 2  # observed more than LATE_AFTER_MS before it arrived (a buffered backlog)
    SKEWED = 4  # a clock more than MAX_SKEW_MS ahead, or reset: arrival time is used; or one behind: it is put right
    NO_DEVICE_TIME = 8  # the device gave no time: arrival time is used
    REREAD = 16  # out of a message that had been parked: of the past, whatever its device's clock says
    UNDATED = 32  # of a reset clock, kept for the record at its arrival: perhaps years old, no rule hears it


Value = bool | float | str


class Reading(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One observation. `observed_at_ms` is event time, `received_at_ms` is log time at arrival; both UTC ms."""

    home_id: HomeId
    device_id: DeviceId
    metric: Metric
    value: bool | float | str
    observed_at_ms: int
    received_at_ms: int
    seq: int | None = None
    flags: int = 0

    @property
    def key(self) -> tuple[str, str, int, int]:
        """What makes it the same reading when it is delivered again: (device, metric, time, seq or -1)."""
        return (self.device_id, self.metric, self.observed_at_ms, -1 if self.seq is None else self.seq)


def says_gone(reading: Reading) -> bool:
    """Return whether a reading says that its device cannot be heard: a last will, or its bridge knows it no more."""
    if reading.metric is Metric.REMOVED:
        return reading.value is True
    return reading.metric in LIVENESS_METRICS and reading.value is not True
