"""A device that the registration no longer lists: what it said last holds no longer, and nothing of it stays behind."""

import msgspec
import pytest
from watched_home import DOOR, GATEWAY, HALL, KITCHEN, METER, NINE, SECOND, Watched, device, metered, moved, said
from watched_home import went_out as door_moved

from core.events import Flag, Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import Device, DeviceRole
from rules.findings import FindingKind, Priority

LINK = device("gateway", DeviceRole.GATEWAY)
BACK = device("back", DeviceRole.OUTSIDE_DOOR, "yard")
NEW_DOOR = device("door2", DeviceRole.OUTSIDE_DOOR, "hall")
BEATING = device("beating", DeviceRole.INTERIOR_MOTION, "bedroom", HOUR_MS)
SMOKE = device("smoke", DeviceRole.SMOKE_GAS_CO, "kitchen")
SOS = device("sos", DeviceRole.SOS_BUTTON)
LEAK = device("leak", DeviceRole.LEAK, "bathroom")
STOVE = device("stove", DeviceRole.APPLIANCE, "kitchen")
POWER = device("power", DeviceRole.POWER_METER)
ROOM = device("room", DeviceRole.CLIMATE, "living_room")


def living(*more: Device) -> Watched:
    """A home with a door and two rooms, and what is to be removed from it."""
    return Watched(LINK, DOOR, HALL, KITCHEN, *more, start_ms=NINE - HOUR_MS).take(moved("kitchen", NINE - SECOND))


def without(home: Watched, *gone: Device, new: tuple[Device, ...] = ()) -> Watched:
    """Register the home without some devices; a moment later the rules have taken it up."""
    home.register(devices=tuple(one for one in home.home.devices if one not in gone) + new)
    return home.until(home.now_ms + SECOND)


def test_a_replaced_door_contact_that_was_open_leaves_no_open_door_behind():
    home = living(BACK).take([said("back", Metric.OPEN, True, NINE)]).until(NINE + HOUR_MS)
    assert len(home.raised(FindingKind.DOOR_LEFT_OPEN)) == 1
    (over,) = without(home, BACK, new=(NEW_DOOR,)).cleared(FindingKind.DOOR_LEFT_OPEN)
    assert "设备已移除" in over.sentence.zh
    assert "removed" in over.sentence.en
    assert not over.clears_alert  # nobody has seen the door shut
    assert home.until(NINE + 10 * DAY_MS).raised(FindingKind.SENSOR_FAULT) == []


def test_a_removed_contact_that_was_open_keeps_nobody_at_home():
    home = living(BACK).take([said("back", Metric.OPEN, True, NINE)]).until(NINE + HOUR_MS)
    without(home, BACK).take(door_moved(NINE + 2 * HOUR_MS)).until(NINE + 3 * HOUR_MS)
    assert home.engine.home_status(home.home.id).is_away


def test_a_silent_device_that_is_removed_is_no_ticket_and_degrades_the_home_no_longer():
    home = Watched(GATEWAY, DOOR, HALL, BEATING, start_ms=NINE - HOUR_MS)
    home.take([said("beating", Metric.BATTERY_PERCENT, 5.0, NINE), *moved("hall", NINE)])
    home.take([said("gateway", Metric.ONLINE, True, NINE + n * 10 * MINUTE_MS) for n in range(20)])
    assert home.engine.home_status(home.home.id).silent_devices == ("beating",)
    without(home, BEATING)
    assert {one.kind: one.clears_alert for one in home.findings if one.is_cleared} == {
        FindingKind.DEVICE_SILENT: True,
        FindingKind.BATTERY_LOW: True,
    }
    assert home.engine.home_status(home.home.id).open_kinds == ()


@pytest.mark.parametrize(
    ("alarm", "metric"),
    [(SMOKE, Metric.SMOKE), (SMOKE, Metric.GAS), (SMOKE, Metric.CO), (SOS, Metric.SOS)],
)
def test_an_alarm_whose_device_is_removed_is_not_said_to_be_over_and_its_alert_waits_for_a_human(alarm, metric):
    home = living(alarm).take([said(alarm.id, metric, True, NINE)])
    (over,) = without(home, alarm).cleared(FindingKind.EMERGENCY)
    assert not over.clears_alert
    assert "不再成立" not in over.sentence.zh
    assert "nobody knows whether it is over" in over.sentence.en


def test_a_fall_whose_radar_is_removed_is_not_said_to_be_over():
    home = living(SOS).take([said("sos", Metric.DEVICE_ALERT, "fall", NINE)])
    (over,) = without(home, SOS).cleared(FindingKind.FALL)
    assert not over.clears_alert
    assert "nobody knows whether it is over" in over.sentence.en


def test_an_alarm_that_was_about_to_be_told_is_told_though_its_device_is_removed():
    home = living(SMOKE).take([said("smoke", Metric.SMOKE, True, NINE, flags=int(Flag.REPLAY))])
    without(home, SMOKE)
    assert [one.priority for one in home.raised(FindingKind.EMERGENCY)] == [Priority.P0]
    assert len(home.cleared(FindingKind.EMERGENCY)) == 1


@pytest.mark.parametrize(
    ("gone", "told", "kind"),
    [
        (LEAK, [said("leak", Metric.WET, True, NINE)], FindingKind.WATER_RUNNING),
        (METER, metered(range(0, 1000, 8), NINE, MINUTE_MS), FindingKind.WATER_RUNNING),
        (METER, [said("water", Metric.WATER_FLOW_L_H, 600.0, NINE)], FindingKind.WATER_RUNNING),
        (METER, metered([0, 900, 1800], NINE, HOUR_MS), FindingKind.WATER_BURST),
        (STOVE, [said("stove", Metric.POWER_W, 1200.0, NINE)], FindingKind.STOVE_ON),
        (ROOM, [said("room", Metric.TEMPERATURE_C, 9.0, NINE + n * HOUR_MS) for n in range(6)], FindingKind.COLD_HOME),
        (LINK, [said("gateway", Metric.MAINS, False, NINE)], FindingKind.POWER_OUT),
    ],
)
def test_what_a_removed_device_had_found_holds_no_longer(gone, told, kind):
    home = living(*(() if gone is LINK else (gone,))).take(told).until(NINE + 6 * HOUR_MS)
    assert home.raised(kind)
    without(home, gone).until(NINE + 8 * HOUR_MS)
    assert len(home.cleared(kind)) == len(home.raised(kind))
    assert kind not in home.engine.home_status(home.home.id).open_kinds


def test_a_new_meter_in_place_of_the_old_one_is_a_witness_again():
    home = living(POWER).take([said("power", Metric.POWER_W, 100.0, NINE)])
    new = device("power2", DeviceRole.POWER_METER)
    without(home, POWER, new=(new,)).take([said("power2", Metric.POWER_W, 100.0, NINE + HOUR_MS)])
    assert home.engine.rules_of(home.home.id).state.electricity.device_id == "power2"


def test_nothing_of_a_removed_device_stays_in_the_state_but_the_signs_it_saw():
    gone = tuple(
        device(f"gone-{one.id}", one.role, one.room, one.heartbeat_ms)
        for one in (BACK, SMOKE, METER, POWER, STOVE, ROOM, LEAK, BEATING)
    )
    told = [
        said("gone-back", Metric.OPEN, True, NINE),
        said("gone-power", Metric.POWER_W, 3000.0, NINE),
        said("gone-stove", Metric.POWER_W, 3000.0, NINE),
        said("gone-beating", Metric.MOTION, True, NINE + SECOND),
        said("gone-room", Metric.TEMPERATURE_C, 9.0, NINE),
        said("gone-leak", Metric.WET, True, NINE),
        *(said("gone-water", Metric.WATER_TOTAL_L, litres, NINE + n) for n, litres in enumerate((5, 4, 9))),
    ]
    home = living(*gone).take(told).until(NINE + 5 * HOUR_MS)
    state = home.engine.rules_of(home.home.id).state
    assert {key.rpartition("gone-")[2] for key in state.open} >= {"back", "stove", "beating", "leak"}
    without(home, *gone)
    assert [key for key in state.open if "gone-" in key] == []
    left = msgspec.structs.replace(state, signs=[], open={})  # who was seen, and what it says, is history
    assert "gone-" not in msgspec.json.encode(left).decode()


def test_a_device_that_has_become_another_kind_is_known_anew():
    home = living(BACK).take([said("back", Metric.OPEN, True, NINE)]).until(NINE + HOUR_MS)
    inner = msgspec.structs.replace(BACK, role=DeviceRole.INTERIOR_DOOR)
    assert len(without(home, BACK, new=(inner,)).cleared(FindingKind.DOOR_LEFT_OPEN)) == 1


def test_a_device_removed_while_the_service_stood_is_found_out_at_its_restart():
    home = living(BACK).take([said("back", Metric.OPEN, True, NINE)]).until(NINE + HOUR_MS)
    home.home = msgspec.structs.replace(home.home, devices=tuple(one for one in home.home.devices if one != BACK))
    assert len(home.restart().until(NINE + HOUR_MS + SECOND).cleared(FindingKind.DOOR_LEFT_OPEN)) == 1


def test_devices_that_stay_are_left_alone():
    home = living(BACK).take([said("back", Metric.OPEN, True, NINE)]).until(NINE + HOUR_MS)
    without(home, new=(SMOKE,))
    assert home.cleared(FindingKind.DOOR_LEFT_OPEN) == []


def test_a_stuck_sensor_that_is_removed_before_it_was_judged_is_nobodys_fault():
    home = living(BEATING).take([said("beating", Metric.MOTION, True, NINE)])
    home.take_batch(moved("hall", NINE + 2 * HOUR_MS), NINE + 2 * HOUR_MS)  # a backlog: nothing was judged meanwhile
    home.now_ms = NINE + 2 * HOUR_MS
    without(home, BEATING)
    assert home.raised(FindingKind.SENSOR_FAULT) == []
