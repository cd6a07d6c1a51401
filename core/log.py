"""The log of readings as its readers see it: entries in order, and messages that could not be read."""

from enum import StrEnum

import msgspec

from core.events import Reading


class LogEntry(msgspec.Struct, frozen=True):
    """One durable group commit, or a tick that only moves log time. `log_time_ms` never goes back."""

    seq: int
    log_time_ms: int
    readings: tuple[Reading, ...] = ()
    is_tick: bool = False
    is_deaf: bool = (
        False  # a tick of a service that hears nothing: no silence is judged from here to the next other one
    )


class HomeEntry(msgspec.Struct, frozen=True):
    """What an entry holds of one home, perhaps nothing, and when the journal was last written before it."""

    seq: int
    log_time_ms: int
    readings: tuple[Reading, ...]
    before_ms: int  # log time of the entry before, whoever's it was; its own for the first entry
    is_tick: bool = False
    is_deaf: bool = False


class ParkReason(StrEnum):
    """Why a message was parked instead of becoming readings."""

    UNDECODABLE = "undecodable"  # not JSON, wrong encoding, not an object
    UNKNOWN_TOPIC = "unknown_topic"  # no convention we speak
    UNKNOWN_DEVICE = "unknown_device"  # nobody registered it
    REJECTED_DEVICE = "rejected_device"  # somebody said that it is none of ours: counted, and not shown
    UNKNOWN_UNIT = "unknown_unit"  # a meter whose unit nobody stated; never guessed from magnitude
    UNKNOWN_MEANING = "unknown_meaning"  # a switch, slot or property of which nobody stated what it stands for
    ABSURD_VALUE = "absurd_value"  # out of physical range, NaN, wrong type
    ABSURD_TIME = "absurd_time"  # a device clock that was reset, in a message that speaks of no alarm
    TOO_LARGE = "too_large"


class UnknownPart(msgspec.Struct, frozen=True):
    """A device, or one sensor in it, that a message spoke of and nobody registered; and what it said."""

    address: str
    part: str = ""
    metrics: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()  # those of its metrics that sounded


class ParkedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that could not be read, kept whole with its reason until somebody looks."""

    received_at_ms: int
    topic: str
    payload: bytes
    reason: ParkReason
    detail: str
    retain: bool = False
    id: int = 0  # given by the journal
    unknown: tuple[UnknownPart, ...] = ()  # what kept an unknown or rejected device's message from being read


class Reread(msgspec.Struct, frozen=True, kw_only=True):
    """What reading a parked message again came to; committed with its readings, so that it happens once."""

    parked_id: int
    settled: tuple[UnknownPart, ...] = ()  # parts whose readings stand in this entry
    still: ParkedMessage | None = None  # why the rest stays parked; None: nothing is left of it
