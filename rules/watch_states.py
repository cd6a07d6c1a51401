"""What each watch remembers of a home: one small struct a watch, plain data, a field of HomeState."""

import msgspec

from rules.water_register import WaterStep


class MainsState(msgspec.Struct):
    """Since when the gateway has run on its battery."""

    out_ms: int | None = None


class DoorState(msgspec.Struct):
    """Since when each outside door has stood open."""

    open_since_ms: dict[str, int] = {}


class EmergencyState(msgspec.Struct):
    """Signals out of an old backlog that are told when nothing newer takes them back: "metric device" -> times."""

    waiting_ms: dict[str, tuple[int, int]] = {}  # since, when it is told


class WaterState(msgspec.Struct):
    """The run of water that goes on."""

    since_ms: int | None = None
    seen_ms: int | None = None  # when it was last seen to run
    heard_ms: int | None = None  # newest reading of the meter
    drawn_l: float = 0.0  # since the first reading of the run
    every_ms: int = 0  # how often the meter reports while it runs; 0: too seldom to follow a run
    flow_l_h: float = 0.0
    not_before_ms: int = 0


class RegisterState(msgspec.Struct):
    """The last step of the water register, and what it showed before it stepped back."""

    step: WaterStep | None = None  # None: the last reading says nothing of what was used
    is_by_hand: bool = False  # the step rises above the home's base flow
    top_l: dict[str, float] = {}  # device -> litres


class AbsenceState(msgspec.Struct):
    """The absence that goes on."""

    since_ms: int | None = None


class WaterBaseState(msgspec.Struct):
    """The hours being watched and the rate that was found in them."""

    mark_ms: int | None = None
    grown_l: float = 0.0
    hours: list[float] = []  # litres per hour of the last stretches of about an hour, newest last
    base_l_h: float = 0.0
    excess_l: float = 0.0  # above twice the base, at most EXCESS_KEPT_L
