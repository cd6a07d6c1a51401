"""A service killed after it kept a message and before it said so: delivered again, the message gives nothing more."""

import json

import pytest
from device_intake import NOW_MS, Intake

from core.events import Flag
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from ingest.clocks import EVENTS_NEEDED
from ingest.stated import REDELIVERED_WITHIN_MS
from registry.devices import Adoption
from registry.homes import DeviceRole

BEHIND_MS = 10 * MINUTE_MS
EVERY_MS = 3 * MINUTE_MS
LAST_MS = NOW_MS + (EVENTS_NEEDED - 1) * EVERY_MS
AGAIN_MS = LAST_MS + MINUTE_MS


class Service:
    """An intake that can be killed: what begins after it has the same journal and nothing else."""

    def __init__(self, folder) -> None:
        self._folder = folder
        self._intake = Intake(folder)
        adoption = Adoption(address="care/h1/pir", role=DeviceRole.INTERIOR_MOTION, is_unheard=True)
        self._intake.desk.adopt("h1", adoption, "account:zhang")

    def hear(self, at_ms: int, received_at_ms: int, **what) -> None:
        self._intake.hear("care/h1/pir/event", json.dumps({"ts": at_ms} | what).encode(), at_ms=received_at_ms)

    def kill(self) -> None:
        self._intake.close()  # what it knew is gone with it; what it kept is on the disk
        self._intake = Intake(self._folder)

    def kept(self):
        return [(one.observed_at_ms, one.flags) for one in self._intake.readings()]

    def close(self) -> None:
        self._intake.close()


@pytest.fixture
def service(tmp_path):
    service = Service(tmp_path)
    yield service
    service.close()


def put_right(service) -> list[tuple[int, int]]:
    """Let a slow clock speak until it is put right; return what was kept."""
    for number in range(EVENTS_NEEDED):
        at_ms = NOW_MS + number * EVERY_MS
        service.hear(at_ms - BEHIND_MS, at_ms, motion=True, seq=number)
    assert service.kept()[-1] == (LAST_MS, Flag.SKEWED)
    return service.kept()


def test_a_reading_that_was_put_right_is_known_by_its_seq_however_often_it_comes_again(service):
    kept = put_right(service)
    service.kill()
    for later_ms in (0, MINUTE_MS, HOUR_MS):
        service.hear(LAST_MS - BEHIND_MS, AGAIN_MS + later_ms, motion=True, seq=EVENTS_NEEDED - 1)
    assert service.kept() == kept


def test_a_reading_of_a_clock_that_is_ahead_is_known_by_its_seq(service):
    service.hear(NOW_MS + DAY_MS, NOW_MS, motion=True, seq=7)
    kept = service.kept()
    service.kill()
    service.hear(NOW_MS + DAY_MS, NOW_MS + MINUTE_MS, motion=True, seq=7)
    assert service.kept() == kept == [(NOW_MS, Flag.SKEWED)]


@pytest.mark.parametrize(
    ("later_ms", "what"),
    [
        (MINUTE_MS, {"motion": True, "seq": EVENTS_NEEDED}),
        (MINUTE_MS, {"presence": True, "seq": EVENTS_NEEDED - 1}),
        (MINUTE_MS, {"motion": True}),
        (REDELIVERED_WITHIN_MS + 1, {"motion": True, "seq": EVENTS_NEEDED - 1}),
    ],
    ids=["another seq", "another metric", "no seq", "after a redelivery's time"],
)
def test_what_may_be_another_event_is_kept(service, later_ms, what):
    kept = put_right(service)
    service.kill()
    service.hear(LAST_MS + later_ms - BEHIND_MS, LAST_MS + later_ms, **what)
    assert service.kept() == [*kept, (LAST_MS + later_ms - BEHIND_MS, Flag.LATE)]


def test_of_a_sensor_that_never_counts_a_restart_takes_one_event_for_a_copy_and_hears_the_next(service):
    for number in range(EVENTS_NEEDED):
        at_ms = NOW_MS + number * EVERY_MS
        service.hear(at_ms - BEHIND_MS, at_ms, motion=True, seq=1)
    kept = service.kept()
    service.kill()
    for later_ms in (MINUTE_MS, 2 * MINUTE_MS):
        service.hear(LAST_MS + later_ms - BEHIND_MS, LAST_MS + later_ms, motion=True, seq=1)
    assert service.kept()[len(kept) :] == [(LAST_MS + 2 * MINUTE_MS - BEHIND_MS, Flag.LATE)]


def test_a_button_whose_clock_stands_still_is_heard_after_a_restart_as_before(service):
    for number in range(3):
        service.hear(0, NOW_MS + number * MINUTE_MS, sos=True, seq=1)
        service.kill()
    assert service.kept() == [(NOW_MS + number * MINUTE_MS, Flag.SKEWED) for number in range(3)]


def test_a_slow_button_that_counts_from_one_at_each_boot_is_heard_after_a_restart(service):
    put_right(service)
    service.hear(AGAIN_MS - BEHIND_MS, AGAIN_MS, sos=True, seq=1)
    service.kill()
    service.hear(AGAIN_MS + MINUTE_MS - BEHIND_MS, AGAIN_MS + MINUTE_MS, sos=True, seq=1)
    assert service.kept()[-1] == (AGAIN_MS + MINUTE_MS - BEHIND_MS, Flag.LATE)


def test_a_buffered_press_is_a_copy_for_a_redelivery_s_time_and_then_heard(service):
    pressed_ms = NOW_MS - 2 * HOUR_MS
    service.hear(pressed_ms, NOW_MS, sos=True, seq=1)
    service.kill()
    service.hear(pressed_ms, NOW_MS + MINUTE_MS, sos=True, seq=1)
    assert service.kept() == [(pressed_ms, Flag.LATE)]
    service.kill()
    service.hear(pressed_ms, NOW_MS + HOUR_MS, sos=True, seq=1)
    assert service.kept() == [(pressed_ms, Flag.LATE), (NOW_MS + HOUR_MS, Flag.SKEWED)]


def test_a_press_in_time_is_a_copy_for_a_redelivery_s_time_and_then_heard_also_after_a_kill(service):
    service.hear(NOW_MS, NOW_MS, sos=True, seq=1)
    service.kill()
    service.hear(NOW_MS, NOW_MS + MINUTE_MS, sos=True, seq=1)
    assert service.kept() == [(NOW_MS, 0)]
    service.kill()
    service.hear(NOW_MS, NOW_MS + HOUR_MS, sos=True, seq=1)
    assert service.kept() == [(NOW_MS, 0), (NOW_MS + HOUR_MS, Flag.SKEWED)]


def test_the_end_of_an_alarm_that_states_its_time_and_seq_is_heard_after_a_kill(service):
    service.hear(NOW_MS, NOW_MS, smoke=True, seq=1)
    service.kill()
    service.hear(NOW_MS, NOW_MS + MINUTE_MS, smoke=False, seq=1)
    assert service.kept() == [(NOW_MS, 0), (NOW_MS, 0)]


def test_an_end_is_heard_after_a_kill_though_it_has_the_seq_of_the_one_before_it(service):
    for later_min, value in enumerate((True, False, True)):
        service.hear(NOW_MS + DAY_MS, NOW_MS + later_min * MINUTE_MS, smoke=value, seq=1)
    service.kill()
    service.hear(NOW_MS + 3 * MINUTE_MS, NOW_MS + 3 * MINUTE_MS, smoke=False, seq=1)
    assert len(service.kept()) == 4


def test_the_end_of_an_alarm_by_a_clock_that_froze_is_heard_also_after_a_kill(service):
    for later_min, value in ((0, True), (1, False), (60, True)):
        service.hear(NOW_MS, NOW_MS + later_min * MINUTE_MS, smoke=value)
    service.kill()
    service.hear(NOW_MS, NOW_MS + 62 * MINUTE_MS, smoke=False)
    assert len(service.kept()) == 4
