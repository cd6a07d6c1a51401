"""What cannot be seen in a home with these devices, in words for its page; claims nothing that is seen."""

from collections.abc import Iterator

from core.localtime import HOUR_MS
from core.text import Bilingual
from registry.homes import Device, DeviceRole, Home
from rules.inactivity import meters_of, sees_only_meters
from rules.parameters import RuleParameters
from rules.rooms import MOTION_ROLES, is_kitchen
from rules.seeing import sees_only_doors, sight_of
from rules.state import HomeState

METER_SILENCE_H = 13
"""Mean delay of a water meter alone at one false call in two months, on homes of one person (spec A2)."""

WITNESSES_FOR_CROSS_CHECK = 3


def blind_spots(
    home: Home, parameters: RuleParameters | None = None, state: HomeState | None = None
) -> tuple[Bilingual, ...]:
    """Return one sentence for each thing that the rules cannot see in this home; empty when they see what they can.

    `state` tells where a pet reaches every motion sensor: the home is then what its other devices show.
    """
    sight = home if state is None else sight_of(home, state)
    spots = tuple(_spots(sight, parameters or RuleParameters(), is_reached=sight is not home))
    return spots if sight is home else (_REACHED, *spots)


_REACHED = Bilingual(
    "宠物等触动了所有活动传感器：屋内走动看不出是人是宠物，只能靠大门、水表、电表判断。",
    "A pet reaches every motion sensor: who moves inside cannot be told from it. Only the door and the meters speak.",
)


def _spots(home: Home, parameters: RuleParameters, *, is_reached: bool) -> Iterator[Bilingual]:
    roles = {device.role for device in home.devices}
    if not _living(home.devices):
        yield Bilingual(
            "没有任何能显示生活迹象的设备：长时间无活动不会被发现。",
            "No device shows signs of life here: a silence will not be noticed.",
        )
        yield from _hearing(home)
        return
    yield from _meters(meters_of(home) if is_reached else home, roles, parameters)
    yield from _doors(home, roles, parameters)
    if not is_reached:
        yield from _rooms(home, roles)
    yield from _hearing(home)


def _meters(home: Home, roles: set[DeviceRole], parameters: RuleParameters) -> Iterator[Bilingual]:
    if not sees_only_meters(home):
        return
    cap_h = parameters.inactivity_cap_meter_ms // HOUR_MS
    if DeviceRole.WATER_METER in roles and DeviceRole.POWER_METER in roles:
        what = Bilingual("只有水表和电表", "Only a water and an electricity meter")
    elif DeviceRole.WATER_METER in roles:
        what = Bilingual("只有水表", "Only a water meter")
    else:
        what = Bilingual("只有电表", "Only an electricity meter")
    yield Bilingual(
        f"{what.zh}：看不到是否有人走动；异常通常约{METER_SILENCE_H}小时后才能发现，最迟{cap_h}小时，夜间更慢。",
        f"{what.en}: whether anybody moves cannot be seen. A silence is noticed after about {METER_SILENCE_H} hours, "
        f"after {cap_h} at the latest, and more slowly at night.",
    )
    if DeviceRole.WATER_METER in roles:
        yield Bilingual(
            "水箱自动补水等一再重复的等量用水，头几次会被当作有人用水；此后最迟一天报警。",
            "Water that runs by itself, over and over the same (a cistern that refills), passes for somebody the first "
            "times; then it rings after a day at the latest.",
        )
    if DeviceRole.POWER_METER in roles:
        yield Bilingual(
            "自动启停的电器（热水器、空调等）可能被当作有人活动，定时的会被逐渐排除。",
            "Appliances that switch by themselves (water heater, air conditioner) may pass for somebody; "
            "those on a timer are learned out.",
        )


def _doors(home: Home, roles: set[DeviceRole], parameters: RuleParameters) -> Iterator[Bilingual]:
    if sees_only_doors(home):
        least_h, most_h = parameters.no_door_ms // HOUR_MS, parameters.no_door_cap_ms // HOUR_MS
        yield Bilingual(
            f"只有大门传感器：分不清外出与在家无动静，只有大门久未开（{least_h}至{most_h}小时，依个人习惯）才会报警。",
            f"Only the front door is seen: out cannot be told from silent. What rings is a door that stays shut for "
            f"{least_h} to {most_h} hours, by this person's habits.",
        )
    if DeviceRole.OUTSIDE_DOOR in roles:
        return
    if DeviceRole.OUTSIDE_DOOR_MOTION in roles:
        yield Bilingual(
            "大门没有门磁，由门口的活动传感器代替：可能漏记外出，也看不到门是否开着、是否进门后跌倒。",
            "No contact on the front door, a motion sensor stands in: an outing may be missed, and neither an open "
            "door nor a fall on coming in can be seen.",
        )
        return
    yield Bilingual(
        "没有大门传感器：无法区分外出与在家无动静，外出时可能误报，走失也看不到。",
        "No sensor on the front door: out cannot be told from silent. An outing may ring; getting lost is not seen.",
    )


def _rooms(home: Home, roles: set[DeviceRole]) -> Iterator[Bilingual]:
    if not roles & MOTION_ROLES:
        if not sees_only_meters(home):
            yield Bilingual(
                "没有活动传感器：屋内走动和跌倒都看不到。",
                "No motion sensor: neither movement nor a fall inside is seen.",
            )
        return
    if DeviceRole.BATHROOM_MOTION not in roles:
        yield Bilingual(
            "卫生间没有传感器：在卫生间久留不会单独报警。",
            "No sensor in the bathroom: a long stay there raises no alarm of its own.",
        )
    if not any(is_kitchen(device) for device in home.devices if device.role in MOTION_ROLES):
        yield Bilingual(
            "厨房没有活动传感器：忘关灶具看不到。", "No motion sensor in the kitchen: a stove left on is not seen."
        )
    if sum(device.role in MOTION_ROLES for device in home.devices) < WITNESSES_FOR_CROSS_CHECK:
        yield Bilingual(
            "传感器太少，无法相互核对：失灵但仍在线的传感器不易被发现。",
            "Too few sensors to check each other: one that is alive but blind is hardly found out.",
        )


def _hearing(home: Home) -> Iterator[Bilingual]:
    if any(device.heartbeat_ms for device in home.devices):
        return
    if any(device.role is DeviceRole.GATEWAY for device in home.devices):
        yield Bilingual(
            "设备不发送心跳：只有网关自己报告离线时，才知道看不到家中情况。",
            "No heartbeats: that the home cannot be seen is known only when the gateway itself says that it is gone.",
        )
        return
    yield Bilingual(
        "设备不发送心跳：无法区分设备失联与无人活动，这样的日子不能计为远程监测。",
        "No heartbeats: blind cannot be told from silent, and no day counts as monitored from afar.",
    )


def _living(devices: tuple[Device, ...]) -> bool:
    silent = {DeviceRole.GATEWAY, DeviceRole.CLIMATE, DeviceRole.LEAK, DeviceRole.SMOKE_GAS_CO, DeviceRole.SOS_BUTTON}
    return any(device.role not in silent for device in devices)
