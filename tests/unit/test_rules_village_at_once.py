"""Homes that go dark in one moment: what each says of it is explained by the incident, the first home's too."""

from rules_walk import at
from watched_home import said

from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import Device, DeviceRole, Home
from rules.engine import Engine
from rules.findings import FindingKind

NINE = at("2024-03-05T09:00")
NAMES = ("h1", "h2", "h3", "h4")


def test_what_homes_say_that_go_dark_in_one_moment_names_the_incident_from_the_first_one_on():
    engine = Engine()
    readings: list[Reading] = []
    for name in NAMES:
        home_id, gateway = HomeId(name), DeviceId(f"gateway-{name}")
        device = Device(
            id=gateway,
            home_id=home_id,
            address=f"care/{name}/gateway",
            role=DeviceRole.GATEWAY,
            heartbeat_ms=10 * MINUTE_MS,
        )
        engine.set_home(Home(id=home_id, person_id=None, area="town/village", devices=(device,)))
        alive = said(gateway, Metric.ONLINE, True, NINE)
        readings.append(Reading(home_id, gateway, alive.metric, alive.value, NINE, NINE))
    engine.on_readings(NINE, readings)
    found = engine.on_time(NINE + HOUR_MS)
    assert [one.kind for one in found].count(FindingKind.INFRASTRUCTURE) == 1
    silent = [one for one in found if one.kind is FindingKind.DEVICE_SILENT]
    assert len(silent) == len(NAMES)
    assert all(one.held_by is not None for one in silent)
